// SPDX-License-Identifier: Apache-2.0
#include "core/run/columncache.h"

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/formats/tfevents/record.h"
#include "core/run/metricstream.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t pointsPerBlock = 65536;
constexpr char nameKind = 'N';
constexpr char blockKind = 'B';
constexpr char stateKind = 'O'; // 'S' was of points in any order

template <class T>
void put(std::string &out, T value)
{
    out.append(reinterpret_cast<const char *>(&value), sizeof value);
}

template <class T>
bool take(std::string_view &bytes, T &value)
{
    if (bytes.size() < sizeof value)
        return false;
    std::memcpy(&value, bytes.data(), sizeof value);
    bytes.remove_prefix(sizeof value);
    return true;
}

/// Differences of either sign, small ones in one byte.
void putStep(std::string &out, std::uint64_t difference)
{
    const auto negative = static_cast<std::uint64_t>(-static_cast<std::int64_t>(difference >> 63));
    std::uint64_t rest = (difference << 1) ^ negative;
    for (; rest >= 0x80; rest >>= 7)
        out.push_back(static_cast<char>(rest | 0x80));
    out.push_back(static_cast<char>(rest));
}

bool takeStep(std::string_view &bytes, std::uint64_t &difference)
{
    std::uint64_t folded = 0;
    for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
        const auto byte = static_cast<unsigned char>(bytes.front());
        bytes.remove_prefix(1);
        folded |= std::uint64_t{byte & 0x7fu} << shift;
        if (byte < 0x80) {
            difference = (folded >> 1) ^ (~(folded & 1) + 1);
            return true;
        }
    }
    return false;
}

std::string newName()
{
    std::uint64_t lot[2] = {};
    if (::getrandom(lot, sizeof lot, 0) != static_cast<ssize_t>(sizeof lot))
        lot[0] = static_cast<std::uint64_t>(steadyTime() * 1e9); // never, for so few bytes
    return nameKind + std::to_string(lot[0]) + std::to_string(lot[1]);
}

std::string blockOf(const std::string &name, const MetricPoint *points, std::size_t count)
{
    std::string out(1, blockKind);
    put(out, static_cast<std::uint32_t>(name.size()));
    out += name;
    put(out, static_cast<std::uint32_t>(count));
    const auto lower = [](const MetricPoint &a, const MetricPoint &b) { return a.value < b.value; };
    put(out, std::min_element(points, points + count, lower)->value);
    put(out, std::max_element(points, points + count, lower)->value);
    std::uint64_t step = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const auto next = static_cast<std::uint64_t>(points[i].step);
        putStep(out, next - step);
        step = next;
    }
    for (std::size_t i = 0; i < count; ++i)
        put(out, points[i].wallTime);
    for (std::size_t i = 0; i < count; ++i)
        put(out, points[i].value);
    return out;
}

bool takeBlock(std::string_view bytes, std::map<std::string, std::vector<MetricPoint>> &points, std::size_t &total)
{
    std::uint32_t length = 0, count = 0;
    double least = 0, greatest = 0;
    bytes.remove_prefix(1);
    if (!take(bytes, length) || bytes.size() < length)
        return false;
    const std::string name(bytes.substr(0, length));
    bytes.remove_prefix(length);
    if (!take(bytes, count) || !take(bytes, least) || !take(bytes, greatest) || bytes.size() < std::size_t{17} * count)
        return false;
    auto &target = points[name];
    const std::size_t first = target.size();
    target.resize(first + count);
    std::uint64_t step = 0, difference = 0;
    bool isWhole = true;
    for (std::size_t i = first; i < target.size() && isWhole; ++i) {
        isWhole = takeStep(bytes, difference);
        step += difference;
        target[i].step = static_cast<std::int64_t>(step);
    }
    isWhole = isWhole && bytes.size() == std::size_t{16} * count;
    for (std::size_t i = first; i < target.size() && isWhole; ++i)
        take(bytes, target[i].wallTime);
    for (std::size_t i = first; i < target.size() && isWhole; ++i)
        take(bytes, target[i].value);
    total += count;
    return isWhole;
}

std::string stateText(const CacheState &state)
{
    Json json = {{"files", Json::array()}, {"writers", Json::array()}};
    for (const CachedFile &file : state.files)
        json["files"].push_back({file.name, file.device, file.inode, file.size, file.modified, file.offset, file.damaged,
                                 file.crc, file.lastCrc});
    for (const CachedWriter &writer : state.writers)
        json["writers"].push_back({writer.attempt, writer.writer, writer.ranges});
    return stateKind + dumpJson(json);
}

/// Our own words under a sound sum, but perhaps another version's: whatever does not fit makes it no state.
std::optional<CacheState> stateFrom(std::string_view text)
{
    const auto json = parseJson(text.substr(1), "cache");
    if (!json)
        return {};
    try {
        CacheState state;
        for (const Json &file : json->at("files"))
            state.files.push_back({file.at(0), file.at(1), file.at(2), file.at(3), file.at(4), file.at(5), file.at(6),
                                   file.at(7), file.at(8)});
        for (const Json &writer : json->at("writers"))
            state.writers.push_back({writer.at(0), writer.at(1), writer.at(2)});
        return state;
    } catch (const Json::exception &) {
        return {};
    }
}

/// The payload of the record at `offset`, which then is behind it; none where no whole, sound record stands there.
std::optional<std::string> payloadAt(int fd, std::uint64_t &offset, const fs::path &path)
{
    char header[recordHeaderBytes];
    const auto got = readAt(fd, std::as_writable_bytes(std::span(header)), offset, path);
    const auto length = got && *got == sizeof header ? payloadLength(header) : std::nullopt;
    if (!length || *length == 0)
        return {};
    std::string payload(*length + recordFooterBytes, '\0');
    const auto read = readAt(fd, std::as_writable_bytes(std::span(payload)), offset + sizeof header, path);
    if (!read || *read != payload.size() || !isSoundPayload(std::string_view(payload).substr(0, *length)))
        return {};
    offset += sizeof header + payload.size();
    payload.resize(*length);
    return payload;
}

} // namespace

std::optional<CacheState> ColumnCache::open()
{
    std::optional<CacheState> state;
    m_offset = m_end = 0;
    m_name.clear();
    const auto fd = openRegularFile(m_path, false);
    if (!fd)
        return {};
    std::uint64_t offset = 0;
    while (const auto payload = payloadAt(fd->get(), offset, m_path)) {
        if (m_name.empty())
            m_name = *payload;
        if (payload->front() != stateKind)
            continue;
        if (auto found = stateFrom(*payload)) {
            state = std::move(found);
            m_end = offset;
        }
    }
    return state;
}

Result<bool> ColumnCache::read(std::map<std::string, std::vector<MetricPoint>> &points, std::size_t maximumPoints)
{
    const auto fd = openRegularFile(m_path, false);
    if (!fd)
        return fail(fd.error());
    std::size_t total = 0;
    while (m_offset < m_end && total < maximumPoints) {
        const auto payload = payloadAt(fd->get(), m_offset, m_path);
        if (!payload || (payload->front() == blockKind && !takeBlock(*payload, points, total)))
            return fail(ErrorCode::Corrupt, "The cache of the run's metrics was damaged while it was read", m_path.string(),
                        "the event files are whole", "Open the run again");
    }
    return m_offset < m_end;
}

/// What stands before our last state is never rewritten but by a file of another name.
Result<void> ColumnCache::openToWrite()
{
    if (m_output)
        return {};
    if (auto made = makeFolder(m_path.parent_path()); !made)
        return made;
    UniqueFd fd(::open(m_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
    struct stat info = {};
    if (!fd || ::fstat(fd.get(), &info) != 0)
        return fail(systemError(errno, "The cache of the run's metrics could not be opened", m_path.string()));
    std::uint64_t offset = 0;
    const bool isOurs = S_ISREG(info.st_mode) && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0 &&
                        static_cast<std::uint64_t>(info.st_size) >= m_end &&
                        (m_end == 0 || payloadAt(fd.get(), offset, m_path) == m_name);
    if (!isOurs)
        return fail(ErrorCode::Io, "The cache of the run's metrics is another process's", m_path.string());
    m_output = std::move(fd);
    return {};
}

Result<void> ColumnCache::append(const std::vector<MetricBatch> &batches, const CacheState &state)
{
    if (auto opened = openToWrite(); !opened)
        return opened;
    if (::ftruncate(m_output.get(), static_cast<off_t>(m_end)) != 0 || ::lseek(m_output.get(), 0, SEEK_END) < 0)
        return fail(systemError(errno, "The cache of the run's metrics could not be cut", m_path.string()));
    std::uint64_t size = m_end;
    const auto write = [&](const std::string &payload) {
        std::string record;
        appendRecord(record, payload);
        size += record.size();
        return writeAll(m_output.get(), record, m_path);
    };
    Result<void> done;
    if (m_end == 0)
        done = write(m_name = newName());
    for (const MetricBatch &batch : batches) {
        for (std::size_t at = 0; at < batch.points.size() && done; at += pointsPerBlock)
            done = write(blockOf(batch.name, &batch.points[at], std::min(pointsPerBlock, batch.points.size() - at)));
    }
    if (done)
        done = write(stateText(state));
    if (done)
        m_end = size;
    return done;
}

void ColumnCache::drop()
{
    ::unlink(m_path.c_str());
    m_output.reset();
    m_offset = m_end = 0;
}

void limitColumnCaches(const fs::path &folder, std::uint64_t maximumBytes)
{
    std::vector<std::pair<fs::file_time_type, fs::path>> files;
    std::uint64_t total = 0;
    std::error_code ignored;
    for (fs::directory_iterator entry(folder, ignored), end; !ignored && entry != end; entry.increment(ignored)) {
        std::error_code gone;
        const auto size = entry->symlink_status(gone).type() == fs::file_type::regular ? entry->file_size(gone) : 0;
        if (gone || size == 0)
            continue;
        total += size;
        files.emplace_back(entry->last_write_time(gone), entry->path());
    }
    std::sort(files.begin(), files.end());
    for (const auto &[time, path] : files) {
        if (total <= maximumBytes)
            return;
        total -= fs::file_size(path, ignored);
        fs::remove(path, ignored);
    }
}

} // namespace bottega
