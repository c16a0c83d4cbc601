// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/viewmenu.h"

#include "ui/shell/settings.h"

#include <QActionGroup>

#include <utility>

namespace bottega {

using namespace Qt::StringLiterals;

ViewMenu::ViewMenu(Settings &settings, QWidget *parent)
    : QMenu(tr("&View"), parent)
    , m_settings(settings)
{
    addNumbered({{u"home"_s, tr("&Home")}, {u"runs"_s, tr("&Runs")}, {u"model"_s, tr("&Models")}, {u"data"_s, tr("&Data")}},
                Qt::ControlModifier, &ViewMenu::pageWanted);
    addSeparator();
    addNumbered({{u"chart"_s, tr("&Charts")},
                 {u"log"_s, tr("&Log")},
                 {u"artifacts"_s, tr("&Artifacts")},
                 {u"grid"_s, tr("&Predictions")},
                 {u"details"_s, tr("D&etails")}},
                Qt::AltModifier, &ViewMenu::tabWanted);
    addSeparator();
    QAction *filter = addAction(theme::icon(u"filter"_s), tr("&Filter runs"), this, &ViewMenu::filterWanted);
    filter->setShortcut(Qt::CTRL | Qt::SHIFT | Qt::Key_F);
    addAction(tr("F&ull screen"), this, &ViewMenu::fullScreenWanted)->setShortcut(Qt::Key_F11);
    addSeparator();
    addThemes();
    addLanguages();
}

void ViewMenu::addNumbered(const QList<Entry> &entries, Qt::KeyboardModifier modifier, NumberSignal wanted)
{
    for (int number = 0; number < entries.size(); ++number) {
        QAction *action = addAction(theme::icon(entries[number].icon), entries[number].title, this,
                                    [this, wanted, number] { Q_EMIT(this->*wanted)(number); });
        action->setShortcut(QKeyCombination(modifier, static_cast<Qt::Key>(Qt::Key_1 + number)));
    }
}

void ViewMenu::addThemes()
{
    QMenu *menu = addMenu(theme::icon(u"contrast"_s), tr("&Theme"));
    auto *group = new QActionGroup(menu);
    const std::pair<theme::Scheme, QString> schemes[] = {{theme::Scheme::Desktop, tr("As the &desktop")},
                                                         {theme::Scheme::Light, tr("&Light", "theme")},
                                                         {theme::Scheme::Dark, tr("Da&rk", "theme")}};
    for (const auto &[scheme, title] : schemes) {
        QAction *action = menu->addAction(title, this, [this, scheme = scheme] {
            m_settings.set(settings::scheme, scheme);
            theme::setScheme(scheme);
        });
        action->setCheckable(true);
        action->setChecked(m_settings.value(settings::scheme) == scheme);
        group->addAction(action);
    }
}

void ViewMenu::addLanguages()
{
    QMenu *menu = addMenu(theme::icon(u"globe"_s), tr("La&nguage"));
    auto *group = new QActionGroup(menu);
    const std::pair<QString, QString> languages[] = {
        {{}, tr("As the &desktop")}, {u"en"_s, u"English"_s}, {u"it"_s, u"Italiano"_s}};
    for (const auto &[code, title] : languages) {
        QAction *action = menu->addAction(title, this, [this, code = code] {
            m_settings.set(settings::language, code);
            Q_EMIT languageChanged();
        });
        action->setCheckable(true);
        action->setChecked(m_settings.value(settings::language) == code);
        group->addAction(action);
    }
}

} // namespace bottega
