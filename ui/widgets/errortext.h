// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <QString>

class QWidget;

namespace bottega {

/// A translated heading for the kind of failure: "Not enough disk space", "The file is damaged", …
[[nodiscard]] QString errorTitle(ErrorCode code);

/// The error's own four parts as plain text, one per line.
[[nodiscard]] QString errorDetails(const Error &error);

/// A message box with both, all PlainText, not blocking the caller: it deletes itself when closed.
void showError(QWidget *parent, const Error &error);

/// std::string from core (UTF-8) to QString: the one byte boundary of the user interface.
[[nodiscard]] QString toQString(const std::string &text);
[[nodiscard]] std::string toStdString(const QString &text);

} // namespace bottega
