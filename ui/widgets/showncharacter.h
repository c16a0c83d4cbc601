// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QChar>

namespace bottega {

/// What stands for a character of a foreign text: control characters become their visible symbols, and those that turn
/// the direction of the text U+FFFD. Any thread.
[[nodiscard]] QChar shownCharacter(QChar character);

} // namespace bottega
