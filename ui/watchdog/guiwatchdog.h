// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace bottega {

/// Watches the thread it is made in, the GUI's: a timer there beats, a thread of its own listens. Where a beat is late by
/// more than the limit, it takes the thread's stack as it is at that moment, by a signal (SIGRTMIN + 7), and tells the
/// block when it is over; one that lasts 25 limits is told while it lasts. A process that was stopped or suspended as
/// a whole has not blocked anything and is passed over. One at a time in a process.
///
/// Functions are named where their symbols are exported (ENABLE_EXPORTS), else as module+offset for addr2line.
class GuiWatchdog : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(GuiWatchdog)
public:
    struct Block
    {
        std::chrono::milliseconds length{0};
        std::chrono::milliseconds computing{0}; // processor time of the thread meanwhile: little where it waited
        bool isOver = true;
        std::vector<std::string> stack; // innermost function first

        [[nodiscard]] std::string text() const; // lines of words, for a log
    };
    using Listener = std::function<void(const Block &)>; // called in the watchdog's thread

    explicit GuiWatchdog(std::chrono::milliseconds limit = std::chrono::milliseconds(200), Listener listener = {});
    ~GuiWatchdog() override;

    [[nodiscard]] std::vector<Block> blocks() const; // those that are over, in order; from any thread
    [[nodiscard]] Block longest() const;             // of them; length 0 where there was none
    void forget();

private:
    struct Watch;
    std::unique_ptr<Watch> m_watch;
};

} // namespace bottega
