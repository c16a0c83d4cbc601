// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/theme.h"

#include <QGridLayout>

namespace bottega {

/// The two columns that the fields of a form stand in.
[[nodiscard]] inline QGridLayout *twoColumns()
{
    auto *grid = new QGridLayout;
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(theme::page);
    grid->setVerticalSpacing(theme::wide - theme::tight);
    for (const int column : {0, 1}) {
        grid->setColumnStretch(column, 1);
        grid->setColumnMinimumWidth(column, 280);
    }
    return grid;
}

} // namespace bottega
