// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/runstate.h"

#include <QWidget>

namespace bottega {

/// A run's state as a small coloured plate with icon and word.
class StateBadge : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(StateBadge)
public:
    explicit StateBadge(QWidget *parent = nullptr);

    void setState(RunState state);
    [[nodiscard]] RunState state() const { return m_state; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    RunState m_state = RunState::NotStarted;
};

} // namespace bottega
