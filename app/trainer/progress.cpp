// SPDX-License-Identifier: Apache-2.0
#include "app/trainer/progress.h"

#include "app/trainer/signals.h"
#include "core/base/clock.h"
#include "core/base/file.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <sys/ioctl.h>
#include <unistd.h>
#include <vector>

namespace bottega::trainer {

namespace {

constexpr int barWidth = 24;
constexpr double drawInterval = 0.1;

[[gnu::format(printf, 1, 2)]] std::string formatted(const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return text;
}

std::string bar(double share)
{
    const int filled = static_cast<int>(std::clamp(share, 0.0, 1.0) * barWidth);
    return "[" + std::string(static_cast<std::size_t>(filled), '#') +
           std::string(static_cast<std::size_t>(barWidth - filled), '.') + "]";
}

std::size_t columnsOf(int fd)
{
    winsize size = {};
    return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string duration(double seconds)
{
    const auto whole = static_cast<long long>(seconds + 0.5);
    if (whole >= 3600)
        return formatted("%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
    return formatted("%lld:%02lld", whole / 60, whole % 60);
}

/// Past stdio, so that a line is out when the call returns. A lost line is no reason to stop a training.
void put(int fd, const std::string &text)
{
    static std::size_t lost = 0; // bytes since the last line that went out
    const std::string note =
        lost == 0 ? std::string() : "\nwarning: " + std::to_string(lost) + " bytes of output were lost here\n";
    const auto written = writeAll(fd, note + text, "standard output");
    lost = written ? 0 : lost + text.size();
}

} // namespace

Progress::Progress(bool isJson) : m_fd(isJson ? STDERR_FILENO : STDOUT_FILENO), m_isTerminal(::isatty(m_fd) == 1) {}

void Progress::started(std::int64_t firstStep, const engine::StepReport &plan)
{
    m_firstStep = firstStep;
    m_started = steadyTime();
    if (m_isTerminal)
        draw(plan, m_started);
}

void Progress::stepFinished(const engine::StepReport &report)
{
    if (!m_isTerminal)
        return;
    if (const double now = steadyTime(); now - m_lastDrawn >= drawInterval)
        draw(report, now);
}

void Progress::draw(const engine::StepReport &report, double now)
{
    const double share = static_cast<double>(report.step) / static_cast<double>(report.steps);
    std::string line = formatted("epoch %lld/%lld", static_cast<long long>(report.epoch), static_cast<long long>(report.epochs));
    std::vector<std::string> parts = {formatted(" %3.0f %%", share * 100), " " + bar(share)};
    if (report.step > m_firstStep) {
        const double perStep = (now - m_started) / static_cast<double>(report.step - m_firstStep);
        parts.push_back("  " + duration(perStep * static_cast<double>(report.steps - report.step)) + " left");
        parts.push_back(formatted("  loss %.4f", report.loss));
    }
    if (m_accuracy >= 0) {
        parts.push_back(formatted("  accuracy %.4f", m_accuracy));
        parts.push_back(formatted("  %.0f images/s", m_imagesPerSecond));
    }
    for (const std::string &part : parts) { // the most wanted first; a line that wraps could not be drawn over
        if (line.size() + part.size() < columnsOf(m_fd))
            line += part;
    }
    put(m_fd, "\r" + line + "\x1b[K");
    m_isBarShown = true;
    m_lastDrawn = now;
}

void Progress::clearBar()
{
    if (m_isBarShown)
        put(m_fd, "\r\x1b[K");
    m_isBarShown = false;
}

void Progress::epochFinished(const engine::EpochReport &report)
{
    m_accuracy = report.valAccuracy;
    m_imagesPerSecond = report.imagesPerSecond;
    clearBar();
    put(m_fd, formatted("epoch:%02lld train_loss:%.4f val_loss:%.4f val_accuracy:%.4f\n",
                        static_cast<long long>(report.epoch), report.trainLoss, report.valLoss, report.valAccuracy));
}

void Progress::warned(const std::string &text)
{
    clearBar();
    put(m_fd, "warning: " + text + "\n");
    m_warnings.push_back(text);
}

bool Progress::isCanceled()
{
    return caughtSignal() != 0;
}

bool Quiet::isCanceled()
{
    return caughtSignal() != 0;
}

} // namespace bottega::trainer
