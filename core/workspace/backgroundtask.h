// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtConcurrent/QtConcurrentRun>
#include <QFutureWatcher>
#include <QObject>

#include <type_traits>
#include <utility>

namespace bottega {

/// Runs `work` in the thread pool and `then(result)` back in `context`'s thread, which is the caller's; when `context` is
/// gone meanwhile, the result is dropped. `work` captures values only. The GUI thread never waits.
template <class Work, class Then>
void runInBackground(QObject *context, Work work, Then then)
{
    // Not QFuture::then(context, …): in Qt 6.4 it calls into a context that is gone.
    using Value = std::invoke_result_t<std::decay_t<Work> &>;
    auto *watcher = new QFutureWatcher<Value>(context);
    QObject::connect(watcher, &QFutureWatcher<Value>::finished, watcher, [watcher, then = std::move(then)]() mutable {
        watcher->deleteLater();
        if constexpr (std::is_void_v<Value>)
            then();
        else
            then(watcher->future().takeResult());
    });
    watcher->setFuture(QtConcurrent::run(std::move(work)));
}

} // namespace bottega
