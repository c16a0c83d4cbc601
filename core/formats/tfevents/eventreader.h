// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/base/uniquefd.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

namespace bottega {

/// One point as it stands in a file. `value` is the exact double where the writer kept it, else the float32.
struct ScalarPoint
{
    std::uint32_t tag = 0;      // index into EventReader::tags()
    std::int64_t step = 0;
    double wallTime = 0;        // seconds since 1970
    double value = 0;
    std::uint64_t sequence = 0; // 0: written by somebody else, without one
};

/// Reads the scalars of one event file as it grows, by byte offset: only new bytes are read. A short tail means wait; a
/// record with a wrong CRC or length is lost and counted, and reading goes on at the next sound record. Scalars are
/// `simple_value` and rank-0 float/double tensors of the scalar plug-in; all else is skipped. Not thread safe.
class EventReader
{
public:
    explicit EventReader(std::filesystem::path path);

    /// Appends the points that came since the last call, at most `maximumBytes` of file a call. True: more is there.
    [[nodiscard]] Result<bool> read(std::vector<ScalarPoint> &points, std::uint64_t maximumBytes = 64u << 20);

    [[nodiscard]] const std::vector<std::string> &tags() const { return m_tags; }
    [[nodiscard]] std::uint64_t offset() const { return m_offset; }       // all before it has been read
    [[nodiscard]] std::uint64_t damagedRecords() const { return m_damaged; }
    [[nodiscard]] const std::filesystem::path &path() const { return m_path; }

private:
    std::filesystem::path m_path;
    UniqueFd m_fd;
    std::uint64_t m_offset = 0;
    std::uint64_t m_damaged = 0;
    std::vector<std::string> m_tags;
    std::unordered_map<std::string, std::uint32_t> m_tagIndex;
};

} // namespace bottega
