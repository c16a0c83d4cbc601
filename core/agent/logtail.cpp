// SPDX-License-Identifier: Apache-2.0
#include "core/agent/logtail.h"

#include "core/base/file.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace bottega {

namespace {

constexpr char escape = '\x1b';
constexpr int mostLines = 100;

/// Where the escape sequence that begins at `at` ends: CSI, OSC and its like up to their terminator, else two bytes.
std::size_t escapeEnd(std::string_view text, std::size_t at)
{
    if (at + 1 >= text.size())
        return text.size();
    const char kind = text[at + 1];
    if (kind == '[') {
        std::size_t i = at + 2;
        while (i < text.size() && (text[i] < '@' || text[i] > '~'))
            ++i;
        return std::min(i + 1, text.size());
    }
    if (kind == ']' || kind == 'P' || kind == '_' || kind == '^') {
        const std::size_t end = text.find_first_of("\a\x1b\n", at + 2);
        if (end == std::string_view::npos)
            return text.size();
        return text[end] == escape ? std::min(end + 2, text.size()) : end + (text[end] == '\a' ? 1 : 0);
    }
    return at + 2;
}

std::string plain(std::string_view text)
{
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        if (c == escape) {
            i = escapeEnd(text, i);
            continue;
        }
        const bool isControl = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
        if (!isControl || c == '\n' || c == '\r' || c == '\t')
            result += c;
        ++i;
    }
    return result;
}

/// A carriage return begins the line anew; one at the very end only closes it.
std::string_view lastShown(std::string_view line)
{
    while (line.ends_with('\r'))
        line.remove_suffix(1);
    const std::size_t carriage = line.rfind('\r');
    return carriage == std::string_view::npos ? line : line.substr(carriage + 1);
}

std::string joinLast(const std::vector<std::string_view> &lines, std::size_t limit)
{
    std::string tail;
    int count = 0;
    for (auto line = lines.rbegin(); line != lines.rend() && count < mostLines; ++line) {
        std::string_view shown = lastShown(*line);
        if (shown.empty() && tail.empty())
            continue;
        if (tail.empty() && shown.size() > limit) { // one endless line: its end
            shown = shown.substr(shown.size() - limit);
            while (!shown.empty() && (static_cast<unsigned char>(shown.front()) & 0xC0) == 0x80)
                shown.remove_prefix(1);
        }
        if (tail.size() + shown.size() + 1 > limit + (tail.empty() ? 1 : 0))
            break;
        tail = tail.empty() ? std::string(shown) : std::string(shown) + '\n' + tail;
        ++count;
    }
    return tail.substr(std::min(tail.find_first_not_of('\n'), tail.size()));
}

} // namespace

std::string logTail(const FilePlace &log, std::size_t limit)
{
    const auto fd = log.open();
    const auto size = fd ? fileSize(fd->get(), log.path()) : Result<std::uint64_t>(0);
    if (!fd || !size)
        return {};
    const std::uint64_t window = std::min<std::uint64_t>(*size, std::uint64_t{limit} * 8); // escapes take room too
    std::string bytes(window, '\0');
    const auto count = readAt(fd->get(), std::as_writable_bytes(std::span(bytes)), *size - window, log.path());
    bytes.resize(count.value_or(0));
    const std::string text = plain(bytes);
    std::vector<std::string_view> lines;
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        lines.push_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (window < *size && lines.size() > 1)
        lines.erase(lines.begin()); // begins somewhere inside
    return joinLast(lines, limit);
}

} // namespace bottega
