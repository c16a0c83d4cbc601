// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/run/streamevent.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bottega {

/// Makes events of the bytes that `bottega-agent stream` sends, as they come. The other side is trusted with nothing: the
/// first thing that is not as it should be ends the reading, with an exact error, and the connection should then be closed.
/// Memory is bounded by what is fed at once plus one frame. Not thread safe.
class StreamReader
{
public:
    /// `where` names the host in errors.
    explicit StreamReader(std::string where) : m_where(std::move(where)) {}

    /// Appends the events that are whole by now, also where the bytes after them are an error. Kinds that only later
    /// versions know are skipped. After an error always that error.
    [[nodiscard]] Result<void> feed(std::string_view bytes, std::vector<StreamEvent> &events);
    /// At the end of the stream: an error, of code Unreachable, where it ended before the start line or inside a frame.
    [[nodiscard]] Result<void> finish() const;

    [[nodiscard]] bool hasStarted() const { return m_hasStarted; }
    [[nodiscard]] std::uint64_t frames() const { return m_frames; }
    [[nodiscard]] std::uint64_t skippedFrames() const { return m_skippedFrames; }

private:
    [[nodiscard]] Result<bool> takeStart();
    [[nodiscard]] Result<bool> takeFrame(std::vector<StreamEvent> &events);
    [[nodiscard]] Result<void> takeBody(std::string_view body, std::vector<StreamEvent> &events);
    [[nodiscard]] tl::unexpected<Error> refuse(const std::string &what) const;

    std::string m_where;
    std::string m_buffer;
    std::size_t m_at = 0;       // of the first byte in the buffer that is not yet taken
    std::uint64_t m_before = 0; // bytes of the stream before the buffer
    std::size_t m_scanned = 0;  // where the start line can't be before
    bool m_hasStarted = false;
    std::uint64_t m_frames = 0;
    std::uint64_t m_skippedFrames = 0;
    std::optional<Error> m_error;
};

} // namespace bottega
