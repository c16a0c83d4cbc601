// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QPushButton;

namespace bottega {

/// What a page shows while it has nothing: an icon, a line, a hint of what to do, and where useful one button.
class EmptyState : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(EmptyState)
public:
    EmptyState(const QString &iconName, const QString &title, const QString &hint, QWidget *parent = nullptr);
    void setHint(const QString &hint);
    /// The button appears with its first text.
    void setAction(const QString &text);

Q_SIGNALS:
    void actionTriggered();

private:
    QLabel *m_hint = nullptr;
    QPushButton *m_action = nullptr;
};

} // namespace bottega
