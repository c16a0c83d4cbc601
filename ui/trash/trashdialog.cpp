// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/trash/trashdialog.h"

#include "core/workspace/backgroundtask.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/format.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/question.h"
#include "ui/widgets/theme.h"

#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>

#include <utility>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

enum Column { Name, Kind, Deleted, Size };

struct Removed
{
    std::size_t items = 0;
    std::uint64_t bytes = 0;
};

Result<Removed> removeAll(const Trash &trash, const std::vector<TrashItem> &items)
{
    Removed removed;
    for (const TrashItem &item : items) {
        const auto freed = trash.remove(item);
        if (!freed && freed.error().code == ErrorCode::NotFound)
            continue; // restored or removed elsewhere meanwhile
        if (!freed)
            return fail(freed.error());
        ++removed.items;
        removed.bytes += *freed;
    }
    return removed;
}

Result<std::vector<TrashItem>> restoreAll(const Trash &trash, const std::vector<TrashItem> &items)
{
    for (const TrashItem &item : items) {
        if (auto restored = trash.restore(item); !restored)
            return fail(restored.error());
    }
    return items;
}

} // namespace

TrashDialog::TrashDialog(const Workspace &workspace, QWidget *parent)
    : QDialog(parent)
    , m_trash(workspace)
    , m_list(new QTreeWidget(this))
    , m_total(new QLabel(this))
    , m_notice(new Notice(this))
{
    setObjectName(u"trashDialog"_s);
    setWindowTitle(tr("Trash"));
    resize(680, 420);
    m_list->setObjectName(u"trashList"_s);
    m_list->setAccessibleName(tr("Deleted runs and models"));
    m_list->setHeaderLabels({tr("Name"), tr("Kind"), tr("Deleted"), tr("Size")});
    m_list->setRootIsDecorated(false);
    m_list->setUniformRowHeights(true);
    m_list->setAllColumnsShowFocus(true);
    m_list->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_list->header()->setStretchLastSection(false);
    m_list->header()->setMinimumSectionSize(110); // the titles alone ask for less than they need
    m_list->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_list->header()->setSectionResizeMode(Name, QHeaderView::Stretch);
    m_total->setObjectName(u"trashTotal"_s);
    m_total->setTextFormat(Qt::PlainText);

    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    const auto add = [&](const QString &name, const QString &icon, const QString &text) {
        auto *button = buttons->addButton(text, QDialogButtonBox::ActionRole);
        button->setObjectName(name);
        button->setIcon(theme::icon(icon));
        button->setAutoDefault(false);
        return button;
    };
    m_restore = add(u"restoreTrash"_s, u"back"_s, tr("Restore"));
    m_remove = add(u"removeTrash"_s, u"delete"_s, tr("Delete permanently…"));
    m_empty = add(u"emptyTrash"_s, u"close"_s, tr("Empty trash…"));
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(m_notice);
    layout->addWidget(m_list, 1);
    layout->addWidget(m_total);
    layout->addWidget(buttons);

    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_restore, &QPushButton::clicked, this, &TrashDialog::restoreSelected);
    connect(m_remove, &QPushButton::clicked, this, &TrashDialog::askRemove);
    connect(m_empty, &QPushButton::clicked, this, &TrashDialog::askEmpty);
    connect(m_list, &QTreeWidget::itemSelectionChanged, this, &TrashDialog::updateButtons);
    connect(m_list, &QTreeWidget::itemActivated, this, &TrashDialog::restoreSelected);
    updateButtons();
    refresh();
}

void TrashDialog::refresh()
{
    runInBackground(
        this, [trash = m_trash] { return trash.list(); },
        [this](const Result<std::vector<TrashItem>> &items) {
            if (items)
                showItems(*items);
            else
                m_notice->showError(items.error());
        });
}

void TrashDialog::showItems(const std::vector<TrashItem> &items)
{
    m_items = items;
    m_list->clear();
    std::uint64_t bytes = 0;
    for (const TrashItem &item : items) {
        auto *row = new QTreeWidgetItem(m_list);
        row->setText(Name, shownText(item.name, 200));
        row->setText(Kind, item.isRun() ? tr("Run") : tr("Model"));
        row->setText(Deleted, momentText(item.deletedAt));
        row->setText(Size, bytesText(item.bytes));
        row->setTextAlignment(Size, Qt::AlignRight | Qt::AlignVCenter);
        bytes += item.bytes;
    }
    if (m_list->topLevelItemCount() > 0)
        m_list->setCurrentItem(m_list->topLevelItem(0));
    m_total->setText(items.empty() ? tr("The trash is empty.")
                                   : tr("%n thing(s); emptying gives back %1.", nullptr, static_cast<int>(items.size()))
                                         .arg(bytesText(bytes)));
    updateButtons();
}

void TrashDialog::updateButtons()
{
    const bool hasSelection = !m_list->selectedItems().isEmpty();
    m_restore->setEnabled(hasSelection && !m_isBusy);
    m_remove->setEnabled(hasSelection && !m_isBusy);
    m_empty->setEnabled(!m_items.empty() && !m_isBusy);
}

std::vector<TrashItem> TrashDialog::selected() const
{
    std::vector<TrashItem> items;
    for (QTreeWidgetItem *row : m_list->selectedItems())
        items.push_back(m_items[static_cast<std::size_t>(m_list->indexOfTopLevelItem(row))]);
    return items;
}

void TrashDialog::restoreSelected()
{
    if (m_isBusy)
        return;
    m_isBusy = true;
    updateButtons();
    runInBackground(
        this, [trash = m_trash, items = selected()] { return restoreAll(trash, items); },
        [this](const Result<std::vector<TrashItem>> &items) {
            m_isBusy = false;
            if (items) {
                m_notice->clear();
                for (const TrashItem &item : *items)
                    Q_EMIT restored(item);
            } else {
                m_notice->showError(items.error());
            }
            refresh();
        });
}

void TrashDialog::askRemove()
{
    const std::vector<TrashItem> items = selected();
    askBefore(this, tr("Delete %n thing(s) permanently?", nullptr, static_cast<int>(items.size())),
              tr("This cannot be undone."), tr("Delete permanently"), [this, items] { remove(items); });
}

void TrashDialog::askEmpty()
{
    askBefore(this, tr("Empty the trash?"), tr("This cannot be undone."), tr("Empty trash"),
              [this, items = m_items] { remove(items); });
}

void TrashDialog::remove(const std::vector<TrashItem> &items)
{
    m_isBusy = true;
    updateButtons();
    runInBackground(
        this, [trash = m_trash, items] { return removeAll(trash, items); },
        [this](const Result<Removed> &removed) {
            m_isBusy = false;
            if (removed)
                m_notice->showSuccess(tr("%1 are free again.").arg(bytesText(removed->bytes)));
            else
                m_notice->showError(removed.error());
            refresh();
        });
}

} // namespace bottega
