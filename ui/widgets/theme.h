// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QFont>
#include <QIcon>
#include <QString>

class QApplication;
class QWidget;

namespace bottega::theme {

/// Distances on a grid of 4 device-independent pixels; nothing in the studio is spaced by other numbers.
inline constexpr int tight = 4;
inline constexpr int gap = 8;
inline constexpr int wide = 16;
inline constexpr int page = 24;
inline constexpr int radius = 6;

enum class Color {
    Accent,      // the one colour of calls to action and selection
    Success,
    Warning,
    Danger,
    Muted,       // secondary text; contrast at least 4.5:1 on the window
    Border,      // hairlines
    Surface,     // cards, above the window's background
    Train,       // the train curve
    Validation,  // the validation curve
    OnAccent,    // text and icons on the accent colour
};

/// True while the application's palette is dark; everything below follows it.
[[nodiscard]] bool isDark();
[[nodiscard]] QColor color(Color role);

/// Type scale relative to the application's font: -1 small, 0 body, 1 section title, 2 page title, 3 figure.
[[nodiscard]] QFont font(int level, bool bold = false);
[[nodiscard]] QFont monospace();

/// An icon of the studio's own family ("run", "stop", …), drawn in the palette's text colour (disabled state too), sharp
/// at every scale. The files are resources/icons/<name>.svg, listed in resources/icons.qrc.
[[nodiscard]] QIcon icon(const QString &name);
[[nodiscard]] QIcon icon(const QString &name, Color color);

/// Roles that the style sheet knows; to be given before the widget is first shown.
enum class Look {
    Primary, // a button that is the page's call to action
    Quiet,   // a button without a frame until it is touched
    Card,    // a frame on the surface colour with hairline and round corners
    Muted,   // secondary text
    Plain,   // a list or text without frame and background of its own
    Compact, // a tool button hardly larger than its icon
};
void setLook(QWidget *widget, Look look);

enum class Scheme {
    Desktop, // the desktop's palette decides, also when it changes later
    Light,
    Dark,
};

/// Style, palette (the desktop's light or dark unless BOTTEGA_THEME=light|dark says otherwise) and style sheet.
void apply(QApplication &application);

/// The user's choice; BOTTEGA_THEME outranks it. Takes effect at once.
void setScheme(Scheme scheme);

} // namespace bottega::theme
