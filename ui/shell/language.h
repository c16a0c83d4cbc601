// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

class QCoreApplication;

namespace bottega {

/// Loads the studio's and Qt's own translations and makes that locale the default for numbers and dates. `chosen` is a
/// language code such as "it"; empty means the user's locale. Languages
/// without a translation get English.
void loadLanguage(QCoreApplication &application, const QString &chosen);

} // namespace bottega
