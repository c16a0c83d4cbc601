// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/watchdog/guiwatchdog.h"

#include <QTimer>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <mutex>
#include <optional>
#include <pthread.h>
#include <thread>

namespace bottega {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

using Clock = std::chrono::steady_clock;

constexpr milliseconds beatInterval = 20ms;
constexpr int longBlock = 25; // limits
constexpr int ownFrames = 2; // of the signal: its handler and the kernel's trampoline

// What the signal handler writes. Its reader waits until `depth` is set.
std::array<void *, 96> frames;
std::atomic<int> depth{-1};

extern "C" void takeStack(int)
{
    const int before = errno;
    depth.store(::backtrace(frames.data(), static_cast<int>(frames.size())), std::memory_order_release);
    errno = before;
}

std::string demangled(const char *symbol)
{
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> name(abi::__cxa_demangle(symbol, nullptr, nullptr, &status), std::free);
    return status == 0 ? name.get() : symbol;
}

std::string frameText(void *address)
{
    // A return address may already be the next function's: the call is one byte before it.
    const char *call = static_cast<const char *>(address) - 1;
    Dl_info info{};
    if (::dladdr(call, &info) == 0 || !info.dli_fname)
        return "?";
    if (info.dli_sname)
        return demangled(info.dli_sname);
    const std::string module(info.dli_fname);
    std::array<char, 32> offset{};
    std::snprintf(offset.data(), offset.size(), "+0x%zx", static_cast<std::size_t>(call - static_cast<const char *>(info.dli_fbase)));
    return module.substr(module.rfind('/') + 1) + offset.data();
}

std::vector<std::string> stackText()
{
    std::vector<std::string> stack;
    const int count = depth.load(std::memory_order_acquire);
    for (int i = ownFrames; i < count; ++i)
        stack.push_back(frameText(frames[static_cast<std::size_t>(i)]));
    return stack;
}

} // namespace

std::string GuiWatchdog::Block::text() const
{
    std::string text = "The window's thread " + std::string(isOver ? "was" : "has been") + " blocked for " +
                       std::to_string(length.count()) + " ms, " + std::to_string(computing.count()) + " ms of them computing:";
    for (const std::string &frame : stack)
        text += "\n    " + frame;
    return text;
}

struct GuiWatchdog::Watch
{
    Watch(milliseconds allowed, Listener told);
    ~Watch();

    void beat() { lastBeat.store(Clock::now().time_since_epoch(), std::memory_order_release); }
    void run(const std::stop_token &stop);
    void look(Clock::duration now);
    void end(Clock::duration beaten);
    [[nodiscard]] milliseconds processorTime() const;

    const milliseconds limit;
    const Listener listener;
    const pthread_t watched = ::pthread_self();
    struct sigaction previous{};
    QTimer timer;
    std::atomic<Clock::duration> lastBeat{Clock::now().time_since_epoch()};

    // Of the watching thread alone.
    std::optional<Block> current;
    Clock::duration currentBegan{};
    milliseconds processorAtBeat{0};
    Clock::duration knownBeat{};
    bool isLongTold = false;

    mutable std::mutex mutex;
    std::vector<Block> blocks;
    std::jthread thread; // last: it ends first
};

GuiWatchdog::Watch::Watch(milliseconds allowed, Listener told)
    : limit(allowed)
    , listener(std::move(told))
{
    ::backtrace(frames.data(), 1); // loads what it needs outside of the handler
    struct sigaction action{};
    action.sa_handler = takeStack;
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGRTMIN + 7, &action, &previous);
    timer.setTimerType(Qt::PreciseTimer);
    timer.callOnTimeout(&timer, [this] { beat(); });
    timer.start(beatInterval);
    thread = std::jthread([this](const std::stop_token &stop) { run(stop); });
}

GuiWatchdog::Watch::~Watch()
{
    thread.request_stop();
    thread.join();
    ::sigaction(SIGRTMIN + 7, &previous, nullptr);
}

void GuiWatchdog::Watch::run(const std::stop_token &stop)
{
    Clock::duration last = Clock::now().time_since_epoch();
    while (!stop.stop_requested()) {
        std::this_thread::sleep_for(beatInterval);
        const Clock::duration now = Clock::now().time_since_epoch();
        if (now - last > limit) {
            beat(); // the whole process stood still
            current.reset();
        }
        last = now;
        look(now);
    }
}

void GuiWatchdog::Watch::look(Clock::duration now)
{
    const Clock::duration beaten = lastBeat.load(std::memory_order_acquire);
    if (beaten != knownBeat) {
        end(beaten);
        knownBeat = beaten;
        processorAtBeat = processorTime();
    }
    if (now - beaten <= limit + beatInterval)
        return;
    if (!current) {
        current.emplace();
        currentBegan = beaten;
        isLongTold = false;
        depth.store(-1, std::memory_order_release);
        ::pthread_kill(watched, SIGRTMIN + 7);
    }
    if (current->stack.empty() && depth.load(std::memory_order_acquire) >= 0)
        current->stack = stackText();
    if (now - beaten > longBlock * limit && !isLongTold) {
        isLongTold = true;
        Block soFar = *current;
        soFar.isOver = false;
        soFar.length = std::chrono::duration_cast<milliseconds>(now - beaten);
        soFar.computing = processorTime() - processorAtBeat;
        if (listener)
            listener(soFar);
    }
}

void GuiWatchdog::Watch::end(Clock::duration beaten)
{
    if (!current)
        return;
    if (current->stack.empty())
        current->stack = stackText();
    current->length = std::chrono::duration_cast<milliseconds>(beaten - currentBegan);
    current->computing = processorTime() - processorAtBeat;
    if (listener)
        listener(*current);
    const std::lock_guard lock(mutex);
    blocks.push_back(std::move(*current));
    current.reset();
}

milliseconds GuiWatchdog::Watch::processorTime() const
{
    clockid_t clock{};
    timespec time{};
    if (::pthread_getcpuclockid(watched, &clock) != 0 || ::clock_gettime(clock, &time) != 0)
        return 0ms;
    return std::chrono::duration_cast<milliseconds>(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

GuiWatchdog::GuiWatchdog(milliseconds limit, Listener listener)
    : m_watch(std::make_unique<Watch>(limit, std::move(listener)))
{
}

GuiWatchdog::~GuiWatchdog() = default;

std::vector<GuiWatchdog::Block> GuiWatchdog::blocks() const
{
    const std::lock_guard lock(m_watch->mutex);
    return m_watch->blocks;
}

GuiWatchdog::Block GuiWatchdog::longest() const
{
    const auto all = blocks();
    const auto found = std::max_element(all.begin(), all.end(), [](const Block &a, const Block &b) { return a.length < b.length; });
    return found == all.end() ? Block() : *found;
}

void GuiWatchdog::forget()
{
    const std::lock_guard lock(m_watch->mutex);
    m_watch->blocks.clear();
}

} // namespace bottega
