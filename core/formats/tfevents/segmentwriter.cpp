// SPDX-License-Identifier: Apache-2.0
#include "core/formats/tfevents/segmentwriter.h"

#include "core/base/file.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <new>
#include <numeric>
#include <system_error>
#include <unistd.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::milliseconds syncDelay{700}; // leaves the disk 300 ms of the second
constexpr std::chrono::seconds retryDelay{1};
constexpr std::size_t maximumHeldBytes = std::size_t{64} << 20;

Result<void> syncFile(int fd, const fs::path &path)
{
    if (::fdatasync(fd) != 0)
        return fail(systemError(errno, "The metrics could not be synced to disk", path.string()));
    return {};
}

std::size_t bytesOf(const auto &records)
{
    return std::accumulate(records.begin(), records.end(), std::size_t{0},
                           [](std::size_t sum, const auto &record) { return sum + record.bytes; });
}

/// While it lives, new threads get no signal: handlers belong to threads that know of them.
class BlockedSignals
{
public:
    BlockedSignals()
    {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &m_before);
    }
    ~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &m_before, nullptr); }
    BlockedSignals(const BlockedSignals &) = delete;
    BlockedSignals &operator=(const BlockedSignals &) = delete;

private:
    sigset_t m_before = {};
};

} // namespace

Result<std::unique_ptr<SegmentWriter>> SegmentWriter::create(fs::path folder, std::string stem,
                                                             std::function<std::string()> preamble)
{
    std::unique_ptr<SegmentWriter> writer(new SegmentWriter);
    writer->m_folder = std::move(folder);
    writer->m_stem = std::move(stem);
    writer->m_preamble = std::move(preamble);
    auto started = writer->startFile(0, {});
    if (!started)
        return fail(started.error());
    writer->m_file = std::make_shared<OpenFile>(std::move(started->file));
    writer->startThread();
    return writer;
}

SegmentWriter::~SegmentWriter()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isStopping = true;
    }
    m_wake.notify_all();
    if (m_thread.joinable())
        m_thread.join();
    passQuietly();
}

void SegmentWriter::startThread()
{
    const BlockedSignals blocked;
    try {
        m_thread = std::thread(&SegmentWriter::syncWhenDue, this);
    } catch (const std::system_error &) {
        // No thread to be had: append looks at the clock itself.
    }
}

void SegmentWriter::syncWhenDue()
{
    std::unique_lock lock(m_mutex);
    while (!m_isStopping) {
        if (!hasWork()) {
            m_wake.wait(lock);
        } else if (Clock::now() < m_due) {
            m_wake.wait_until(lock, m_due);
        } else {
            lock.unlock();
            passQuietly();
            lock.lock();
        }
    }
}

/// A failure is told by the next append. Without memory there is no copy for a new file either: that too may pass.
void SegmentWriter::passQuietly()
{
    try {
        static_cast<void>(syncPass());
    } catch (const std::bad_alloc &) {
        const std::lock_guard lock(m_mutex);
        m_due = Clock::now() + retryDelay;
    }
}

Result<void> SegmentWriter::append(std::string_view record, std::uint64_t values)
{
    std::unique_lock lock(m_mutex);
    const bool wasIdle = !hasWork();
    m_status.appended += values;
    if (m_file) {
        if (auto written = writeAll(m_file->fd.get(), record, m_file->path); !written) {
            m_file.reset();
            m_failure = written.error();
            m_due = Clock::now();
            m_wake.notify_all();
        }
    }
    const bool isWritten = m_file != nullptr;
    if (!remember(record, values, isWritten))
        (isWritten ? m_unrepeatable : m_status.lost) += values;
    if (wasIdle && isWritten) {
        m_due = Clock::now() + syncDelay;
        m_wake.notify_all();
    }
    if (!m_thread.joinable() && Clock::now() >= m_due) {
        lock.unlock();
        return syncPass();
    }
    return isWritten ? Result<void>() : fail(stillHeld(m_failure));
}

bool SegmentWriter::remember(std::string_view record, std::uint64_t values, bool isWritten)
{
    if (m_unsynced.size() + record.size() > maximumHeldBytes)
        return false;
    try {
        m_records.push_back({record.size(), values, isWritten});
        m_unsynced += record;
    } catch (const std::bad_alloc &) {
        if (!m_records.empty() && m_unsynced.size() < bytesOf(m_records))
            m_records.pop_back();
        return false;
    }
    if (!isWritten)
        m_status.held += values;
    return true;
}

/// Of the records in front, `bytes` are on disk now: what is whole among them need not be repeated.
std::size_t SegmentWriter::forget(std::size_t bytes)
{
    std::size_t whole = 0;
    while (!m_records.empty() && whole + m_records.front().bytes <= bytes) {
        const Record &record = m_records.front();
        whole += record.bytes;
        m_status.held -= record.isWritten ? 0 : record.values;
        m_records.pop_front();
    }
    m_unsynced.erase(0, whole);
    return whole;
}

Result<void> SegmentWriter::sync()
{
    return syncPass();
}

WriterStatus SegmentWriter::status() const
{
    const std::lock_guard lock(m_mutex);
    return m_status;
}

Result<void> SegmentWriter::syncPass()
{
    const std::lock_guard pass(m_syncing);
    std::shared_ptr<OpenFile> file;
    std::size_t covered = 0;
    std::uint64_t unrepeatable = 0, upTo = 0;
    {
        const std::lock_guard lock(m_mutex);
        if (!hasWork())
            return {};
        file = m_isFileFinished ? nullptr : m_file;
        covered = m_unsynced.size();
        unrepeatable = m_unrepeatable;
        upTo = m_status.appended;
    }
    if (!file)
        return goOnInNewFile();
    auto synced = syncFile(file->fd.get(), file->path);
    if (!synced) {
        const std::lock_guard lock(m_mutex);
        m_isFileFinished = true;
        m_failure = synced.error();
    } else {
        const std::lock_guard lock(m_mutex);
        forget(covered);
        m_unrepeatable -= unrepeatable;
        m_status.synced = upTo;
        m_due = m_file ? Clock::now() + syncDelay : Clock::now();
        return {};
    }
    return goOnInNewFile();
}

/// What the system says later about a file whose write or sync failed proves nothing. A file that takes a part of the
/// records only, where sizes are limited, is followed by another.
Result<void> SegmentWriter::goOnInNewFile()
{
    for (;;) {
        std::string records;
        int part = 0;
        {
            const std::lock_guard lock(m_mutex);
            records = m_unsynced;
            part = ++m_part;
        }
        auto started = startFile(part, records);
        if (!started)
            return setFailure(started.error());
        const bool hasAll = started->taken == records.size();
        if (auto tookOver = takeOver(std::move(*started), hasAll); !tookOver || hasAll)
            return tookOver;
    }
}

Result<SegmentWriter::StartedFile> SegmentWriter::startFile(int part, const std::string &records) const
{
    const fs::path path = m_folder / (part == 0 ? m_stem : m_stem + "." + std::to_string(part));
    UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600));
    if (!fd)
        return fail(systemError(errno, "The metrics file could not be created", path.string()));
    const std::string preamble = m_preamble();
    auto done = writeAll(fd.get(), preamble + records, path);
    const off_t size = ::lseek(fd.get(), 0, SEEK_END);
    const auto written = size < 0 ? 0 : static_cast<std::size_t>(size);
    if (written > preamble.size())
        done = {}; // some of the records may be whole
    if (done)
        done = syncFile(fd.get(), path);
    if (done)
        done = syncFolder(m_folder);
    if (!done) {
        ::unlink(path.c_str()); // it has nothing that we do not hold
        return fail(done.error());
    }
    return StartedFile{{path, std::move(fd)}, written - preamble.size()};
}

/// Records that came meanwhile follow in one write, so that no later one can overtake them.
Result<void> SegmentWriter::takeOver(StartedFile started, bool hasAll)
{
    std::unique_lock lock(m_mutex);
    const std::size_t forgotten = forget(started.taken);
    Result<void> done;
    if (hasAll)
        done = writeAll(started.file.fd.get(), m_unsynced, started.file.path);
    else if (forgotten == 0)
        done = fail(systemError(EFBIG, "The metrics could not be written", started.file.path.string()));
    if (!done) {
        lock.unlock();
        if (forgotten == 0)
            ::unlink(started.file.path.c_str());
        return setFailure(done.error());
    }
    if (!hasAll)
        return {};
    for (Record &record : m_records)
        record.isWritten = true;
    m_file = std::make_shared<OpenFile>(std::move(started.file));
    m_isFileFinished = false;
    m_status.lost += m_unrepeatable; // only the finished file may have them
    m_unrepeatable = 0;
    m_status.held = 0;
    m_due = Clock::now() + syncDelay;
    if (m_unsynced.empty())
        m_status.synced = m_status.appended;
    return {};
}

Result<void> SegmentWriter::setFailure(const Error &error)
{
    const std::lock_guard lock(m_mutex);
    m_failure = error;
    m_due = Clock::now() + retryDelay;
    return fail(stillHeld(error));
}

Error SegmentWriter::stillHeld(Error error) const
{
    error.kept = std::to_string(m_status.held) + " values wait in memory and are written when that is possible again";
    if (m_status.lost > 0)
        error.kept += "; " + std::to_string(m_status.lost) + " were given up because too many were waiting";
    error.remedy = "Make room, or make the folder writable again; nothing needs to be restarted";
    return error;
}

} // namespace bottega
