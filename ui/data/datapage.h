// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workspace/datasets.h"
#include "core/workspace/downloader.h"
#include "core/workspace/workspace.h"

#include <QHash>
#include <QWidget>

#include <functional>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

class QVBoxLayout;

namespace bottega {

class DatasetCard;
class Notice;

/// The data sets of a workspace and those it could have, one card each; get, download, import, verify, remove.
class DataPage : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(DataPage)
public:
    explicit DataPage(QWidget *parent = nullptr);

    void setWorkspace(const Workspace &workspace); // gives up the downloads of the former one; their parts are kept
    void refresh();

    /// Called with each downloader before it starts: other mirrors for tests and closed networks.
    void setDownloaderSetup(std::function<void(DatasetDownloader &)> setup) { m_setup = std::move(setup); }

protected:
    void showEvent(QShowEvent *event) override;

private:
    struct Listing
    {
        std::vector<Dataset> datasets;
        std::vector<std::pair<std::string, Error>> damaged;
    };
    [[nodiscard]] static Result<Listing> readListing(const Workspace &workspace);
    void showListing(const Result<Listing> &listing);
    [[nodiscard]] DatasetCard *card(const QString &name, int position);
    void removeCardsBut(const std::vector<QString> &names);

    void get(DatasetCard *card);
    void download(DatasetCard *card);
    void verify(DatasetCard *card);
    void askRemove(DatasetCard *card);
    void openImport(const QString &name);
    /// Runs work on the data sets for one card, which shows that it is busy until the end.
    template <class Value>
    void work(DatasetCard *card, const QString &text, std::function<Result<Value>(const Datasets &)> job,
              std::function<void(const Result<Value> &)> done);

    std::optional<Workspace> m_workspace;
    std::function<void(DatasetDownloader &)> m_setup;
    unsigned m_listings = 0; // begun so far: only the last one is shown
    QHash<QString, DatasetCard *> m_cards;
    QHash<QString, DatasetDownloader *> m_downloads;
    Notice *m_notice = nullptr;
    QVBoxLayout *m_list = nullptr;
};

} // namespace bottega
