// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/base/uniquefd.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bottega {

struct ScalarValue
{
    std::string_view tag;
    double value = 0;
};

/// Appends scalars to one standard TensorBoard event file, opened exclusively: one file per attempt, writer, process.
/// A record is acknowledged when the call returned (it then survives the death of any process) and synced to disk at
/// most a second later. After a failed write or sync the writer goes on in a new file, whose records repeat what was
/// not yet synced under the same sequence numbers. Not thread safe. Must be made after any fork.
class EventWriter
{
public:
    /// Makes `events.out.tfevents.<seconds>.<host>.<pid>.a<attempt>.<writer>[.<n>]` in `folder`.
    [[nodiscard]] static Result<EventWriter> create(const std::filesystem::path &folder, int attempt,
                                                    std::string_view writer);
    EventWriter(EventWriter &&) noexcept;
    EventWriter &operator=(EventWriter &&) noexcept;
    ~EventWriter(); // syncs; an error then is lost: call sync() first to hear of it

    /// One record with all `values`, at `step` and wall time now. Each value gets the next sequence number.
    [[nodiscard]] Result<void> append(std::int64_t step, const std::vector<ScalarValue> &values);
    [[nodiscard]] Result<void> sync();

private:
    struct State;
    explicit EventWriter(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace bottega
