// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/archivetransfer.h"

#include "core/workspace/archiveimport.h"
#include "core/workspace/backgroundtask.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/format.h"

#include <QAbstractButton>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QMessageBox>
#include <QProgressDialog>
#include <QPushButton>
#include <QTimer>

#include <algorithm>
#include <atomic>
#include <filesystem>

namespace bottega {

using namespace Qt::StringLiterals;

struct ArchiveTransfer::Job
{
    QString title;
    int ticks = 0;
    std::atomic<std::uint64_t> done = 0;
    std::atomic<std::uint64_t> total = 0;
    std::atomic<bool> isCanceled = false;

    static CopyProgress progress(const std::shared_ptr<Job> &job)
    {
        return [job](std::uint64_t done, std::uint64_t total) {
            job->done = done;
            job->total = total;
            return !job->isCanceled;
        };
    }
};

ArchiveTransfer::ArchiveTransfer(QWidget *window)
    : QObject(window)
    , m_window(window)
    , m_tick(new QTimer(this))
{
    m_tick->setInterval(100);
    connect(m_tick, &QTimer::timeout, this, &ArchiveTransfer::showProgress);
}

ArchiveTransfer::~ArchiveTransfer()
{
    if (m_job)
        m_job->isCanceled = true;
}

bool ArchiveTransfer::isArchive(const QString &path)
{
    return path.endsWith(QLatin1StringView(archiveSuffix)) && QFileInfo(path).isFile();
}

bool ArchiveTransfer::begin(const QString &title)
{
    if (m_job)
        return false;
    m_job = std::make_shared<Job>();
    m_job->title = title;
    m_tick->start();
    return true;
}

/// Appears only where it takes longer than a moment.
void ArchiveTransfer::showProgress()
{
    constexpr int shownAfterTicks = 4;
    if (!m_dialog && ++m_job->ticks < shownAfterTicks)
        return;
    if (!m_dialog) {
        m_dialog = new QProgressDialog(m_job->title, tr("Cancel"), 0, 1000, m_window);
        m_dialog->setObjectName(u"archiveProgress"_s);
        m_dialog->setAutoClose(false);
        m_dialog->setAutoReset(false);
        connect(m_dialog, &QProgressDialog::canceled, this, [this] { m_job->isCanceled = true; });
        m_dialog->show();
    }
    const std::uint64_t total = m_job->total;
    m_dialog->setValue(total == 0 ? 0 : static_cast<int>(m_job->done * 1000 / total));
}

void ArchiveTransfer::end(const Error *error)
{
    m_tick->stop();
    delete m_dialog;
    m_dialog = nullptr;
    m_job.reset();
    if (error && error->code != ErrorCode::Canceled)
        showError(m_window, *error);
}

void ArchiveTransfer::exportFrom(const Workspace &workspace, const ExportRequest &request)
{
    auto *dialog = new QFileDialog(m_window, tr("Export to an archive"), QDir::homePath(), tr("Archives (*.bottega)"));
    dialog->setObjectName(u"exportDialog"_s);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(u"bottega"_s);
    dialog->setOption(QFileDialog::DontUseNativeDialog);
    dialog->selectFile(toQString((request.runs.size() == 1 ? request.runs.front() : workspace.name()) + archiveSuffix));
    connect(dialog, &QFileDialog::fileSelected, this, [this, workspace, request](const QString &file) {
        ExportRequest overwriting = request;
        overwriting.overwrites = true; // the dialog has asked
        exportTo(workspace, overwriting, file);
    });
    dialog->open();
}

void ArchiveTransfer::exportTo(const Workspace &workspace, const ExportRequest &request, const QString &file)
{
    if (!begin(tr("Exporting…")))
        return;
    runInBackground(
        this,
        [workspace, request, path = std::filesystem::path(toStdString(file)), progress = Job::progress(m_job)] {
            return exportArchive(workspace, request, path, progress);
        },
        [this, file](const Result<ExportReport> &report) {
            end(report ? nullptr : &report.error());
            if (!report)
                return;
            QString text = tr("Exported %n run(s)", nullptr, static_cast<int>(report->manifest.runs.size()));
            if (const auto count = report->manifest.leftOut.size(); count > 0)
                text += u" · "_s + tr("%n link(s) or special file(s) left out", nullptr, static_cast<int>(count));
            Q_EMIT exported(text + u" · "_s + QDir::toNativeSeparators(file));
        });
}

void ArchiveTransfer::chooseImport(const std::optional<Workspace> &open)
{
    auto *dialog = new QFileDialog(m_window, tr("Import an archive"), QDir::homePath(), tr("Archives (*.bottega)"));
    dialog->setObjectName(u"importDialog"_s);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setOption(QFileDialog::DontUseNativeDialog);
    connect(dialog, &QFileDialog::fileSelected, this, [this, open](const QString &file) { importFrom(file, open); });
    dialog->open();
}

void ArchiveTransfer::importFrom(const QString &file, const std::optional<Workspace> &open)
{
    auto *box = new QMessageBox(QMessageBox::Question, tr("Import an archive"), tr("Import %1?").arg(shownText(QFileInfo(file).fileName(), 100)),
                                QMessageBox::Cancel, m_window);
    box->setObjectName(u"importQuestion"_s);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText);
    box->setInformativeText(tr("A new workspace can be looked through safely: nothing in it is executed until you trust it."));
    for (QLabel *label : box->findChildren<QLabel *>())
        label->setTextFormat(Qt::PlainText);
    auto *anew = box->addButton(tr("New workspace…"), QMessageBox::AcceptRole);
    anew->setObjectName(u"importAnew"_s);
    box->setDefaultButton(anew);
    connect(anew, &QAbstractButton::clicked, this, [this, file] {
        auto *dialog = new QFileDialog(m_window, tr("Folder of the new workspace"));
        dialog->setObjectName(u"importFolderDialog"_s);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setAcceptMode(QFileDialog::AcceptSave);
        dialog->setOption(QFileDialog::DontUseNativeDialog);
        dialog->setOption(QFileDialog::DontConfirmOverwrite); // an existing folder is refused anyway
        dialog->selectFile(QFileInfo(file).completeBaseName());
        connect(dialog, &QFileDialog::fileSelected, this, [this, file](const QString &folder) { importTo(file, folder); });
        dialog->open();
    });
    if (open) {
        auto *here = box->addButton(tr("Into the open workspace"), QMessageBox::ActionRole);
        here->setObjectName(u"importHere"_s);
        connect(here, &QAbstractButton::clicked, this, [this, file, workspace = *open] { importInto(file, workspace); });
    }
    box->open();
}

namespace {

QString summaryOf(const ImportReport &report)
{
    const auto there = std::count_if(report.items.begin(), report.items.end(), [](const ImportedItem &item) { return item.wasThere; });
    QString text = ArchiveTransfer::tr("Imported %n run(s), model(s) and data set(s)", nullptr,
                                       static_cast<int>(static_cast<std::ptrdiff_t>(report.items.size()) - there));
    if (there > 0)
        text += u" · "_s + ArchiveTransfer::tr("%n there already", nullptr, static_cast<int>(there));
    return text;
}

} // namespace

void ArchiveTransfer::importTo(const QString &file, const QString &newFolder)
{
    if (!begin(tr("Importing…")))
        return;
    runInBackground(
        this,
        [from = std::filesystem::path(toStdString(file)), to = std::filesystem::path(toStdString(newFolder)),
         progress = Job::progress(m_job)] { return importArchiveTo(from, to, progress); },
        [this](const Result<ImportReport> &report) {
            end(report ? nullptr : &report.error());
            if (report)
                Q_EMIT imported(toQString(report->workspace.string()), summaryOf(*report));
        });
}

void ArchiveTransfer::importInto(const QString &file, const Workspace &workspace)
{
    if (!begin(tr("Importing…")))
        return;
    runInBackground(
        this,
        [from = std::filesystem::path(toStdString(file)), workspace, progress = Job::progress(m_job)] {
            return importArchive(from, workspace, progress);
        },
        [this](const Result<ImportReport> &report) {
            end(report ? nullptr : &report.error());
            if (report)
                Q_EMIT imported(toQString(report->workspace.string()), summaryOf(*report));
        });
}

} // namespace bottega
