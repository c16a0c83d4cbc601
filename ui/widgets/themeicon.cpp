// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/themeicon.h"

#include <QFile>
#include <QGuiApplication>
#include <QHash>
#include <QPainter>
#include <QPalette>
#include <QPixmapCache>
#include <QSvgRenderer>

namespace bottega::theme {

using namespace Qt::StringLiterals;

namespace {

QByteArray drawing(const QString &name)
{
    static QHash<QString, QByteArray> known;
    auto found = known.constFind(name);
    if (found == known.constEnd()) {
        QFile file(u":/icons/%1.svg"_s.arg(name));
        if (!file.open(QIODevice::ReadOnly))
            qWarning("No icon is named \"%s\"", qUtf8Printable(name));
        found = known.insert(name, file.isOpen() ? file.readAll() : QByteArray());
    }
    return *found;
}

QPixmap render(const QString &name, const QSize &size, const QColor &ink)
{
    const QString key = u"icon/%1/%2x%3/%4"_s.arg(name).arg(size.width()).arg(size.height()).arg(ink.name());
    QPixmap pixmap;
    if (size.isEmpty()) // a button too small for its icon
        return pixmap;
    if (QPixmapCache::find(key, &pixmap))
        return pixmap;
    pixmap = QPixmap(size);
    pixmap.fill(Qt::transparent);
    QByteArray svg = drawing(name);
    if (!svg.isEmpty()) {
        svg.replace("currentColor", ink.name().toLatin1());
        QSvgRenderer renderer(svg);
        renderer.setAspectRatioMode(Qt::KeepAspectRatio);
        QPainter painter(&pixmap);
        renderer.render(&painter, QRectF(QPointF(), size));
    }
    QPixmapCache::insert(key, pixmap);
    return pixmap;
}

} // namespace

ThemeIconEngine::ThemeIconEngine(QString name, std::optional<Color> color)
    : m_name(std::move(name))
    , m_color(color)
{
}

void ThemeIconEngine::paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State state)
{
    const qreal scale = painter->device() ? painter->device()->devicePixelRatioF() : 1.0;
    QPixmap image = pixmap((QSizeF(rect.size()) * scale).toSize(), mode, state);
    painter->drawPixmap(rect, image);
}

QPixmap ThemeIconEngine::pixmap(const QSize &size, QIcon::Mode mode, QIcon::State)
{
    return render(m_name, size, ink(mode));
}

QIconEngine *ThemeIconEngine::clone() const
{
    return new ThemeIconEngine(*this);
}

QString ThemeIconEngine::key() const
{
    return u"BottegaThemeIcon"_s;
}

QColor ThemeIconEngine::ink(QIcon::Mode mode) const
{
    const QPalette palette = QGuiApplication::palette();
    if (mode == QIcon::Disabled)
        return palette.color(QPalette::Disabled, QPalette::WindowText);
    return m_color ? color(*m_color) : palette.color(QPalette::Active, QPalette::WindowText);
}

} // namespace bottega::theme
