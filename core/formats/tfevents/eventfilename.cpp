// SPDX-License-Identifier: Apache-2.0
#include "core/formats/tfevents/eventfilename.h"

#include "core/base/clock.h"
#include "core/base/safename.h"

#include <algorithm>
#include <charconv>
#include <unistd.h>

namespace bottega {

namespace {

std::string hostName()
{
    char name[256] = {};
    if (::gethostname(name, sizeof name - 1) != 0 || name[0] == '\0')
        return "localhost";
    std::string text = name;
    std::replace(text.begin(), text.end(), '/', '_');
    return text;
}

std::optional<int> number(std::string_view digits)
{
    int value = 0;
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (failure != std::errc() || end != digits.data() + digits.size() || value < 0)
        return {};
    return value;
}

/// Cuts the part behind the last full stop off `text`.
std::string_view takeLast(std::string_view &text)
{
    const std::size_t stop = text.rfind('.');
    if (stop == std::string_view::npos)
        return {};
    const std::string_view last = text.substr(stop + 1);
    text.remove_suffix(last.size() + 1);
    return last;
}

/// Reads "<…>.a<attempt>.<writer>".
std::optional<EventFileName> parseStem(std::string_view stem)
{
    std::string_view rest = stem;
    const std::string_view writer = takeLast(rest);
    const std::string_view attempt = takeLast(rest);
    if (writer.empty() || attempt.size() < 2 || attempt.front() != 'a' || !number(attempt.substr(1)))
        return {};
    return EventFileName{std::string(stem), *number(attempt.substr(1)), std::string(writer), 0};
}

} // namespace

std::string EventFileName::text() const
{
    return part == 0 ? stem : stem + "." + std::to_string(part);
}

Result<EventFileName> newEventFileName(int attempt, std::string_view writer)
{
    if (auto valid = checkName("a writer of metrics", writer, 1, 64); !valid)
        return fail(valid.error());
    if (writer.find('.') != std::string_view::npos)
        return fail(ErrorCode::Usage, "The name of a writer of metrics must not contain a full stop",
                    std::string(writer), "nothing was written");
    EventFileName name;
    name.attempt = attempt;
    name.writer = writer;
    name.stem = "events.out.tfevents." + std::to_string(static_cast<long long>(wallTime())) + "." + hostName() + "." +
                std::to_string(::getpid()) + ".a" + std::to_string(attempt) + "." + name.writer;
    return name;
}

std::optional<EventFileName> parseEventFileName(std::string_view name)
{
    if (!isEventFileName(name))
        return {};
    if (auto whole = parseStem(name))
        return whole;
    std::string_view stem = name;
    const auto part = number(takeLast(stem));
    auto continued = parseStem(stem);
    if (!continued || !part)
        return {};
    continued->part = *part;
    return continued;
}

bool isEventFileName(std::string_view name)
{
    return name.find("tfevents") != std::string_view::npos;
}

} // namespace bottega
