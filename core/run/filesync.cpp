// SPDX-License-Identifier: Apache-2.0
#include "core/run/filesync.h"

#include "core/base/file.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>
#include <unistd.h>

namespace bottega {

namespace {

constexpr std::chrono::milliseconds interval{700}; // leaves the disk 300 ms of the second

} // namespace

FileSync::FileSync(std::filesystem::path path) : m_path(std::move(path))
{
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
        m_thread = std::thread(&FileSync::run, this);
    } catch (const std::system_error &error) {
        m_failure = systemError(error.code().value(), "The log is not synced to disk while the run goes on", m_path.string());
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

FileSync::~FileSync()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isStopping = true;
    }
    m_wake.notify_all();
    if (m_thread.joinable())
        m_thread.join();
    syncGrowth();
}

std::optional<Error> FileSync::failure() const
{
    const std::lock_guard lock(m_mutex);
    return m_failure;
}

void FileSync::run()
{
    std::unique_lock lock(m_mutex);
    while (!m_isStopping) {
        m_wake.wait_for(lock, interval);
        lock.unlock();
        syncGrowth();
        lock.lock();
    }
}

/// Opened each time: a descriptor held would keep a removed file's space.
void FileSync::syncGrowth()
{
    std::error_code error;
    const auto size = std::filesystem::file_size(m_path, error);
    if (error || size == m_syncedSize)
        return;
    const auto fd = openRegularFile(m_path, false);
    if (!fd)
        return;
    m_syncedSize = size;
    if (::fdatasync(fd->get()) == 0)
        return;
    const std::lock_guard lock(m_mutex);
    if (!m_failure)
        m_failure = systemError(errno, "The log could not be synced to disk", m_path.string());
}

} // namespace bottega
