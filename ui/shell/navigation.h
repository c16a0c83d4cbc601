// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QButtonGroup;
class QVBoxLayout;

namespace bottega {

/// The rail at the left edge of the window: one button per page, exactly one of them chosen. Arrow keys move between them.
class Navigation : public QFrame
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Navigation)
public:
    explicit Navigation(QWidget *parent = nullptr);

    /// Pages are numbered in the order they are added; page 0 is chosen at first.
    void addPage(const QString &objectName, const QString &icon, const QString &title, const QString &toolTip);
    void choose(int page);
    [[nodiscard]] int chosen() const;

Q_SIGNALS:
    void pageChosen(int page);

private:
    QButtonGroup *m_buttons = nullptr;
    QVBoxLayout *m_layout = nullptr;
};

} // namespace bottega
