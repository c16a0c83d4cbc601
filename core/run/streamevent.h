// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace bottega {

/// What `bottega-agent stream` says of runs, over one pipe. After the start line, frames: length of the body (u32), CRC-32C
/// of the body (u32), CRC-32C of these eight bytes (u32), then the body: kind (u8), run (u32), identity (u64), offset (u64),
/// length of the file's name (u16), name, bytes. All little-endian; a body has at most 16 MiB.
inline constexpr std::string_view streamMarker = "BOTTEGA-STREAM ";
inline constexpr std::uint32_t streamVersion = 1;
inline constexpr std::size_t streamFrameHeader = 12;
inline constexpr std::size_t longestStreamBody = std::size_t{16} << 20;

enum class StreamKind : std::uint8_t {
    Bytes = 1,     // of a file that grows: `bytes`, which begin at `offset`
    Content = 2,   // of a small file that is replaced as a whole: all of it
    Vanished = 3,  // the file is gone
    Truncated = 4, // the file has become shorter than what was sent: it comes again, from 0
    Replaced = 5,  // another file has that name now: it comes from 0
    RunGone = 6,   // the run's folder is gone; nothing more comes of this run
    UpToDate = 7,  // all that was there has been sent
    Problem = 8,   // the file, or the run where there is no name, can't be sent: `bytes` says why
    List = 9,      // "artifacts" or "checkpoints": a JSON array of {"path", "size"}
};

struct StreamEvent
{
    StreamKind kind = StreamKind::Bytes;
    std::uint32_t run = 0;      // as the consumer numbered it
    std::string file;           // slash path inside the run's folder
    std::uint64_t identity = 0; // tells the file from another one of that name
    std::uint64_t offset = 0;
    std::string bytes;

    [[nodiscard]] bool operator==(const StreamEvent &) const = default;
};

/// "BOTTEGA-STREAM 1", on a line of its own whatever a login shell has said before.
[[nodiscard]] std::string streamStart();
[[nodiscard]] std::string streamFrame(const StreamEvent &event);

/// Files that grow: journal.jsonl and what is in metrics, telemetry and system-logs.
[[nodiscard]] bool isStreamedLog(std::string_view file);
/// Small files that are replaced as a whole: run.json, end.json.
[[nodiscard]] bool isStreamedContent(std::string_view file);

/// A line for the standard input of `stream`: follow this run, of which so much is known
/// ({"journal.jsonl": {"offset": 812, "identity": "9f…"}}).
[[nodiscard]] std::string addRunCommand(std::uint32_t run, const std::string &folder, const Json &known = Json::object());
[[nodiscard]] std::string removeRunCommand(std::uint32_t run);
[[nodiscard]] std::string quitCommand();

[[nodiscard]] std::string identityText(std::uint64_t identity);
[[nodiscard]] std::uint64_t identityFromText(const std::string &text); // 0 where it is none

} // namespace bottega
