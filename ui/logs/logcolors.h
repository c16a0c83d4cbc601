// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/logs/logdecoder.h"

#include <QTextCharFormat>

namespace bottega {

/// The format for a style under the present theme: the terminal's 16 colours in shades that can be read on the log's
/// background, exact ones moved lighter or darker until they can. Keeps the style itself, for `recoloured`.
[[nodiscard]] QTextCharFormat logFormat(const LogStyle &style);

/// The same text under a theme that has changed since.
[[nodiscard]] QTextCharFormat recoloured(const QTextCharFormat &format);

} // namespace bottega
