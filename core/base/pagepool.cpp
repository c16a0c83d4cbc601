// SPDX-License-Identifier: Apache-2.0
#include "core/base/pagepool.h"

#include "core/base/file.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <utility>

namespace bottega {

namespace {

constexpr std::uint64_t leftFree = std::uint64_t{512} << 20; // on the disk: runs may be written to it
constexpr std::size_t pause = std::size_t{64} << 20;

bool writeAt(int fd, const std::byte *bytes, std::size_t size, std::uint64_t offset)
{
    while (size > 0) {
        const ssize_t done = ::pwrite(fd, bytes, size, static_cast<off_t>(offset));
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        bytes += done;
        size -= static_cast<std::size_t>(done);
        offset += static_cast<std::uint64_t>(done);
    }
    return true;
}

bool hasRoom(int fd)
{
    struct statvfs info = {};
    return ::fstatvfs(fd, &info) == 0 && std::uint64_t{info.f_bavail} * info.f_frsize > leftFree;
}

} // namespace

std::shared_ptr<PagePool> PagePool::create(std::filesystem::path folder, std::size_t budget)
{
    return std::shared_ptr<PagePool>(new PagePool(std::move(folder), budget));
}

std::shared_ptr<PagePool> PagePool::unlimited()
{
    return create({}, std::numeric_limits<std::size_t>::max());
}

std::shared_ptr<PagePool::Page> PagePool::store(std::span<const std::byte> bytes)
{
    auto page = std::make_shared<Page>(shared_from_this(), bytes);
    const std::lock_guard lock(m_mutex);
    makeRoom(bytes.size());
    enter(*page);
    return page;
}

std::optional<Error> PagePool::error() const
{
    const std::lock_guard lock(m_mutex);
    return m_error;
}

std::size_t PagePool::residentBytes() const
{
    const std::lock_guard lock(m_mutex);
    return m_residentBytes;
}

std::uint64_t PagePool::fileBytes() const
{
    const std::lock_guard lock(m_mutex);
    return m_end;
}

/// Every page gets a second chance.
void PagePool::makeRoom(std::size_t bytes)
{
    if (m_residentBytes + bytes < m_pausedBelow)
        return;
    while (!m_resident.empty() && m_residentBytes > m_budget - std::min(bytes, m_budget)) {
        m_hand = m_hand < m_resident.size() ? m_hand : 0;
        Page &page = *m_resident[m_hand];
        if (std::exchange(page.m_isUsed, false)) {
            ++m_hand;
            continue;
        }
        if (page.m_place == Page::nowhere && !write(page)) {
            m_pausedBelow = m_residentBytes + pause;
            return;
        }
        leave(page);
        page.m_bytes.reset();
    }
}

void PagePool::enter(Page &page)
{
    page.m_seat = m_resident.size();
    m_resident.push_back(&page);
    m_residentBytes += page.m_size;
}

void PagePool::leave(Page &page)
{
    m_resident.back()->m_seat = page.m_seat;
    m_resident[page.m_seat] = m_resident.back();
    m_resident.pop_back();
    m_residentBytes -= page.m_size;
}

bool PagePool::write(Page &page)
{
    if (!openFile() || !hasRoom(m_file.get()))
        return false;
    auto &free = m_free[page.m_size];
    const std::uint64_t place = free.empty() ? m_end : free.back();
    if (!writeAt(m_file.get(), page.m_bytes.get(), page.m_size, place))
        return false;
    if (free.empty())
        m_end += page.m_size;
    else
        free.pop_back();
    page.m_place = place;
    return true;
}

bool PagePool::openFile()
{
    if (m_file)
        return true;
    if (m_folder.empty() || !makeFolder(m_folder))
        return false;
    m_file.reset(::open(m_folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (m_file)
        return true;
    std::string name = (m_folder / ".pages-XXXXXX").string(); // a file system without nameless files
    m_file.reset(::mkostemp(name.data(), O_CLOEXEC));
    if (m_file)
        ::unlink(name.c_str());
    return static_cast<bool>(m_file);
}

void PagePool::load(Page &page)
{
    auto bytes = std::make_unique<std::byte[]>(page.m_size);
    read(page, {bytes.get(), page.m_size});
    const std::lock_guard lock(m_mutex);
    makeRoom(page.m_size);
    page.m_bytes = std::move(bytes);
    enter(page);
}

void PagePool::read(const Page &page, std::span<std::byte> bytes)
{
    const auto count = readAt(m_file.get(), bytes, page.m_place, m_folder);
    if (count && *count == bytes.size())
        return;
    std::memset(bytes.data(), 0xff, bytes.size());
    const std::lock_guard lock(m_mutex);
    if (!m_error)
        m_error = Error{ErrorCode::Io, "Points that were put on the disk to save memory could not be read back",
                        m_folder.string(), "the run's own files are untouched", "Check the disk, and open the run again"};
}

PagePool::Page::Page(std::shared_ptr<PagePool> pool, std::span<const std::byte> bytes)
    : m_pool(std::move(pool)), m_bytes(new std::byte[bytes.size()]), m_size(bytes.size())
{
    std::memcpy(m_bytes.get(), bytes.data(), bytes.size());
}

PagePool::Page::~Page()
{
    const std::lock_guard lock(m_pool->m_mutex);
    if (m_bytes)
        m_pool->leave(*this);
    if (m_place != nowhere)
        m_pool->m_free[m_size].push_back(m_place);
}

void PagePool::Page::copyTo(std::span<std::byte> bytes) const
{
    {
        const std::lock_guard lock(m_pool->m_mutex);
        if (m_bytes) {
            std::memcpy(bytes.data(), m_bytes.get(), m_size);
            return;
        }
    }
    m_pool->read(*this, bytes.first(m_size));
}

} // namespace bottega
