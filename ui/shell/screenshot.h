// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QObject>

#include <filesystem>

namespace bottega {

class MainWindow;

/// Saves one picture of the window as soon as what it opens is there: the run's data, and its end where it still lives;
/// without a run, the list of runs; without a workspace, at once. Exactly one of saved() and
/// failed() follows start().
class Screenshot : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Screenshot)
public:
    Screenshot(MainWindow *window, std::filesystem::path file);
    void start(bool opensWorkspace, bool opensRun);

Q_SIGNALS:
    void saved();
    void failed(const bottega::Error &error);

private:
    void takeSoon();
    void end(const Result<void> &result);

    MainWindow *m_window = nullptr;
    std::filesystem::path m_file;
    bool m_ended = false;
};

} // namespace bottega
