// SPDX-License-Identifier: Apache-2.0
#include "core/formats/tfevents/eventreader.h"

#include "core/base/file.h"
#include "core/base/memoryguard.h"
#include "core/formats/tfevents/record.h"
#include "core/formats/tfevents/scalarevent.h"

#include <algorithm>
#include <cerrno>
#include <sys/stat.h>
#include <unistd.h>

namespace bottega {

namespace {

constexpr std::uint64_t chunkBytes = std::uint64_t{1} << 20;
constexpr std::size_t maximumTags = 1'000'000;
constexpr std::uint64_t maximumTagBytes = std::uint64_t{64} << 20;

/// By how much a limit is above what was used of it.
std::uint64_t excess(std::uint64_t limit, std::uint64_t used)
{
    return limit > used ? limit - used : 0;
}

} // namespace

/// The part of the file that lies in memory, from the reader's offset on.
struct EventReader::Window
{
    const std::filesystem::path &path;
    int fd;
    std::uint64_t end; // offset in the file behind the last byte here
    std::string buffer;
    std::size_t used = 0;
    DecodedEvent event; // scratch

    [[nodiscard]] std::string_view rest() const { return std::string_view(buffer).substr(used); }

    /// Afterwards `rest` has `wanted` bytes, up to `atMost`, or all that the file has.
    Result<void> fill(std::uint64_t wanted, std::uint64_t atMost)
    {
        if (rest().size() >= wanted)
            return {};
        buffer.erase(0, used);
        used = 0;
        const std::size_t kept = buffer.size();
        buffer.resize(std::max(wanted, atMost));
        const auto count = readAt(fd, std::as_writable_bytes(std::span(buffer)).subspan(kept), end, path);
        buffer.resize(kept + count.value_or(0));
        if (!count)
            return fail(count.error());
        end += *count;
        return {};
    }
};

void EventReader::noticeChange(const Identity &now)
{
    const bool known = m_progress.seen.inode != 0;
    if (known && (now.device != m_progress.seen.device || now.inode != m_progress.seen.inode || now.size < m_progress.seen.size)) {
        ++m_progress.restarts;
        m_progress.offset = 0;
        m_progress.seen.size = 0;
        m_progress.isSearching = false;
    }
    m_progress.seen.device = now.device;
    m_progress.seen.inode = now.inode;
}

Result<bool> EventReader::read(std::vector<ScalarPoint> &points, std::uint64_t maximumBytes)
{
    const Progress before = m_progress;
    const std::size_t count = points.size();
    auto read = withinMemory(m_place.path(), [&] { return readOn(points, maximumBytes); });
    if (!read && read.error().code == ErrorCode::Failed) { // whatever came last may be there by half
        m_progress = before;
        points.resize(count);
    }
    return read;
}

Result<void> EventReader::resume(std::uint64_t offset, std::uint64_t damaged)
{
    struct stat info = {};
    if (::stat(m_place.path().c_str(), &info) != 0)
        return fail(systemError(errno, "The metrics file could not be examined", m_place.path().string()));
    m_progress = {};
    m_progress.seen = {info.st_dev, info.st_ino, offset};
    m_progress.offset = offset;
    m_progress.damaged = damaged;
    return {};
}

Result<bool> EventReader::readOn(std::vector<ScalarPoint> &points, std::uint64_t maximumBytes)
{
    struct stat info = {};
    if (::stat(m_place.path().c_str(), &info) != 0)
        return fail(systemError(errno, "The metrics file could not be examined", m_place.path().string()));
    const auto size = static_cast<std::uint64_t>(info.st_size);
    noticeChange({info.st_dev, info.st_ino, size});
    if (size == m_progress.seen.size)
        return false;
    const auto fd = m_place.open();
    if (!fd)
        return fail(fd.error());

    Window window{m_place.path(), fd->get(), m_progress.offset, {}, 0, {}};
    const std::uint64_t start = m_progress.offset;
    std::uint64_t wanted = recordHeaderBytes;
    for (;;) {
        const std::uint64_t done = m_progress.offset - start;
        if (done > 0 && done + wanted > maximumBytes) {
            m_progress.seen.size = m_progress.offset;
            return m_progress.offset < size;
        }
        if (m_progress.isSearching && !skipGap(window, size)) {
            m_progress.seen.size = size;
            return false;
        }
        const std::uint64_t atMost = std::min({excess(maximumBytes, done), excess(size, m_progress.offset), chunkBytes});
        if (auto filled = window.fill(wanted, atMost); !filled)
            return fail(filled.error());
        if (window.rest().size() < wanted)
            break;
        wanted = takeRecords(window, points);
    }
    m_progress.seen.size = window.end;
    return false;
}

/// What a sparse file has not stored is zeros, which no record begins with: no need to read a terabyte of them. False where
/// there is nothing else up to the end.
bool EventReader::skipGap(Window &window, std::uint64_t size)
{
    constexpr std::uint64_t worthwhile = std::uint64_t{1} << 20;
    const off_t found = ::lseek(window.fd, static_cast<off_t>(window.end), SEEK_DATA);
    if (found < 0)
        return errno != ENXIO || size - window.end < worthwhile;
    const auto data = static_cast<std::uint64_t>(found);
    if (data < window.end + worthwhile)
        return true;
    window.buffer.clear();
    window.used = 0;
    window.end = m_progress.offset = data - recordHeaderBytes;
    return true;
}

/// Takes all that is whole in the window; returns how many bytes from there the next step needs.
std::uint64_t EventReader::takeRecords(Window &window, std::vector<ScalarPoint> &points)
{
    const auto drop = [&](std::uint64_t bytes) {
        window.used += bytes;
        m_progress.offset += bytes;
    };
    while (window.rest().size() >= recordHeaderBytes) {
        const std::string_view rest = window.rest();
        const auto length = payloadLength(rest.data());
        if (!length) {
            m_progress.damaged += m_progress.isSearching ? 0 : 1; // one hole, however long the search through it
            m_progress.isSearching = true;
            drop(1);
            continue;
        }
        const std::uint64_t whole = recordHeaderBytes + *length + recordFooterBytes;
        if (rest.size() < whole)
            return whole;
        const std::string_view payload = rest.substr(recordHeaderBytes, *length);
        const bool isSound = isSoundPayload(payload);
        if (!isSound || !takePayload(payload, window.event, points))
            ++m_progress.damaged;
        // A torn record may have others inside the length that it claims, so that one is never skipped by its length.
        m_progress.isSearching = !isSound;
        drop(isSound ? whole : 1);
    }
    return recordHeaderBytes;
}

bool EventReader::takePayload(std::string_view payload, DecodedEvent &event, std::vector<ScalarPoint> &points)
{
    if (!decodeEvent(payload, event))
        return false;
    for (const DecodedScalar &scalar : event.scalars) {
        if (const auto tag = tagIndex(scalar.tag))
            points.push_back({*tag, event.step, event.wallTime, scalar.value, scalar.sequence});
        else
            ++m_progress.skipped;
    }
    return true;
}

std::optional<std::uint32_t> EventReader::tagIndex(std::string_view tag)
{
    if (const auto found = m_tagIndex.find(tag); found != m_tagIndex.end())
        return found->second;
    if (m_tags.size() >= maximumTags || m_tagBytes + tag.size() > maximumTagBytes)
        return {};
    const auto index = static_cast<std::uint32_t>(m_tags.size());
    const auto added = m_tagIndex.emplace(tag, index).first;
    try {
        m_tags.emplace_back(tag);
    } catch (const std::bad_alloc &) {
        m_tagIndex.erase(added);
        throw;
    }
    m_tagBytes += tag.size();
    return index;
}

} // namespace bottega
