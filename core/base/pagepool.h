// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/base/uniquefd.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

namespace bottega {

/// Memory for arrays that are longer than memory should hold (see PagedArray). About `budget` bytes of pages are resident;
/// those unused for longest go into a file without a name, made when it is needed, and come back when they are asked for.
/// Where the file cannot be written, or its disk has little room left, pages stay in memory. Belongs to one thread; what may
/// be called by others says so.
class PagePool : public std::enable_shared_from_this<PagePool>
{
public:
    class Page;

    [[nodiscard]] static std::shared_ptr<PagePool> create(std::filesystem::path folder, std::size_t budget);
    [[nodiscard]] static std::shared_ptr<PagePool> unlimited(); // all in memory
    PagePool(const PagePool &) = delete;
    PagePool &operator=(const PagePool &) = delete;

    [[nodiscard]] std::shared_ptr<Page> store(std::span<const std::byte> bytes);

    /// Of the first page that could not be read back; all bits of its bytes were given as ones. Any thread.
    [[nodiscard]] std::optional<Error> error() const;
    [[nodiscard]] std::size_t residentBytes() const; // any thread
    [[nodiscard]] std::uint64_t fileBytes() const;   // any thread

private:
    PagePool(std::filesystem::path folder, std::size_t budget) : m_folder(std::move(folder)), m_budget(budget) {}

    void makeRoom(std::size_t bytes);
    void enter(Page &page);
    void leave(Page &page);
    [[nodiscard]] bool write(Page &page);
    [[nodiscard]] bool openFile();
    void load(Page &page);
    void read(const Page &page, std::span<std::byte> bytes);

    std::filesystem::path m_folder;
    std::size_t m_budget;
    mutable std::mutex m_mutex; // for everything below
    UniqueFd m_file;
    std::uint64_t m_end = 0;
    std::map<std::size_t, std::vector<std::uint64_t>> m_free; // places in the file, by size
    std::vector<Page *> m_resident;
    std::size_t m_hand = 0; // of the clock that looks for what is unused
    std::size_t m_residentBytes = 0;
    std::size_t m_pausedBelow = 0; // after a failed write, no other is tried until so much is resident
    std::optional<Error> m_error;
};

/// Bytes that never change. Any thread may let go of it.
class PagePool::Page
{
public:
    Page(std::shared_ptr<PagePool> pool, std::span<const std::byte> bytes);
    ~Page();
    Page(const Page &) = delete;
    Page &operator=(const Page &) = delete;

    /// Until the pool is asked for another page. The pool's thread only.
    [[nodiscard]] const std::byte *bytes()
    {
        m_isUsed = true;
        if (!m_bytes)
            m_pool->load(*this);
        return m_bytes.get();
    }
    /// As many bytes as it has; what others use more stays in memory. Any thread.
    void copyTo(std::span<std::byte> bytes) const;

private:
    friend class PagePool;
    static constexpr std::uint64_t nowhere = std::numeric_limits<std::uint64_t>::max();

    std::shared_ptr<PagePool> m_pool;
    std::unique_ptr<std::byte[]> m_bytes; // null: in the file only; changed by the pool's thread under its mutex
    std::size_t m_size;
    std::uint64_t m_place = nowhere; // in the file
    std::size_t m_seat = 0;          // in m_resident
    bool m_isUsed = true;            // lately
};

} // namespace bottega
