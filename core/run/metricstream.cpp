// SPDX-License-Identifier: Apache-2.0
#include "core/run/metricstream.h"

#include "core/base/crc32c.h"
#include "core/base/file.h"
#include "core/base/folderwalk.h"
#include "core/run/columncache.h"
#include "core/run/sequenceset.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <sys/stat.h>
#include <tuple>
#include <unordered_map>

namespace bottega {

namespace fs = std::filesystem;

namespace {

struct Origin
{
    int attempt = 0;
    std::string writer;

    bool operator<(const Origin &other) const { return std::tie(attempt, writer) < std::tie(other.attempt, other.writer); }
};

std::optional<std::uint64_t> number(std::string_view text)
{
    std::uint64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size())
        return {};
    return value;
}

std::vector<std::string_view> parts(std::string_view name)
{
    std::vector<std::string_view> all;
    for (std::size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.')) {
        all.push_back(name.substr(0, dot));
        name.remove_prefix(dot + 1);
    }
    all.push_back(name);
    return all;
}

/// From "….<pid>.a<attempt>.<writer>[.<n>]", read from the right because a host name has dots of its own.
std::optional<Origin> originOf(std::string_view fileName)
{
    const auto all = parts(fileName);
    for (const std::size_t behind : {1u, 2u}) {
        if (all.size() < behind + 2)
            return {};
        const std::size_t at = all.size() - behind - 1;
        const auto attempt = all[at].starts_with('a') ? number(all[at].substr(1)) : std::nullopt;
        const bool isRest = behind == 1 || number(all.back()).has_value();
        if (attempt && isRest && number(all[at - 1]))
            return Origin{static_cast<int>(*attempt), std::string(all[at + 1])};
    }
    return {};
}

/// Digits compare by value, so that a continuation ".10" comes behind ".9".
bool naturalLess(std::string_view a, std::string_view b)
{
    const auto left = parts(a);
    const auto right = parts(b);
    return std::lexicographical_compare(left.begin(), left.end(), right.begin(), right.end(),
                                        [](std::string_view x, std::string_view y) {
                                            const auto m = number(x);
                                            const auto n = number(y);
                                            return m && n ? *m < *n : x < y;
                                        });
}

struct NaturalLess
{
    bool operator()(const std::string &a, const std::string &b) const { return naturalLess(a, b); }
};

struct EventFile
{
    EventReader reader;
    std::optional<Origin> origin;
    std::int64_t seenSize = -1;
};

} // namespace

struct MetricStream::State
{
    fs::path folder;
    bool folderGone = false;
    std::optional<Error> listingError; // of the last look: some file may be missing
    std::map<std::string, EventFile, NaturalLess> files; // by path relative to the folder
    std::map<Origin, SequenceSet> seen;
    std::map<std::string, PointKey> newest; // of each metric
    PointKey newestCached;                  // of any
    bool isInOrder = true;

    std::optional<ColumnCache> cache;
    bool isCacheOpen = false;     // it was looked at
    bool hasCachedPoints = false; // to be given yet
    bool hasMore = false;
    std::vector<MetricBatch> uncached;
    std::size_t uncachedPoints = 0;

    void openCache();
    [[nodiscard]] bool resumeFrom(const CacheState &state);
    [[nodiscard]] Result<std::vector<MetricBatch>> readCache();
    [[nodiscard]] std::optional<CacheState> stateNow() const;
    void addToCache(const std::vector<MetricBatch> &batches);

    void noteOrder(const KeyedMetrics &collection);
    void findFiles();
    [[nodiscard]] Result<KeyedMetrics> readFiles(std::uint64_t budget);
    [[nodiscard]] Result<void> readFile(EventFile &file, KeyedMetrics &collection, std::uint64_t &budget);
    void collect(const EventFile &file, const std::vector<ScalarPoint> &points, KeyedMetrics &collection);
};

void MetricStream::State::findFiles()
{
    const auto see = [this](const Walked &found) {
        const std::string name = found.path.substr(found.path.rfind('/') + 1); // npos + 1 is 0
        if (found.kind == WalkedKind::File && name.find(".tfevents.") != std::string::npos && !files.contains(found.path))
            files.emplace(found.path, EventFile{EventReader({folder, found.path}), originOf(name)});
    };
    listingError.reset();
    const auto walked = walkBeneath(folder, see);
    std::error_code ignored;
    folderGone = !walked && !fs::is_directory(fs::symlink_status(folder, ignored));
    if (!walked && !folderGone) {
        listingError = walked.error();
        listingError->what = "The metrics could not be listed: " + listingError->what;
    }
}

Result<void> MetricStream::State::readFile(EventFile &file, KeyedMetrics &collection, std::uint64_t &budget)
{
    struct stat info = {};
    if (::stat(file.reader.place().path().c_str(), &info) != 0)
        return errno == ENOENT ? Result<void>()
                               : fail(systemError(errno, "The metrics could not be examined", file.reader.place().path().string()));
    if (info.st_size == file.seenSize)
        return {};
    constexpr std::uint64_t portion = std::uint64_t{64} << 20;
    std::vector<ScalarPoint> points;
    const auto end = static_cast<std::uint64_t>(info.st_size); // a file that grows faster than it is read must not hold us
    while (budget > 0 && (file.reader.offset() < end || points.empty())) {
        points.clear();
        const std::uint64_t before = file.reader.offset();
        const auto read = file.reader.read(points, std::min(budget, portion));
        collect(file, points, collection);
        if (!read)
            return fail(read.error());
        if (!*read) {
            file.seenSize = info.st_size;
            return {};
        }
        budget -= std::min(budget, file.reader.offset() - std::min(before, file.reader.offset()));
    }
    hasMore = true;
    return {};
}

Result<KeyedMetrics> MetricStream::State::readFiles(std::uint64_t budget)
{
    hasMore = false;
    KeyedMetrics collection;
    std::optional<Error> firstError = listingError;
    for (auto &[name, file] : files) {
        if (auto read = readFile(file, collection, budget); !read && !firstError)
            firstError = read.error();
    }
    // One unreadable file never hides another: its error is told once the others have no news.
    if (collection.empty() && firstError)
        return fail(*firstError);
    noteOrder(collection);
    if (firstError)
        cache.reset(); // it would have to tell of what is missing
    return collection;
}

void MetricStream::State::collect(const EventFile &file, const std::vector<ScalarPoint> &points, KeyedMetrics &collection)
{
    SequenceSet *sequences = file.origin ? &seen[*file.origin] : nullptr;
    std::vector<KeyedPoints *> byTag(file.reader.tags().size(), nullptr);
    for (const ScalarPoint &point : points) {
        if (sequences && point.sequence != 0 && !sequences->insert(point.sequence))
            continue;
        KeyedPoints *&collected = byTag[point.tag];
        if (!collected)
            collected = &collection[file.reader.tags()[point.tag]];
        const int attempt = file.origin ? file.origin->attempt : 0;
        collected->add({attempt, point.sequence}, {point.step, point.wallTime, point.value});
    }
}

void MetricStream::State::noteOrder(const KeyedMetrics &collection)
{
    for (const auto &[name, collected] : collection) {
        const auto [first, last] = collected.range();
        PointKey &known = newest.try_emplace(name, newestCached).first->second;
        isInOrder = isInOrder && !(first < known);
        known = std::max(known, last);
    }
    if (isInOrder || !cache)
        return;
    cache->drop();
    cache.reset();
    uncached.clear();
}

/// Nothing where a file is not the one it was, or cannot be told.
std::optional<CachedFile> cachedFileOf(const std::string &name, const FilePlace &place, std::uint64_t offset,
                                       std::uint64_t damaged)
{
    constexpr std::uint64_t looked = 4096;
    const auto fd = place.open();
    struct stat info = {};
    if (!fd || ::fstat(fd->get(), &info) != 0 || static_cast<std::uint64_t>(info.st_size) < offset)
        return {};
    CachedFile file;
    file.name = name;
    file.device = info.st_dev;
    file.inode = info.st_ino;
    file.size = static_cast<std::uint64_t>(info.st_size);
    file.modified = std::to_string(info.st_mtim.tv_sec) + "." + std::to_string(info.st_mtim.tv_nsec);
    file.offset = offset;
    file.damaged = damaged;
    std::string bytes(std::min(looked, offset), '\0');
    for (const bool isLast : {false, true}) {
        const auto got = readAt(fd->get(), std::as_writable_bytes(std::span(bytes)), isLast ? offset - bytes.size() : 0, place.path());
        if (!got || *got != bytes.size())
            return {};
        (isLast ? file.lastCrc : file.crc) = crc32c(bytes);
    }
    return file;
}

bool isSameFile(const CachedFile &then, const CachedFile &now)
{
    const bool isRewritten = now.size == then.size && now.modified != then.modified;
    return then.device == now.device && then.inode == now.inode && now.size >= then.size && !isRewritten &&
           then.crc == now.crc && then.lastCrc == now.lastCrc;
}

void MetricStream::State::openCache()
{
    isCacheOpen = true;
    const auto state = cache->open();
    hasCachedPoints = state && resumeFrom(*state);
    if (hasCachedPoints)
        return;
    cache->drop();
    seen.clear();
    for (auto &[name, file] : files)
        file = {EventReader(file.reader.place()), file.origin};
}

bool MetricStream::State::resumeFrom(const CacheState &state)
{
    for (const CachedFile &then : state.files) {
        const auto file = files.find(then.name);
        if (file == files.end())
            return false;
        const auto now = cachedFileOf(then.name, file->second.reader.place(), then.offset, then.damaged);
        if (!now || !isSameFile(then, *now) || !file->second.reader.resume(then.offset, then.damaged))
            return false;
    }
    for (const CachedWriter &writer : state.writers) {
        seen[{writer.attempt, writer.writer}].restore({writer.ranges.begin(), writer.ranges.end()});
        for (const auto &[first, last] : writer.ranges)
            newestCached = std::max(newestCached, {writer.attempt, last});
    }
    return true;
}

Result<std::vector<MetricBatch>> MetricStream::State::readCache()
{
    constexpr std::size_t pointsACall = 500'000;
    std::map<std::string, std::vector<MetricPoint>> points;
    const auto more = cache->read(points, pointsACall);
    hasMore = hasCachedPoints = more && *more;
    if (!more) {
        cache->drop();
        return fail(more.error());
    }
    hasMore = true; // the event files may have grown
    std::vector<MetricBatch> batches;
    for (auto &[name, all] : points)
        batches.push_back({name, std::move(all)});
    return batches;
}

std::optional<CacheState> MetricStream::State::stateNow() const
{
    CacheState state;
    for (const auto &[name, file] : files) {
        if (file.reader.offset() == 0)
            continue;
        auto cached = cachedFileOf(name, file.reader.place(), file.reader.offset(), file.reader.damagedRecords());
        if (!cached || file.reader.isInHole() || file.reader.restarts() > 0)
            return {};
        state.files.push_back(std::move(*cached));
    }
    for (const auto &[origin, sequences] : seen)
        state.writers.push_back({origin.attempt, origin.writer, {sequences.ranges().begin(), sequences.ranges().end()}});
    return state;
}

/// Few points are read from the event files as quickly.
void MetricStream::State::addToCache(const std::vector<MetricBatch> &batches)
{
    constexpr std::size_t worthwhile = 50'000;
    for (const MetricBatch &batch : batches)
        uncachedPoints += batch.points.size();
    uncached.insert(uncached.end(), batches.begin(), batches.end());
    if (uncachedPoints < worthwhile)
        return;
    const auto state = stateNow();
    if (!state || !cache->append(uncached, *state))
        cache.reset(); // what is there stays right; we do without
    uncached.clear();
    uncachedPoints = 0;
}

MetricStream::MetricStream(fs::path folder, fs::path cache) : m_state(std::make_unique<State>())
{
    m_state->folder = std::move(folder);
    if (!cache.empty())
        m_state->cache.emplace(std::move(cache));
}

MetricStream::~MetricStream() = default;
MetricStream::MetricStream(MetricStream &&) noexcept = default;
MetricStream &MetricStream::operator=(MetricStream &&) noexcept = default;

void MetricStream::forgoCache()
{
    if (!m_state->isCacheOpen)
        m_state->cache.reset();
}

Result<std::vector<MetricBatch>> MetricStream::poll(std::uint64_t maximumBytes)
{
    m_state->findFiles();
    if (m_state->cache && !m_state->isCacheOpen && !m_state->folderGone)
        m_state->openCache();
    if (m_state->hasCachedPoints)
        return m_state->readCache();
    auto collection = m_state->readFiles(maximumBytes);
    if (!collection)
        return fail(collection.error());
    std::vector<MetricBatch> batches;
    for (auto &[name, collected] : *collection) {
        collected.sort();
        batches.push_back({name, collected.takePoints()});
    }
    if (m_state->cache)
        m_state->addToCache(batches);
    return batches;
}

Result<KeyedMetrics> MetricStream::pollKeyed(std::uint64_t maximumBytes)
{
    m_state->cache.reset();
    m_state->findFiles();
    return m_state->readFiles(maximumBytes);
}

bool MetricStream::hasMore() const
{
    return m_state->hasMore;
}

std::uint64_t MetricStream::damagedRecords() const
{
    std::uint64_t count = 0;
    for (const auto &[name, file] : m_state->files)
        count += file.reader.damagedRecords();
    return count;
}

std::uint64_t MetricStream::missingPoints() const
{
    std::uint64_t count = 0;
    for (const auto &[origin, sequences] : m_state->seen)
        count += sequences.missing();
    return count;
}

bool MetricStream::folderGone() const
{
    return m_state->folderGone;
}

bool MetricStream::isInOrder() const
{
    return m_state->isInOrder;
}

bool isBetterLower(const std::string &metricName)
{
    std::string lower = metricName;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return lower.find("loss") != std::string::npos || lower.find("error") != std::string::npos;
}

void summarize(MetricSummary &summary, const MetricBatch &batch)
{
    const bool lower = isBetterLower(batch.name);
    for (const MetricPoint &point : batch.points) {
        if (summary.count++ == 0)
            summary.best = std::numeric_limits<double>::quiet_NaN(); // until the first number
        summary.last = point.value;
        summary.lastStep = point.step;
        const bool isBetter = std::isnan(summary.best) || (lower ? point.value < summary.best : point.value > summary.best);
        if (std::isnan(point.value) || !isBetter)
            continue;
        summary.best = point.value;
        summary.bestStep = point.step;
    }
}

} // namespace bottega
