// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/base/uniquefd.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bottega {

struct MetricBatch;
struct MetricPoint;

/// What an event file was when its points went into a cache.
struct CachedFile
{
    std::string name;              // relative to the metrics folder
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t size = 0;
    std::string modified;          // time of its last change
    std::uint64_t offset = 0;      // all before it is in the cache
    std::uint64_t damaged = 0;
    std::uint32_t crc = 0;         // of the file's first bytes, as many as are before `offset` up to 4 KiB
    std::uint32_t lastCrc = 0;     // of the last bytes before `offset`, likewise
};

struct CachedWriter
{
    int attempt = 0;
    std::string writer;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges; // of the sequence numbers seen: first, last
};

struct CacheState
{
    std::vector<CachedFile> files;
    std::vector<CachedWriter> writers;
};

/// The decoded points of one run's metrics, in the order of their sequence, beside the index: blocks of one metric each
/// (step as difference, wall time, value; about 18 bytes a point, with the least and greatest value of each block in
/// front), then the state of the event files that they came from. Derived: whatever in it is not sound, ends it there, and
/// who reads it compares the state with the files. Framed as event files are. Read by pread in portions, so that a file cut
/// short by somebody else costs an error and no signal. Written by one process at a time; others then go without.
class ColumnCache
{
public:
    explicit ColumnCache(std::filesystem::path path) : m_path(std::move(path)) {}

    /// The last state that was stored whole, with every block before it sound; none where there is no such. Reads all.
    [[nodiscard]] std::optional<CacheState> open();
    /// Gives the next blocks up to that state, about `maximumPoints` a call. False: that was all.
    [[nodiscard]] Result<bool> read(std::map<std::string, std::vector<MetricPoint>> &points, std::size_t maximumPoints);

    /// Puts batches, and the state after them, behind the last whole state.
    [[nodiscard]] Result<void> append(const std::vector<MetricBatch> &batches, const CacheState &state);
    void drop();

private:
    [[nodiscard]] Result<void> openToWrite();

    std::filesystem::path m_path;
    UniqueFd m_output;          // locked, from the first `append` on
    std::string m_name;         // the first record's, drawn by lot: tells this file from another that took its place
    std::uint64_t m_offset = 0; // of the next block to read
    std::uint64_t m_end = 0;    // behind the last whole state
};

/// Removes the caches longest unused until those of the folder take no more than `maximumBytes`.
void limitColumnCaches(const std::filesystem::path &folder, std::uint64_t maximumBytes);

} // namespace bottega
