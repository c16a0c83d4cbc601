// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/theme.h"

#include <QIconEngine>

#include <optional>

namespace bottega::theme {

/// Draws one SVG of resources/icons in a colour taken from the palette at the time of painting, so that an icon follows
/// a change of theme and is rendered for the very pixels it covers.
class ThemeIconEngine final : public QIconEngine
{
public:
    explicit ThemeIconEngine(QString name, std::optional<Color> color = {});

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State state) override;
    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override;
    QIconEngine *clone() const override;
    QString key() const override;
    QString iconName() override { return m_name; }
    bool isNull() override { return false; }

private:
    QColor ink(QIcon::Mode mode) const;

    QString m_name;
    std::optional<Color> m_color;
};

} // namespace bottega::theme
