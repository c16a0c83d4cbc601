// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtConcurrent/QtConcurrentRun>
#include <QFuture>
#include <QObject>

#include <utility>

namespace bottega {

/// Runs `work` in the thread pool and `then(result)` back in `context`'s thread; when `context` is gone meanwhile, the
/// result is dropped. `work` captures values only. The GUI thread never waits.
template <class Work, class Then>
void runInBackground(QObject *context, Work work, Then then)
{
    QtConcurrent::run(std::move(work)).then(context, std::move(then));
}

} // namespace bottega
