// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QIcon>
#include <QWidget>

namespace bottega {

/// An icon as a widget. It follows the theme and the screen's scale, where a label keeps the pixels it was given.
class IconView final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(IconView)
public:
    IconView(const QIcon &icon, int extent, QWidget *parent = nullptr);
    void setIcon(const QIcon &icon);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QIcon m_icon;
};

} // namespace bottega
