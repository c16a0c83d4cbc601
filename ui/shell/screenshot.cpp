// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/screenshot.h"

#include "core/base/atomicsave.h"
#include "ui/runs/runpage.h"
#include "ui/shell/mainwindow.h"
#include "ui/shell/session.h"

#include <QBuffer>
#include <QPixmap>
#include <QTimer>

#include <utility>

namespace bottega {

namespace {

// Charts and models draw on timers of their own; this leaves them time for the last frame.
constexpr int lastFrames = 400;

Result<void> savePicture(QWidget *window, const std::filesystem::path &file)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    if (!buffer.open(QIODevice::WriteOnly) || !window->grab().save(&buffer, "PNG"))
        return fail(ErrorCode::Failed, "The window could not be drawn as PNG", file.string());
    return saveAtomically(file, {bytes.constData(), static_cast<std::size_t>(bytes.size())}, 0644);
}

} // namespace

Screenshot::Screenshot(MainWindow *window, std::filesystem::path file)
    : QObject(window)
    , m_window(window)
    , m_file(std::move(file))
{
}

void Screenshot::start(bool opensWorkspace, bool opensRun)
{
    Session *session = m_window->session();
    connect(session, &Session::failed, this, [this](const Error &error) { end(fail(error)); });
    if (opensRun)
        connect(m_window->runPage(), &RunPage::settled, this, &Screenshot::takeSoon);
    else if (opensWorkspace)
        connect(session, &Session::runsLoaded, this, &Screenshot::takeSoon);
    else
        takeSoon();
}

void Screenshot::takeSoon()
{
    QTimer::singleShot(lastFrames, this, [this] { end(savePicture(m_window, m_file)); });
}

void Screenshot::end(const Result<void> &result)
{
    if (std::exchange(m_ended, true))
        return;
    if (result)
        Q_EMIT saved();
    else
        Q_EMIT failed(result.error());
}

} // namespace bottega
