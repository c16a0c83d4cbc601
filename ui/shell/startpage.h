// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QWidget>

class QLabel;
class QListWidget;
class QPushButton;

namespace bottega {

/// The first page: one button that trains, watches and shows a model at once, and the workspaces used lately.
class StartPage : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(StartPage)
public:
    explicit StartPage(QWidget *parent = nullptr);

    void setRecent(const QStringList &folders);
    void setTrainBusy(bool busy); // while the tutorial's run is being made

Q_SIGNALS:
    void trainRequested();
    void newRequested();
    void openRequested();
    void workspaceChosen(const QString &folder);
    void forgetRequested(const QString &folder);

private:
    QWidget *buildHeading();
    QWidget *buildHero();
    QWidget *buildWorkspaces();
    QWidget *buildSteps();
    void showMenu(const QPoint &position);

    QPushButton *m_train = nullptr;
    QListWidget *m_recent = nullptr;
    QLabel *m_none = nullptr;
    QWidget *m_steps = nullptr; // what awaits whoever has hardly begun
};

} // namespace bottega
