// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/theme.h"

#include "ui/widgets/studiostyle.h"
#include "ui/widgets/themeicon.h"

#include <QApplication>
#include <QEvent>
#include <QFile>
#include <QFontDatabase>
#include <QPalette>
#include <QPixmapCache>
#include <QWidget>

#include <algorithm>
#include <array>
#include <utility>

// Resources of a static library are linked only where somebody asks for them; the macro must stand outside namespaces.
static void loadResources()
{
    Q_INIT_RESOURCE(icons);
    Q_INIT_RESOURCE(theme);
}

namespace bottega::theme {

using namespace Qt::StringLiterals;

namespace {

/// All colours of the studio, light and dark, in one table: the style sheet's names and the palette come from here.
struct Shade
{
    const char *name;
    QRgb light;
    QRgb dark;
};

constexpr std::array shades = {
    Shade{"window", 0xfff6f5f2, 0xff1a1b1e},
    Shade{"surface", 0xffffffff, 0xff232428},
    Shade{"base", 0xffffffff, 0xff1f2024},
    Shade{"alternate", 0xfffaf9f7, 0xff232428},
    Shade{"text", 0xff23211e, 0xffe9e7e2},
    Shade{"muted", 0xff67635c, 0xffa5a29b},
    Shade{"disabled", 0xffa8a49c, 0xff6b6a67},
    Shade{"border", 0xffe2dfd9, 0xff34363c},
    Shade{"control", 0xffc9c5bd, 0xff4b4e56},
    Shade{"hover", 0xffeeece8, 0xff2c2e33},
    Shade{"pressed", 0xffe5e2dc, 0xff36383f},
    Shade{"tint", 0xffe0e8fb, 0xff2a3757},
    Shade{"tintStrong", 0xffbfd0f8, 0xff3c5290},
    Shade{"accent", 0xff2b57c8, 0xff86a9ff},
    Shade{"accentHover", 0xff2149ad, 0xff9db9ff},
    Shade{"accentPressed", 0xff1b3d92, 0xff7297f0},
    Shade{"accentText", 0xffffffff, 0xff0e1320},
    Shade{"focusOnAccent", 0xff9db6f2, 0xffffffff},
    Shade{"success", 0xff1a7442, 0xff62cc92},
    Shade{"warning", 0xff8f5b00, 0xffe7b768},
    Shade{"danger", 0xffbe342b, 0xfff3857b},
    Shade{"train", 0xff2b57c8, 0xff86a9ff},
    Shade{"validation", 0xffc8601a, 0xfff2a05f},
    Shade{"tooltip", 0xffffffff, 0xff2c2e33},
    Shade{"tooltipText", 0xff23211e, 0xffe9e7e2},
};

Scheme chosenScheme = Scheme::Desktop;
bool dark = false;

QColor shade(QByteArrayView name)
{
    for (const Shade &entry : shades) {
        if (name == entry.name)
            return QColor::fromRgb(dark ? entry.dark : entry.light);
    }
    Q_UNREACHABLE();
}

Scheme wantedScheme()
{
    const QString forced = qEnvironmentVariable("BOTTEGA_THEME");
    if (forced == "light"_L1)
        return Scheme::Light;
    return forced == "dark"_L1 ? Scheme::Dark : chosenScheme;
}

bool desktopIsDark()
{
    QApplication::setPalette(QPalette()); // back to the desktop's, which our own hides
    const QPalette desktop = QApplication::palette();
    return desktop.color(QPalette::Window).lightness() < desktop.color(QPalette::WindowText).lightness();
}

QPalette studioPalette()
{
    QPalette palette;
    const std::pair<QPalette::ColorRole, const char *> roles[] = {
        {QPalette::Window, "window"}, {QPalette::WindowText, "text"}, {QPalette::Base, "base"},
        {QPalette::AlternateBase, "alternate"}, {QPalette::Text, "text"}, {QPalette::Button, "surface"},
        {QPalette::ButtonText, "text"}, {QPalette::BrightText, "danger"}, {QPalette::Highlight, "tint"},
        {QPalette::HighlightedText, "text"}, {QPalette::Link, "accent"}, {QPalette::LinkVisited, "accent"},
        {QPalette::ToolTipBase, "tooltip"}, {QPalette::ToolTipText, "tooltipText"},
        {QPalette::PlaceholderText, "muted"}, {QPalette::Light, "surface"}, {QPalette::Midlight, "hover"},
        {QPalette::Mid, "border"}, {QPalette::Dark, "control"}, {QPalette::Shadow, "control"}};
    for (const auto &[role, name] : roles)
        palette.setColor(role, shade(name));
    for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, shade("disabled"));
    return palette;
}

QString styleSheet()
{
    QFile file(u":/theme/studio.qss"_s);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QString text = QString::fromUtf8(file.readAll());
    text.replace("@scheme"_L1, dark ? "dark"_L1 : "light"_L1);
    // Longer names first: "@accentText" begins with "@accent".
    std::array ordered = shades;
    std::ranges::sort(ordered, std::ranges::greater(), [](const Shade &entry) { return qstrlen(entry.name); });
    for (const Shade &entry : ordered)
        text.replace(u'@' + QString::fromLatin1(entry.name), shade(entry.name).name());
    return text;
}

void refresh()
{
    const Scheme scheme = wantedScheme();
    dark = scheme == Scheme::Desktop ? desktopIsDark() : scheme == Scheme::Dark;
    QApplication::setPalette(studioPalette());
    qApp->setStyleSheet(styleSheet());
}

/// Follows the desktop while the program runs: the platform announces a new theme to every window.
class DesktopFollower final : public QObject
{
public:
    using QObject::QObject;

    bool eventFilter(QObject *watched, QEvent *event) override
    {
        if (event->type() == QEvent::ThemeChange && !m_pending) {
            m_pending = true;
            QMetaObject::invokeMethod(
                this, [this] { m_pending = false; refresh(); }, Qt::QueuedConnection);
        }
        return QObject::eventFilter(watched, event);
    }

private:
    bool m_pending = false;
};

} // namespace

bool isDark()
{
    return dark;
}

QColor color(Color role)
{
    switch (role) {
    case Color::Accent:
        return shade("accent");
    case Color::Success:
        return shade("success");
    case Color::Warning:
        return shade("warning");
    case Color::Danger:
        return shade("danger");
    case Color::Muted:
        return shade("muted");
    case Color::Border:
        return shade("border");
    case Color::Surface:
        return shade("surface");
    case Color::Train:
        return shade("train");
    case Color::Validation:
        return shade("validation");
    case Color::OnAccent:
        return shade("accentText");
    }
    Q_UNREACHABLE();
}

QFont font(int level, bool bold)
{
    constexpr std::array scale = {0.9, 1.0, 1.15, 1.5, 2.0};
    QFont result = QApplication::font();
    const double factor = scale.at(static_cast<std::size_t>(qBound(0, level + 1, 4)));
    if (result.pointSizeF() > 0)
        result.setPointSizeF(result.pointSizeF() * factor);
    else
        result.setPixelSize(qRound(result.pixelSize() * factor));
    result.setWeight(bold ? QFont::DemiBold : QFont::Normal);
    return result;
}

QFont monospace()
{
    QFont result = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    result.setPointSizeF(QApplication::font().pointSizeF());
    return result;
}

QIcon icon(const QString &name)
{
    loadResources();
    return QIcon(new ThemeIconEngine(name));
}

QIcon icon(const QString &name, Color color)
{
    loadResources();
    return QIcon(new ThemeIconEngine(name, color));
}

void setLook(QWidget *widget, Look look)
{
    static constexpr std::array names = {"primary", "quiet", "card", "muted", "plain", "compact"};
    widget->setProperty(names.at(static_cast<std::size_t>(look)), true);
}

void apply(QApplication &application)
{
    loadResources();
    application.setStyle(new StudioStyle);
    application.installEventFilter(new DesktopFollower(&application));
    refresh();
}

void setScheme(Scheme scheme)
{
    chosenScheme = scheme;
    refresh();
}

} // namespace bottega::theme
