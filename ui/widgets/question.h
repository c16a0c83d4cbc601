// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <functional>

class QWidget;

namespace bottega {

/// Asks before something that cannot be undone: a box with `action` and Cancel (the default), all PlainText, which does
/// not block the caller. `then` is called only when `action` was chosen and `parent` still lives.
void askBefore(QWidget *parent, const QString &text, const QString &details, const QString &action,
               std::function<void()> then);

} // namespace bottega
