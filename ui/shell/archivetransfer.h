// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workspace/archiveexport.h"
#include "core/workspace/workspace.h"

#include <QObject>

#include <memory>
#include <optional>

class QProgressDialog;
class QTimer;
class QWidget;

namespace bottega {

/// Export to an archive and import from one: asks where, then works in the background behind a progress that can be
/// canceled and never blocks the window. Errors are shown here; each request that was carried out ends with one of the
/// signals.
class ArchiveTransfer : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ArchiveTransfer)
public:
    explicit ArchiveTransfer(QWidget *window);
    ~ArchiveTransfer() override;

    /// Asks for the file; nothing named in the request: the whole workspace.
    void exportFrom(const Workspace &workspace, const ExportRequest &request);
    void exportTo(const Workspace &workspace, const ExportRequest &request, const QString &file);

    /// Asks whether to make a new workspace of it, or to put it into the open one, given where that is trusted.
    void importFrom(const QString &file, const std::optional<Workspace> &open);
    void chooseImport(const std::optional<Workspace> &open); // asks for the archive first
    void importTo(const QString &file, const QString &newFolder);
    void importInto(const QString &file, const Workspace &workspace);

    [[nodiscard]] static bool isArchive(const QString &path);
    [[nodiscard]] bool isBusy() const { return m_job != nullptr; }

Q_SIGNALS:
    void exported(const QString &text);
    void imported(const QString &folder, const QString &text);

private:
    struct Job;
    [[nodiscard]] bool begin(const QString &title);
    void showProgress();
    void end(const Error *error);

    QWidget *m_window;
    std::shared_ptr<Job> m_job;
    QTimer *m_tick = nullptr;
    QProgressDialog *m_dialog = nullptr;
};

} // namespace bottega
