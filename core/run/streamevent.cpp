// SPDX-License-Identifier: Apache-2.0
#include "core/run/streamevent.h"

#include "core/base/crc32c.h"

#include <charconv>
#include <cstdio>

namespace bottega {

namespace {

template <class T>
void put(std::string &bytes, T value)
{
    for (std::size_t i = 0; i < sizeof value; ++i)
        bytes.push_back(static_cast<char>((value >> (8 * i)) & 0xFF));
}

std::string line(const Json &json)
{
    return dumpJson(json) + '\n';
}

} // namespace

std::string streamStart()
{
    return '\n' + std::string(streamMarker) + std::to_string(streamVersion) + '\n';
}

std::string streamFrame(const StreamEvent &event)
{
    std::string body;
    body.reserve(event.bytes.size() + event.file.size() + 64);
    body.push_back(static_cast<char>(event.kind));
    put(body, event.run);
    put(body, event.identity);
    put(body, event.offset);
    put(body, static_cast<std::uint16_t>(event.file.size()));
    body += event.file;
    body += event.bytes;
    std::string frame;
    frame.reserve(streamFrameHeader + body.size());
    put(frame, static_cast<std::uint32_t>(body.size()));
    put(frame, crc32c(body));
    put(frame, crc32c(frame));
    return frame += body;
}

bool isStreamedLog(std::string_view file)
{
    if (file == "journal.jsonl")
        return true;
    const std::size_t slash = file.find('/');
    if (slash == std::string_view::npos || file.find('/', slash + 1) != std::string_view::npos)
        return false;
    const std::string_view folder = file.substr(0, slash);
    return folder == "metrics" || folder == "telemetry" || folder == "system-logs";
}

bool isStreamedContent(std::string_view file)
{
    return file == "run.json" || file == "end.json";
}

std::string addRunCommand(std::uint32_t run, const std::string &folder, const Json &known)
{
    return line({{"add", {{"run", run}, {"folder", folder}, {"files", known}}}});
}

std::string removeRunCommand(std::uint32_t run)
{
    return line({{"remove", {{"run", run}}}});
}

std::string quitCommand()
{
    return line({{"quit", true}});
}

std::string identityText(std::uint64_t identity)
{
    char text[24];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(identity));
    return text;
}

std::uint64_t identityFromText(const std::string &text)
{
    std::uint64_t identity = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), identity, 16);
    return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() ? identity : 0;
}

} // namespace bottega
