// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/workspace/datasets.h"

#include <QObject>
#include <QStringList>

#include <memory>

namespace bottega {

/// Qt's meta type of a signal's Result compares its parts.
[[nodiscard]] inline bool operator==(const Error &a, const Error &b)
{
    return a.code == b.code && a.what == b.what && a.where == b.where && a.kept == b.kept && a.remedy == b.remedy;
}

/// Downloads a known data set into a workspace: https mirrors in order, resumed where a part is there already, each
/// file unpacked and held against the size and SHA-256 pinned in the program before it gets its name. Asynchronous in
/// the caller's thread, which needs an event loop; exactly one finished() follows start().
class DatasetDownloader : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(DatasetDownloader)
public:
    DatasetDownloader(Workspace workspace, QString datasetName, QObject *parent = nullptr);
    ~DatasetDownloader() override;

    /// Other known sets than the program's own, for tests. Before start(), as all of these.
    void setCatalogue(std::shared_ptr<const Catalogue> catalogue);
    /// For tests and closed networks: other mirrors (base URLs, https only) and a certificate authority to trust.
    void setMirrors(const QStringList &baseUrls);
    void setAuthority(const QByteArray &pemCertificate);
    void setStallTimeout(int milliseconds); // no byte for so long: next mirror. 30 s unless set

    void start();
    void cancel(); // finished() with Canceled; the part that is there is kept for the next time

Q_SIGNALS:
    void progress(qint64 receivedBytes, qint64 totalBytes, const QString &file);
    void finished(const bottega::Result<bottega::Dataset> &result);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace bottega
