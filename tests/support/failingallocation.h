// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace bottega::test {

/// While it lives, the `number`-th operator new of this thread throws std::bad_alloc; others do not. One at a time. A
/// program that uses it gets operator new replaced.
class FailingAllocation
{
public:
    explicit FailingAllocation(int number);
    ~FailingAllocation();
    FailingAllocation(const FailingAllocation &) = delete;
    FailingAllocation &operator=(const FailingAllocation &) = delete;

    [[nodiscard]] bool hasFailed() const;
    /// Ends it; bytes allocated meanwhile and not freed yet.
    std::int64_t stop();
};

} // namespace bottega::test
