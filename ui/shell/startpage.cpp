// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/startpage.h"

#include "ui/widgets/format.h"
#include "ui/widgets/iconview.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QDir>
#include <QFrame>
#include <QLabel>
#include <QListWidget>
#include <QMenu>
#include <QPainter>
#include <QPushButton>
#include <QShortcut>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <tuple>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

constexpr int columnWidth = 760;
constexpr int recentRowHeight = 48;
constexpr qsizetype recentShown = 6; // without scrolling
constexpr int iconSize = 20;

QLabel *plainText(const QString &text, QWidget *parent, const QFont &font = theme::font(0))
{
    auto *label = new QLabel(text, parent);
    label->setTextFormat(Qt::PlainText);
    label->setFont(font);
    label->setWordWrap(true);
    return label;
}

QLabel *mutedText(const QString &text, QWidget *parent)
{
    QLabel *label = plainText(text, parent);
    theme::setLook(label, theme::Look::Muted);
    return label;
}

/// A recent workspace: its folder's name, and below it, smaller, where it lies.
class RecentDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        QStyleOptionViewItem background = option;
        const QStyle *style = option.widget->style();
        style->drawControl(QStyle::CE_ItemViewItem, &background, painter, option.widget);
        const QRect area = option.rect.adjusted(theme::gap, theme::gap, -theme::gap, -theme::gap);
        theme::icon(u"workspace"_s, theme::Color::Muted)
            .paint(painter, QRect(area.left(), option.rect.center().y() - iconSize / 2, iconSize, iconSize));
        const QRect text = area.adjusted(iconSize + theme::gap + theme::tight, 0, 0, 0);
        painter->save();
        painter->setFont(theme::font(0, true));
        painter->setPen(option.palette.color(QPalette::Text));
        painter->drawText(text, Qt::AlignTop | Qt::AlignLeft, index.data().toString());
        painter->setFont(theme::font(-1));
        painter->setPen(theme::color(theme::Color::Muted));
        const QString folder = painter->fontMetrics().elidedText(index.data(Qt::UserRole + 1).toString(), Qt::ElideMiddle,
                                                                  text.width());
        painter->drawText(text, Qt::AlignBottom | Qt::AlignLeft, folder);
        painter->restore();
    }

    QSize sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const override { return {100, recentRowHeight}; }
};

QString shownFolder(const QString &folder)
{
    const QString home = QDir::homePath();
    return folder.startsWith(home + u'/') ? u'~' + folder.mid(home.size()) : folder;
}

} // namespace

StartPage::StartPage(QWidget *parent)
    : QWidget(parent)
{
    auto *column = new QWidget(this);
    column->setMaximumWidth(columnWidth);
    auto *parts = new QVBoxLayout(column);
    parts->setContentsMargins(theme::page, theme::page, theme::page, theme::page);
    parts->setSpacing(theme::page);
    parts->addWidget(buildHeading());
    parts->addWidget(buildHero());
    parts->addWidget(buildWorkspaces());
    parts->addWidget(buildSteps());
    parts->addStretch(1);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 2 * theme::page, 0, 0);
    layout->addStretch(1);
    layout->addWidget(column, 100);
    layout->addStretch(1);
    setFocusProxy(m_train);
    setRecent({});
}

QWidget *StartPage::buildHeading()
{
    auto *heading = new QWidget(this);
    auto *texts = new QVBoxLayout;
    texts->setSpacing(2);
    QLabel *name = plainText(u"Bottega"_s, heading, theme::font(3, true));
    texts->addWidget(name);
    texts->addWidget(mutedText(tr("Train models, watch them learn, see what they get wrong, keep the good ones."), heading));
    auto *row = new QHBoxLayout(heading);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(theme::wide);
    row->addWidget(new IconView(theme::icon(u"bottega"_s, theme::Color::Accent), 48, heading));
    row->addLayout(texts, 1);
    return heading;
}

QWidget *StartPage::buildHero()
{
    auto *hero = new QFrame(this);
    theme::setLook(hero, theme::Look::Card);
    auto *texts = new QVBoxLayout;
    texts->setSpacing(theme::tight);
    texts->addWidget(plainText(tr("Your first model in a few seconds"), hero, theme::font(1, true)));
    texts->addWidget(mutedText(tr("Teaches a small network to read handwritten digits: 10 epochs on MNIST, on this computer. "
                                  "Everything it needs comes with Bottega."),
                               hero));
    m_train = new QPushButton(theme::icon(u"run"_s, theme::Color::OnAccent), tr("Train MNIST now"), hero);
    m_train->setObjectName(u"trainMnistNow"_s);
    m_train->setToolTip(tr("Start the tutorial's training and watch it (Ctrl+T)"));
    m_train->setProperty("big", true);
    theme::setLook(m_train, theme::Look::Primary);
    connect(m_train, &QPushButton::clicked, this, &StartPage::trainRequested);
    auto *row = new QHBoxLayout(hero);
    row->setContentsMargins(theme::page, theme::page, theme::page, theme::page);
    row->setSpacing(theme::page);
    row->addLayout(texts, 1);
    row->addWidget(m_train, 0, Qt::AlignVCenter);
    return hero;
}

QWidget *StartPage::buildSteps()
{
    m_steps = new QWidget(this);
    auto *row = new QHBoxLayout(m_steps);
    row->setContentsMargins(0, theme::gap, 0, 0);
    row->setSpacing(theme::page + theme::gap);
    const std::tuple<QString, QString, QString> steps[] = {
        {u"chart"_s, tr("Watch it learn"), tr("Loss and accuracy move as the training goes, and it goes on when Bottega is closed.")},
        {u"grid"_s, tr("See what it gets wrong"), tr("Every image it reads wrongly, and which digits it takes for which.")},
        {u"model"_s, tr("Keep the good ones"), tr("Register a model with its version and history, and take its files with you.")}};
    for (const auto &[icon, title, text] : steps) {
        auto *column = new QVBoxLayout;
        column->setSpacing(theme::tight);
        column->addWidget(new IconView(theme::icon(icon, theme::Color::Accent), 24, m_steps));
        column->addSpacing(theme::tight);
        column->addWidget(plainText(title, m_steps, theme::font(0, true)));
        column->addWidget(mutedText(text, m_steps));
        column->addStretch(1);
        row->addLayout(column, 1);
    }
    return m_steps;
}

QWidget *StartPage::buildWorkspaces()
{
    auto *area = new QWidget(this);
    auto *create = new QPushButton(theme::icon(u"plus"_s), tr("New…"), area);
    create->setObjectName(u"newWorkspace"_s);
    create->setToolTip(tr("Make a folder that holds experiments, runs, models and data (Ctrl+Shift+O)"));
    create->setAccessibleName(tr("New workspace"));
    auto *open = new QPushButton(theme::icon(u"open"_s), tr("Open…"), area);
    open->setObjectName(u"openWorkspace"_s);
    open->setToolTip(tr("Open a workspace's folder (Ctrl+O)"));
    open->setAccessibleName(tr("Open workspace"));
    connect(create, &QPushButton::clicked, this, &StartPage::newRequested);
    connect(open, &QPushButton::clicked, this, &StartPage::openRequested);

    m_recent = new QListWidget(area);
    m_recent->setObjectName(u"recentWorkspaces"_s);
    m_recent->setAccessibleName(tr("Recent workspaces"));
    m_recent->setItemDelegate(new RecentDelegate(m_recent));
    m_recent->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_recent, &QListWidget::itemActivated, this,
            [this](const QListWidgetItem *item) { Q_EMIT workspaceChosen(item->data(Qt::UserRole).toString()); });
    connect(m_recent, &QWidget::customContextMenuRequested, this, &StartPage::showMenu);
    auto *forget = new QShortcut(Qt::Key_Delete, m_recent);
    forget->setContext(Qt::WidgetShortcut);
    connect(forget, &QShortcut::activated, this, [this] {
        if (const QListWidgetItem *item = m_recent->currentItem())
            Q_EMIT forgetRequested(item->data(Qt::UserRole).toString());
    });
    m_none = mutedText(tr("None yet. A workspace is a folder that holds experiments, runs, models and data."), area);

    auto *top = new QHBoxLayout;
    top->addWidget(plainText(tr("Workspaces"), area, theme::font(1, true)), 1);
    top->addWidget(create);
    top->addWidget(open);
    auto *layout = new QVBoxLayout(area);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::gap);
    layout->addLayout(top);
    layout->addWidget(m_none);
    layout->addWidget(m_recent);
    return area;
}

void StartPage::setRecent(const QStringList &folders)
{
    m_recent->clear();
    for (const QString &folder : folders) {
        auto *item = new QListWidgetItem(shownText(QDir(folder).dirName(), 100), m_recent);
        item->setData(Qt::UserRole, folder);
        item->setData(Qt::UserRole + 1, shownText(shownFolder(folder), 300));
        item->setToolTip(plainToolTip(folder));
    }
    m_recent->setFixedHeight(static_cast<int>(qMin(folders.size(), recentShown)) * recentRowHeight + 2 * m_recent->frameWidth());
    m_recent->setVisible(!folders.isEmpty());
    m_none->setVisible(folders.isEmpty());
    m_steps->setVisible(folders.size() < recentShown / 2);
}

void StartPage::setTrainBusy(bool busy)
{
    m_train->setEnabled(!busy);
    m_train->setText(busy ? tr("Starting…") : tr("Train MNIST now"));
}

void StartPage::showMenu(const QPoint &position)
{
    const QListWidgetItem *item = m_recent->itemAt(position);
    if (!item)
        return;
    const QString folder = item->data(Qt::UserRole).toString();
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(theme::icon(u"open"_s), tr("Open"), this, [this, folder] { Q_EMIT workspaceChosen(folder); });
    menu->addAction(theme::icon(u"close"_s), tr("Remove from this list"), this,
                    [this, folder] { Q_EMIT forgetRequested(folder); });
    menu->popup(m_recent->viewport()->mapToGlobal(position));
}

} // namespace bottega
