// SPDX-License-Identifier: Apache-2.0
#include "core/base/bytesize.h"

#include <charconv>
#include <cctype>
#include <cmath>
#include <string>

namespace bottega {

namespace {

/// "", "b", "k", "kb", "kib", … in lower case; 0 for no unit.
double unitFactor(const std::string &unit)
{
    constexpr std::string_view letters = "kmgtp";
    if (unit.empty() || unit == "b")
        return 1;
    const std::size_t power = letters.find(unit.front());
    const std::string_view rest = std::string_view(unit).substr(1);
    if (power == std::string_view::npos || !(rest.empty() || rest == "b" || rest == "ib"))
        return 0;
    return std::pow(rest == "b" ? 1000.0 : 1024.0, static_cast<double>(power + 1));
}

} // namespace

std::optional<std::uint64_t> bytesFromText(std::string_view text)
{
    constexpr double least = 1 << 20, most = 1e18;
    double value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    std::string unit;
    for (const char *at = parsed.ptr; at != text.data() + text.size(); ++at) {
        if (*at != ' ' || !unit.empty())
            unit += static_cast<char>(std::tolower(static_cast<unsigned char>(*at)));
    }
    const double bytes = parsed.ec == std::errc() ? value * unitFactor(unit) : 0;
    if (!(bytes >= least && bytes <= most))
        return {};
    return static_cast<std::uint64_t>(bytes);
}

} // namespace bottega
