// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/downloaddialog.h"

#include "core/workspace/artifactcopy.h"
#include "core/workspace/backgroundtask.h"
#include "ui/widgets/errortext.h"

#include <QDesktopServices>
#include <QDir>
#include <QFileDialog>
#include <QLabel>
#include <QMessageBox>
#include <QPointer>
#include <QProgressDialog>
#include <QPushButton>
#include <QStandardPaths>
#include <QTimer>
#include <QUrl>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>

namespace bottega {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// What is to be copied; finding it out may read the disk.
struct Source
{
    std::filesystem::path folder;
    std::function<Result<std::vector<CopyItem>>()> items;
};

/// Shared with the copying thread.
struct Progress
{
    std::atomic<std::uint64_t> done = 0;
    std::atomic<std::uint64_t> total = 0;
    std::atomic<bool> isCanceled = false;
};

using Written = Result<std::vector<std::filesystem::path>>;

QString &lastFolder()
{
    static QString folder;
    if (folder.isEmpty() || !QDir(folder).exists())
        folder = QStandardPaths::writableLocation(QStandardPaths::DownloadLocation);
    if (!QDir(folder).exists())
        folder = QDir::homePath();
    return folder;
}

/// One download from the question where to, to the word that it is done. A child of the window that asked for it.
class Download final : public QObject
{
    Q_OBJECT
public:
    Download(Source source, QWidget *window)
        : QObject(window)
        , m_window(window)
        , m_source(std::move(source))
    {
        m_tick.setInterval(100ms);
        connect(&m_tick, &QTimer::timeout, this, &Download::showProgress);
    }
    ~Download() override { m_progress->isCanceled = true; }

    void start()
    {
        auto *dialog = new QFileDialog(m_window, tr("Download to folder"), lastFolder());
        dialog->setObjectName(u"downloadFolderDialog"_s);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setOption(QFileDialog::DontUseNativeDialog);
        dialog->setFileMode(QFileDialog::Directory);
        dialog->setOption(QFileDialog::ShowDirsOnly);
        dialog->setLabelText(QFileDialog::Accept, tr("Download here"));
        connect(dialog, &QFileDialog::rejected, this, &QObject::deleteLater);
        connect(dialog, &QFileDialog::accepted, this, [this, dialog] {
            m_folder = dialog->selectedFiles().value(0);
            lastFolder() = m_folder;
            copy(IfExists::Refuse);
        });
        dialog->open();
    }

private:
    void copy(IfExists ifExists)
    {
        m_progress = std::make_shared<Progress>();
        m_tick.start();
        runInBackground(
            this,
            [source = m_source, folder = m_folder, ifExists, progress = m_progress]() -> Written {
                const auto items = source.items();
                if (!items)
                    return fail(items.error());
                return copyFiles(source.folder, *items, toStdString(folder), ifExists,
                                 [&progress](std::uint64_t done, std::uint64_t total) {
                                     progress->done = done;
                                     progress->total = total;
                                     return !progress->isCanceled;
                                 });
            },
            [this](const Written &written) { finish(written); });
    }

    void finish(const Written &written)
    {
        m_tick.stop();
        delete m_dialog;
        if (!written && written.error().code == ErrorCode::Exists)
            return askOverwrite(toQString(written.error().what));
        if (written)
            showDone(*written);
        else if (written.error().code != ErrorCode::Canceled)
            showError(m_window, written.error());
        deleteLater();
    }

    /// Appears only where copying takes longer than a moment.
    void showProgress()
    {
        constexpr int shownAfterTicks = 4;
        if (!m_dialog && ++m_ticks < shownAfterTicks)
            return;
        if (!m_dialog) {
            m_dialog = new QProgressDialog(tr("Copying and verifying…"), tr("Cancel"), 0, 1000, m_window);
            m_dialog->setObjectName(u"downloadProgress"_s);
            m_dialog->setAutoClose(false);
            m_dialog->setAutoReset(false);
            connect(m_dialog, &QProgressDialog::canceled, this, [this] { m_progress->isCanceled = true; });
            m_dialog->show();
        }
        const std::uint64_t total = m_progress->total;
        m_dialog->setValue(total == 0 ? 0 : static_cast<int>(m_progress->done * 1000 / total));
    }

    QMessageBox *makeBox(QMessageBox::Icon icon, const QString &name, const QString &text, const QString &details)
    {
        auto *box = new QMessageBox(icon, QString(), text, QMessageBox::NoButton, m_window);
        box->setObjectName(name);
        box->setAttribute(Qt::WA_DeleteOnClose);
        box->setTextFormat(Qt::PlainText);
        box->setInformativeText(details);
        // The informative text has a label of its own that doesn't inherit the format.
        for (QLabel *label : box->findChildren<QLabel *>())
            label->setTextFormat(Qt::PlainText);
        return box;
    }

    void askOverwrite(const QString &what)
    {
        QMessageBox *box = makeBox(QMessageBox::Question, u"overwriteQuestion"_s, tr("Overwrite what is there?"),
                                   tr("%1\n%2").arg(what, QDir::toNativeSeparators(m_folder)));
        const auto *overwrite = box->addButton(tr("Overwrite"), QMessageBox::DestructiveRole);
        const auto *keepBoth = box->addButton(tr("Keep both"), QMessageBox::AcceptRole);
        box->setDefaultButton(box->addButton(QMessageBox::Cancel));
        connect(box, &QMessageBox::finished, this, [this, box, overwrite, keepBoth] {
            if (box->clickedButton() == overwrite)
                copy(IfExists::Overwrite);
            else if (box->clickedButton() == keepBoth)
                copy(IfExists::KeepBoth);
            else
                deleteLater();
        });
        box->open();
    }

    void showDone(const std::vector<std::filesystem::path> &written)
    {
        const QString text = written.size() == 1
                                 ? tr("%1 was saved").arg(toQString(written.front().filename().string()))
                                 : tr("%n file(s) were saved", nullptr, static_cast<int>(written.size()));
        QMessageBox *box = makeBox(QMessageBox::Information, u"downloadResult"_s, text,
                                   tr("In %1").arg(QDir::toNativeSeparators(m_folder)));
        const auto *open = box->addButton(tr("Open folder"), QMessageBox::ActionRole);
        box->setDefaultButton(box->addButton(QMessageBox::Close));
        connect(open, &QAbstractButton::clicked, box,
                [folder = m_folder] { QDesktopServices::openUrl(QUrl::fromLocalFile(folder)); });
        box->open();
    }

    QWidget *m_window;
    Source m_source;
    QString m_folder;
    std::shared_ptr<Progress> m_progress = std::make_shared<Progress>();
    QTimer m_tick;
    int m_ticks = 0;
    QPointer<QProgressDialog> m_dialog;
};

} // namespace

void downloadArtifacts(QWidget *parent, const RunFolder &run, const QStringList &paths)
{
    std::vector<std::string> wanted;
    for (const QString &path : paths)
        wanted.push_back(toStdString(path));
    (new Download({run.work(), [run, wanted] { return artifactItems(run, wanted); }}, parent))->start();
}

void downloadModel(QWidget *parent, const Workspace &workspace, const Model &model)
{
    const auto items = [model]() -> Result<std::vector<CopyItem>> { return modelItems(model); };
    (new Download({Models(workspace).filesFolder(model), items}, parent))->start();
}

} // namespace bottega

#include "downloaddialog.moc"
