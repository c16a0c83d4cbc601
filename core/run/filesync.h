// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>

namespace bottega {

/// Brings a file that other processes append to, such as the driver log, to disk: a thread syncs it within a second of
/// its growth. What the owner of the file itself wrote cannot be repeated, so that a failed sync is only told. The thread
/// takes no signals. The destructor syncs once more.
class FileSync
{
public:
    explicit FileSync(std::filesystem::path path);
    FileSync(const FileSync &) = delete;
    FileSync &operator=(const FileSync &) = delete;
    ~FileSync();

    /// The first failure: lines since the last good sync may not survive a loss of power.
    [[nodiscard]] std::optional<Error> failure() const;

private:
    void run();
    void syncGrowth();

    std::filesystem::path m_path;
    std::uint64_t m_syncedSize = 0; // of the thread alone
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    bool m_isStopping = false;
    std::optional<Error> m_failure;
    std::thread m_thread;
};

} // namespace bottega
