// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QWidget;

namespace bottega {

/// Opens the window that says what Bottega is, its version and its licence. It deletes itself.
void showAbout(QWidget *parent);

} // namespace bottega
