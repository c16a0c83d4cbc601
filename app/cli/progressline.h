// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/cli/console.h"

#include <string>

namespace bottega::cli {

/// Lays out "before [bar] 31%  after" in at most `width` columns: the bar gives way first, then the end of the text.
[[nodiscard]] std::string progressText(const std::string &before, double share, const std::string &after, int width,
                                       bool isUnicode);

/// One line of a terminal that is drawn again and again. Gone when it goes.
class ProgressLine
{
public:
    ProgressLine(std::ostream &out, const Console &console) : m_out(out), m_console(console) {}
    ~ProgressLine() { clear(); }
    ProgressLine(const ProgressLine &) = delete;
    ProgressLine &operator=(const ProgressLine &) = delete;

    void show(const std::string &text); // one line; clipped to the terminal
    void show(const std::string &before, double share, const std::string &after);
    void clear();

private:
    std::ostream &m_out;
    const Console &m_console;
    std::string m_shown;
};

} // namespace bottega::cli
