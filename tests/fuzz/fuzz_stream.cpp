// SPDX-License-Identifier: Apache-2.0
#include "core/base/crc32c.h"
#include "core/base/safename.h"
#include "core/run/streamreader.h"
#include "tests/fuzz/fuzz.h"

#include <algorithm>

namespace bottega::fuzz {

namespace {

struct Outcome
{
    std::vector<StreamEvent> events;
    std::string error;
};

Outcome readInPieces(std::string_view bytes, std::size_t piece)
{
    Outcome outcome;
    StreamReader reader("fuzz");
    for (std::size_t at = 0; at < bytes.size() && outcome.error.empty(); at += piece) {
        if (const auto fed = reader.feed(bytes.substr(at, piece), outcome.events); !fed)
            outcome.error = fed.error().what;
    }
    return outcome;
}

void readInEveryWay(std::string_view bytes)
{
    const Outcome whole = readInPieces(bytes, std::max<std::size_t>(bytes.size(), 1));
    const Outcome cut = readInPieces(bytes, 61);
    require(whole.events == cut.events);
    require(whole.error.empty() == cut.error.empty());
    require(whole.error.find('\x1b') == std::string::npos);
    for (const StreamEvent &event : whole.events) {
        require(event.bytes.size() <= longestStreamBody);
        require(event.file.empty() || checkRelativePath(event.file).has_value());
        require(event.file.find("..") == std::string::npos || isStreamedLog(event.file));
    }
}

std::string number(std::uint32_t value)
{
    std::string bytes;
    for (int i = 0; i < 4; ++i)
        bytes.push_back(static_cast<char>(value >> (8 * i)));
    return bytes;
}

} // namespace

/// The input as a stream, after a sound start line, and as the body of a sound frame, which chance would not find the sums for.
void takeInput(std::string_view bytes)
{
    readInEveryWay(bytes);
    readInEveryWay(streamStart().append(bytes));
    const std::string eight = number(static_cast<std::uint32_t>(bytes.size())) + number(crc32c(bytes));
    readInEveryWay(streamStart().append(eight).append(number(crc32c(eight))).append(bytes));
}

} // namespace bottega::fuzz
