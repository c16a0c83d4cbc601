// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/base/uniquefd.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace bottega {

/// How far the values of a writer have come. A value's number is its place in the order of the calls, 1 for the first.
struct WriterStatus
{
    std::uint64_t appended = 0; // number of the last value that was handed over
    std::uint64_t synced = 0;   // every value up to this number is on disk, or among the lost ones
    std::uint64_t held = 0;     // values that wait in memory only, because the disk refuses them
    std::uint64_t lost = 0;     // values given up, because 64 MiB were waiting
};

/// Appends records to a file that never loses one to the death of a process: when `append` returned without an error, a
/// write(2) has taken the record. A thread of the writer syncs what was appended at most a second later; `append` never
/// waits for it. A file whose write or sync failed is finished: a new one, `<stem>.<n>`, begins with everything that is
/// not known to be on disk (so that records may stand in both), is synced, and takes over. Until that succeeds, tried once
/// a second, records are held in memory, up to 64 MiB (or what memory there is); those that come then are dropped and counted. After a failed sync
/// alone, records go on to the old file as well. Signals are never delivered to the thread. Where no thread can be had,
/// `append` syncs itself. A process that writes files of limited size must ignore SIGXFSZ. Not to be kept across fork.
class SegmentWriter
{
public:
    /// `preamble` makes what every file begins with. The first file is made and synced before this returns.
    [[nodiscard]] static Result<std::unique_ptr<SegmentWriter>> create(std::filesystem::path folder, std::string stem,
                                                                       std::function<std::string()> preamble);
    SegmentWriter(const SegmentWriter &) = delete;
    SegmentWriter &operator=(const SegmentWriter &) = delete;
    ~SegmentWriter(); // tries once more to sync; never waits for room on the disk

    /// A record of `values` values. An error: it is not acknowledged, but held in memory, or dropped.
    [[nodiscard]] Result<void> append(std::string_view record, std::uint64_t values);
    /// Waits until all is on disk, or could not be brought there just now.
    [[nodiscard]] Result<void> sync();
    [[nodiscard]] WriterStatus status() const;

private:
    using Clock = std::chrono::steady_clock;
    struct OpenFile
    {
        std::filesystem::path path;
        UniqueFd fd;
    };

    struct StartedFile
    {
        OpenFile file;
        std::size_t taken = 0; // bytes of the records that it got
    };
    struct Record
    {
        std::size_t bytes = 0;
        std::uint64_t values = 0;
        bool isWritten = false; // in some file
    };

    SegmentWriter() = default;
    void startThread();
    void syncWhenDue();
    void passQuietly();
    [[nodiscard]] bool hasWork() const { return !m_unsynced.empty() || m_unrepeatable > 0; }
    [[nodiscard]] Result<void> syncPass();
    [[nodiscard]] Result<void> goOnInNewFile();
    [[nodiscard]] Result<StartedFile> startFile(int part, const std::string &records) const;
    [[nodiscard]] Result<void> takeOver(StartedFile started, bool hasAll);
    [[nodiscard]] Result<void> setFailure(const Error &error);
    [[nodiscard]] Error stillHeld(Error error) const;
    [[nodiscard]] bool remember(std::string_view record, std::uint64_t values, bool isWritten);
    std::size_t forget(std::size_t bytes);

    std::filesystem::path m_folder;
    std::string m_stem;
    std::function<std::string()> m_preamble;

    std::mutex m_syncing; // one pass at a time; taken before m_mutex
    mutable std::mutex m_mutex; // guards all below; never held across a sync
    std::condition_variable m_wake;
    std::shared_ptr<OpenFile> m_file;  // none after a failed write
    bool m_isFileFinished = false;     // its sync failed
    int m_part = 0;
    std::string m_unsynced;            // records that a new file has to repeat, and where they end
    std::deque<Record> m_records;
    std::uint64_t m_unrepeatable = 0;  // values in the file, but no longer in m_unsynced, which was full
    WriterStatus m_status;
    Clock::time_point m_due;           // of the next pass, where there is work
    Error m_failure;                   // the last one
    bool m_isStopping = false;
    std::thread m_thread;
};

} // namespace bottega
