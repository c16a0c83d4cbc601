// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/fileplace.h"
#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bottega {

struct DecodedEvent;

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
/// `simple_value` and rank-0 float/double tensors of the scalar plug-in; all else is skipped. A file that shrank or was
/// replaced is read again from its start, which gives points with a sequence a second time. Gaps of a sparse file cost no reading. No descriptor is held
/// between calls; a call without news costs a stat. Not thread safe.
class EventReader
{
public:
    explicit EventReader(FilePlace place) : m_place(std::move(place)) {}

    /// Appends the points that came since the last call, at most `maximumBytes` of file a call (or one record, where
    /// that is longer). True: more is there. Where memory lacks, all stands as before the call.
    [[nodiscard]] Result<bool> read(std::vector<ScalarPoint> &points, std::uint64_t maximumBytes = 64u << 20);

    /// Goes on at `offset`, the end of a record that was read before from this very file, with `damaged` records until then.
    [[nodiscard]] Result<void> resume(std::uint64_t offset, std::uint64_t damaged);

    [[nodiscard]] const std::vector<std::string> &tags() const { return m_tags; } // at most a million
    [[nodiscard]] std::uint64_t offset() const { return m_progress.offset; }             // all before it has been read
    [[nodiscard]] bool isInHole() const { return m_progress.isSearching; } // counted as damaged, its end not seen yet
    [[nodiscard]] std::uint64_t damagedRecords() const { return m_progress.damaged; }
    [[nodiscard]] std::uint64_t skippedPoints() const { return m_progress.skipped; } // their tags were one too many
    [[nodiscard]] std::uint64_t restarts() const { return m_progress.restarts; }     // times the file shrank or was replaced
    [[nodiscard]] const FilePlace &place() const { return m_place; }

private:
    struct Window;
    struct TextHash
    {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    /// What stat told about the file; `size` is how far it has been looked at.
    struct Identity
    {
        std::uint64_t device = 0;
        std::uint64_t inode = 0;
        std::uint64_t size = 0;
    };

    struct Progress
    {
        Identity seen;
        std::uint64_t offset = 0;
        std::uint64_t damaged = 0;
        std::uint64_t skipped = 0;
        std::uint64_t restarts = 0;
        bool isSearching = false; // inside a hole that has been counted
    };

    [[nodiscard]] Result<bool> readOn(std::vector<ScalarPoint> &points, std::uint64_t maximumBytes);
    [[nodiscard]] bool skipGap(Window &window, std::uint64_t size);
    void noticeChange(const Identity &now);
    std::uint64_t takeRecords(Window &window, std::vector<ScalarPoint> &points);
    bool takePayload(std::string_view payload, DecodedEvent &event, std::vector<ScalarPoint> &points);
    std::optional<std::uint32_t> tagIndex(std::string_view tag);

    FilePlace m_place;
    Progress m_progress;
    std::uint64_t m_tagBytes = 0;
    std::vector<std::string> m_tags;
    std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> m_tagIndex;
};

} // namespace bottega
