// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QKeySequence>
#include <QMenu>

namespace bottega {

class Settings;

/// The View menu: pages, the views of a run, the filter, theme and language. Theme and language are written into the
/// settings, which are borrowed; the rest is asked for by signals.
class ViewMenu : public QMenu
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ViewMenu)
public:
    explicit ViewMenu(Settings &settings, QWidget *parent = nullptr);

Q_SIGNALS:
    void pageWanted(int page);
    void tabWanted(int tab);
    void filterWanted();
    void fullScreenWanted();
    void languageChanged(); // takes effect with the next start

private:
    struct Entry
    {
        QString icon;
        QString title;
    };
    using NumberSignal = void (ViewMenu::*)(int);
    void addNumbered(const QList<Entry> &entries, Qt::KeyboardModifier modifier, NumberSignal wanted);
    void addThemes();
    void addLanguages();

    Settings &m_settings;
};

} // namespace bottega
