// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/data/datapage.h"

#include "core/base/safename.h"
#include "core/workspace/backgroundtask.h"
#include "ui/data/datasetcard.h"
#include "ui/data/importdialog.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/format.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/question.h"
#include "ui/widgets/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QLocale>
#include <QScrollArea>
#include <QTime>
#include <QVBoxLayout>

#include <algorithm>

namespace bottega {

using namespace Qt::StringLiterals;

DataPage::DataPage(QWidget *parent)
    : QWidget(parent)
    , m_notice(new Notice(this))
{
    auto *title = new QLabel(tr("Data"), this);
    title->setFont(theme::font(2, true));
    auto *import = new QPushButton(theme::icon(u"import"_s), tr("Import…"), this);
    import->setObjectName(u"importData"_s);
    connect(import, &QPushButton::clicked, this, [this] { openImport({}); });
    auto *heading = new QHBoxLayout;
    heading->addWidget(title, 1);
    heading->addWidget(import);

    auto *content = new QWidget(this);
    content->setObjectName(u"scrollContent"_s);
    auto *contentLayout = new QVBoxLayout(content);
    contentLayout->setContentsMargins(theme::page, theme::page, theme::page, theme::page);
    contentLayout->setSpacing(theme::wide);
    m_list = new QVBoxLayout;
    m_list->setSpacing(theme::wide);
    contentLayout->addLayout(heading);
    contentLayout->addWidget(m_notice);
    contentLayout->addLayout(m_list);
    contentLayout->addStretch();
    auto *scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidget(content);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(scroll);
}

void DataPage::setWorkspace(const Workspace &workspace)
{
    qDeleteAll(std::exchange(m_downloads, {}));
    removeCardsBut({});
    m_workspace = workspace;
    m_notice->clear();
    refresh();
}

void DataPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    refresh();
}

void DataPage::refresh()
{
    if (!m_workspace)
        return;
    runInBackground(
        this, [workspace = *m_workspace] { return readListing(workspace); },
        [this, number = ++m_listings](const Result<Listing> &listing) {
            if (number == m_listings) // what was read earlier may arrive later
                showListing(listing);
        });
}

Result<DataPage::Listing> DataPage::readListing(const Workspace &workspace)
{
    const Datasets datasets(workspace);
    auto list = datasets.list();
    if (!list)
        return fail(list.error());
    Listing listing{std::move(*list), {}};
    std::error_code failure;
    using Entries = std::filesystem::directory_iterator;
    for (Entries entry(workspace.datasetsFolder(), failure), end; !failure && entry != end; entry.increment(failure)) {
        const std::string name = entry->path().filename().string();
        const auto isIt = [&name](const Dataset &dataset) { return dataset.name == name; };
        if (!checkName("a data set", name, 1, 64) || std::any_of(listing.datasets.begin(), listing.datasets.end(), isIt))
            continue;
        if (const auto dataset = datasets.find(name); !dataset)
            listing.damaged.emplace_back(name, dataset.error());
    }
    return listing;
}

void DataPage::showListing(const Result<Listing> &listing)
{
    if (!listing)
        return m_notice->showError(listing.error());
    std::vector<QString> names;
    const auto nextCard = [this, &names](const std::string &name) {
        names.push_back(toQString(name));
        return card(names.back(), static_cast<int>(names.size()) - 1);
    };
    for (const auto &[name, error] : listing->damaged) {
        DatasetCard *one = nextCard(name);
        if (!one->isBusy()) // its work reads the files itself, and the page is read again at its end
            one->setDamaged(error);
    }
    for (const Dataset &dataset : listing->datasets) {
        DatasetCard *one = nextCard(dataset.name);
        if (!one->isBusy())
            one->setDataset(dataset, Datasets(*m_workspace).folder(dataset.name));
    }
    removeCardsBut(names);
}

/// The card of this name, made where there is none, at its place in the list.
DatasetCard *DataPage::card(const QString &name, int position)
{
    DatasetCard *&card = m_cards[name];
    if (!card) {
        card = new DatasetCard(name, this);
        connect(card, &DatasetCard::getRequested, this, [this, card = card] { get(card); });
        connect(card, &DatasetCard::importRequested, this, [this, name] { openImport(name); });
        connect(card, &DatasetCard::verifyRequested, this, [this, card = card] { verify(card); });
        connect(card, &DatasetCard::removeRequested, this, [this, card = card] { askRemove(card); });
        connect(card, &DatasetCard::cancelRequested, this, [this, name] {
            if (DatasetDownloader *download = m_downloads.value(name))
                download->cancel();
        });
    }
    if (m_list->indexOf(card) != position)
        m_list->insertWidget(position, card);
    return card;
}

void DataPage::removeCardsBut(const std::vector<QString> &names)
{
    for (auto entry = m_cards.begin(); entry != m_cards.end();) {
        if (std::find(names.begin(), names.end(), entry.key()) != names.end()) {
            ++entry;
            continue;
        }
        entry.value()->hide();
        entry.value()->deleteLater(); // a button of its own may be what led here
        entry = m_cards.erase(entry);
    }
}

template <class Value>
void DataPage::work(DatasetCard *card, const QString &text, std::function<Result<Value>(const Datasets &)> job,
                    std::function<void(const Result<Value> &)> done)
{
    card->setBusy(text, false);
    runInBackground(
        card, [job = std::move(job), datasets = Datasets(*m_workspace)] { return job(datasets); },
        [this, card, done = std::move(done)](const Result<Value> &result) {
            card->setIdle();
            if (!result)
                card->showError(result.error());
            done(result);
            refresh();
        });
}

void DataPage::get(DatasetCard *card)
{
    if (!card->dataset() || card->dataset()->state == DatasetState::Download)
        return download(card);
    const std::string name = card->dataset()->name;
    work<Dataset>(
        card, tr("Unpacking and proving…"), [name](const Datasets &datasets) { return datasets.installOffered(name); },
        [](const Result<Dataset> &) {});
}

void DataPage::download(DatasetCard *card)
{
    const QString name = card->name();
    if (m_downloads.contains(name))
        return;
    auto *downloader = new DatasetDownloader(*m_workspace, name, this);
    m_downloads.insert(name, downloader);
    if (m_setup)
        m_setup(*downloader);
    card->setBusy(tr("Connecting…"), true);
    connect(downloader, &DatasetDownloader::progress, card, [card](qint64 done, qint64 total, const QString &file) {
        card->setProgress(done, total,
                          tr("%1 of about %2: %3").arg(bytesText(static_cast<std::uint64_t>(done)),
                                                       bytesText(static_cast<std::uint64_t>(total)), file));
    });
    connect(downloader, &DatasetDownloader::finished, this, [this, name, downloader](const Result<Dataset> &result) {
        m_downloads.remove(name);
        downloader->deleteLater();
        if (DatasetCard *shown = m_cards.value(name)) {
            shown->setIdle();
            if (!result && result.error().code != ErrorCode::Canceled)
                shown->showError(result.error(), tr("Try again"));
        }
        refresh();
    });
    downloader->start();
}

void DataPage::verify(DatasetCard *card)
{
    const std::string name = toStdString(card->name());
    work<Dataset>(
        card, tr("Reading all files again…"), [name](const Datasets &datasets) { return datasets.verify(name); },
        [card](const Result<Dataset> &result) {
            if (!result)
                return card->showFailedCheck(result.error());
            card->showSuccess(tr("All four files are exactly what they should be (checked at %1).")
                                  .arg(QLocale().toString(QTime::currentTime(), QLocale::ShortFormat)));
        });
}

void DataPage::askRemove(DatasetCard *card)
{
    const QString name = card->name();
    const QString details =
        card->dataset() ? tr("%1 of disk space come back. Runs and models made with it are kept.")
                              .arg(bytesText(card->dataset()->bytes))
                        : tr("Its files are removed from the workspace. Runs and models made with it are kept.");
    askBefore(card, tr("Remove the data set %1?").arg(name), details, tr("Remove"), [this, card] {
        using Nothing = std::monostate;
        work<Nothing>(
            card, tr("Removing…"),
            [name = toStdString(card->name())](const Datasets &datasets) -> Result<Nothing> {
                if (auto removed = datasets.remove(name); !removed)
                    return fail(removed.error());
                return Nothing();
            },
            [](const Result<Nothing> &) {});
    });
}

void DataPage::openImport(const QString &name)
{
    if (!m_workspace)
        return;
    QStringList taken;
    for (const DatasetCard *card : std::as_const(m_cards))
        if (!card->dataset() || card->dataset()->state == DatasetState::Ready)
            taken += card->name();
    auto *dialog = new ImportDialog(*m_workspace, name, taken, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &ImportDialog::imported, this, [this](const Dataset &dataset) {
        m_notice->showSuccess(tr("%1 was imported: %Ln training image(s).", nullptr, static_cast<int>(dataset.trainCount))
                                  .arg(toQString(dataset.name)));
        refresh();
    });
    dialog->open();
}

} // namespace bottega
