// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <cstdint>
#include <string>

namespace bottega {

/// "0:42", "12:05", "1:03:20", "2 d 4 h": a span of seconds in as few characters as it takes.
[[nodiscard]] QString durationText(double seconds);

/// "just now", "5 s ago", "3 min ago", "2 h ago", "4 d ago".
[[nodiscard]] QString ageText(double seconds);

/// "13:04" today, "23 Nov 13:04" this year, else with the year; in the user's own time zone.
[[nodiscard]] QString momentText(double secondsSinceEpoch);

/// "97.42 %" from a share between 0 and 1, in the user's number format.
[[nodiscard]] QString percentText(double share, int decimals = 2);

/// "334.5 kB": in the user's number format.
[[nodiscard]] QString bytesText(std::uint64_t bytes);

/// A foreign text as it is shown anywhere: control characters and those that turn the direction of the text stand as
/// visible symbols, lines stay, and what is longer than `limit` ends in "…".
[[nodiscard]] QString shownText(QString text, qsizetype limit = 2000);
[[nodiscard]] QString shownText(const std::string &text, qsizetype limit = 2000);

/// Lines of at most `width` characters, broken at spaces where there are any: for what has no scroll bar.
[[nodiscard]] QString wrappedText(const QString &text, qsizetype width = 100);

/// A foreign text as tooltip: shownText(), literally also where it looks like markup.
[[nodiscard]] QString plainToolTip(const QString &text);

/// A foreign text as label of a button, tab or menu entry: one short line, '&' shown and not taken for a shortcut.
[[nodiscard]] QString plainLabel(const QString &text);

} // namespace bottega
