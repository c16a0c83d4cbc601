// SPDX-License-Identifier: Apache-2.0
#include "app/cli/runlogs.h"

#include "app/cli/lookup.h"
#include "app/cli/output.h"
#include "core/base/redact.h"
#include "core/base/file.h"
#include "core/compute/adoption.h"
#include "core/run/runstatus.h"

#include <algorithm>
#include <span>

namespace bottega::cli {

namespace {

constexpr std::chrono::milliseconds pollInterval{100};
constexpr std::uint64_t documentLimit = std::uint64_t{64} << 20;

/// New bytes of a log file that grows, or is not there yet.
class LogTail
{
public:
    explicit LogTail(FilePlace place) : m_place(std::move(place)) {}

    /// At most 64 KiB; empty where nothing is new.
    Result<std::string> next()
    {
        if (!m_fd) {
            auto fd = m_place.open();
            if (!fd && fd.error().code == ErrorCode::NotFound)
                return std::string();
            if (!fd)
                return fail(fd.error());
            m_fd = std::move(*fd);
        }
        std::string bytes(64 << 10, '\0');
        const auto read = readAt(m_fd.get(), std::as_writable_bytes(std::span(bytes)), m_offset, m_place.path());
        if (!read)
            return fail(read.error());
        bytes.resize(*read);
        m_offset += *read;
        return bytes;
    }

    void skipTo(std::uint64_t offset) { m_offset = offset; }
    [[nodiscard]] std::uint64_t offset() const { return m_offset; }

private:
    FilePlace m_place;
    UniqueFd m_fd;
    std::uint64_t m_offset = 0;
};

/// Without secrets, whole lines at a time so that nothing is cut; for a terminal made harmless too, for a pipe or file
/// otherwise as it was written.
class LogWriter
{
public:
    explicit LogWriter(const Console &console) : m_out(console.out), m_isTerminal(console.outIsTerminal) {}

    void write(const std::string &bytes)
    {
        m_pending += bytes;
        std::size_t end = m_pending.find_last_of("\n\r") + 1; // 0 for none
        if (end == 0 && m_pending.size() > longestLine)
            end = m_pending.size();
        show(m_pending.substr(0, end));
        m_pending.erase(0, end);
    }

    void finish()
    {
        if (!m_pending.empty())
            show(m_isTerminal ? m_pending + '\n' : m_pending);
        m_out.flush();
    }

private:
    static constexpr std::size_t longestLine = std::size_t{1} << 20;

    void show(const std::string &lines)
    {
        const std::string clean = redact(lines, &m_insideKey);
        m_out << (m_isTerminal ? printableLines(clean) : clean);
    }

    std::ostream &m_out;
    bool m_isTerminal;
    bool m_insideKey = false;
    std::string m_pending;
};

Result<void> writeNew(LogTail &tail, LogWriter &writer, std::ostream &out)
{
    for (;;) {
        const auto bytes = tail.next();
        if (!bytes)
            return fail(bytes.error());
        if (bytes->empty() || !out)
            break;
        writer.write(*bytes);
    }
    out.flush();
    return {};
}

Result<int> follow(const RunFolder &folder, Console &console)
{
    LogTail tail(folder.file(driverLogName));
    LogWriter writer(console);
    for (;;) {
        // The status first: what an ended run wrote is all there then.
        const auto status = readRunStatus(folder);
        if (!status)
            return fail(status.error());
        if (status->needsAgent)
            static_cast<void>(adoptOrphans({folder}));
        if (auto written = writeNew(tail, writer, console.out); !written)
            return fail(written.error());
        if (isTerminal(status->state))
            break;
        if (!console.pause(pollInterval) || !console.out) {
            writer.finish();
            return Interrupted;
        }
    }
    writer.finish();
    return Done;
}

/// Waits for the end of the run before the one document is written, where it is to be followed.
Result<int> waitForEnd(const RunFolder &folder, Console &console)
{
    for (;;) {
        const auto status = readRunStatus(folder);
        if (!status)
            return fail(status.error());
        if (status->needsAgent)
            static_cast<void>(adoptOrphans({folder}));
        if (isTerminal(status->state))
            return Done;
        if (!console.pause(pollInterval))
            return Interrupted;
    }
}

Result<Json> document(const RunFolder &folder)
{
    LogTail tail(folder.file(driverLogName));
    std::uint64_t skipped = 0;
    std::error_code error;
    if (const auto size = std::filesystem::file_size(folder.driverLog(), error); !error && size > documentLimit)
        tail.skipTo(skipped = size - documentLimit);
    std::string text;
    while (text.size() < documentLimit) {
        const auto bytes = tail.next();
        if (!bytes)
            return fail(bytes.error());
        if (bytes->empty())
            break;
        text += *bytes;
    }
    return Json{{"id", folder.id()}, {"skippedBytes", skipped}, {"text", redact(text)}};
}

} // namespace

RunLogs::RunLogs()
    : Command({"run", "logs", "Show what a run's script printed.", {{"RUN", runHelp}},
               {{"--follow", "", "go on showing until the run ends"}},
               "Ctrl+C stops the showing only (exit code 130)."})
{}

Result<int> RunLogs::execute(const Invocation &invocation, Console &console) const
{
    const auto folder = findRun(invocation);
    if (!folder)
        return fail(folder.error());
    const bool follows = invocation.has("--follow");
    if (follows && !invocation.wantsJson())
        return follow(*folder, console);
    const Result<int> code = follows ? waitForEnd(*folder, console) : Result<int>(Done);
    if (!code)
        return fail(code.error());
    if (invocation.wantsJson()) {
        const auto log = document(*folder);
        if (!log)
            return fail(log.error());
        printJson(console.out, *log);
        return *code;
    }
    LogTail tail(folder->file(driverLogName));
    LogWriter writer(console);
    if (auto written = writeNew(tail, writer, console.out); !written)
        return fail(written.error());
    writer.finish();
    if (tail.offset() == 0)
        console.err << "The run has printed nothing yet.\n";
    return *code;
}

} // namespace bottega::cli
