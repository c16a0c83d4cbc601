// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/base/uniquefd.h"

#include <filesystem>

namespace bottega {

/// Keeps other processes out for the moment that a read, a change and a write take. An advisory lock on a file of its own,
/// gone with the process that holds it. Waits at most 10 s, then says who is in the way; file systems that know no locks
/// are gone on without.
class FileLock
{
public:
    enum class Kind { Shared, Exclusive };
    [[nodiscard]] static Result<FileLock> take(const std::filesystem::path &path, Kind kind = Kind::Exclusive);

private:
    explicit FileLock(UniqueFd fd) : m_fd(std::move(fd)) {}
    UniqueFd m_fd;
};

} // namespace bottega
