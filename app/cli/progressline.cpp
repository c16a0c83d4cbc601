// SPDX-License-Identifier: Apache-2.0
#include "app/cli/progressline.h"

#include "app/cli/output.h"

#include <algorithm>
#include <cmath>

namespace bottega::cli {

namespace {

constexpr int narrowestBar = 8;
constexpr int widestBar = 40;

std::string repeated(const char *text, int times)
{
    std::string all;
    for (int i = 0; i < times; ++i)
        all += text;
    return all;
}

std::string bar(double share, int width, bool isUnicode)
{
    const int full = std::clamp(static_cast<int>(std::lround(share * width)), 0, width);
    return repeated(isUnicode ? "█" : "#", full) + repeated(isUnicode ? "░" : "-", width - full);
}

} // namespace

std::string progressText(const std::string &before, double share, const std::string &after, int width, bool isUnicode)
{
    const double known = std::isfinite(share) ? std::clamp(share, 0.0, 1.0) : 0;
    const std::string percent = std::to_string(static_cast<int>(known * 100)) + "%";
    const std::string end = (percent.size() < 4 ? std::string(4 - percent.size(), ' ') : "") + percent +
                            (after.empty() ? "" : "  " + after);
    const int space = width - static_cast<int>(displayWidth(before) + displayWidth(end)) - 2;
    std::string line = before;
    if (space >= narrowestBar)
        line += " " + bar(known, std::min(space, widestBar), isUnicode);
    return clipped(line + " " + end, static_cast<std::size_t>(std::max(0, width)));
}

void ProgressLine::show(const std::string &text)
{
    // The last column stays free: some terminals wrap as soon as it is filled.
    const std::string line = clipped(text, static_cast<std::size_t>(std::max(1, m_console.width() - 1)));
    if (line == m_shown)
        return;
    m_out << '\r' << line << "\x1b[K" << std::flush;
    m_shown = line;
}

void ProgressLine::show(const std::string &before, double share, const std::string &after)
{
    show(progressText(before, share, after, m_console.width() - 1, m_console.isUnicode));
}

void ProgressLine::clear()
{
    if (!m_shown.empty())
        m_out << "\r\x1b[K" << std::flush;
    m_shown.clear();
}

} // namespace bottega::cli
