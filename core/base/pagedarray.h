// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/pagepool.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <type_traits>

namespace bottega {

/// A growing array of plain values, of which memory holds as much as its pool permits. What was added stays where it is, so
/// that a copy costs a pointer for every thousand values and is a picture of the moment, which another thread may read with
/// forEachSpan(). Everything else is for the pool's thread.
template <class T>
class PagedArray
{
    static_assert(std::is_trivially_copyable_v<T>);

public:
    static constexpr std::size_t pageSize = 1024;

    explicit PagedArray(std::shared_ptr<PagePool> pool = {}) : m_pool(std::move(pool)) {} // none: all in memory

    void push_back(const T &value)
    {
        if (m_tail.size() == pageSize)
            seal();
        m_tail.push_back(value);
    }

    [[nodiscard]] std::size_t size() const { return m_pages.size() * pageSize + m_tail.size(); }
    [[nodiscard]] bool empty() const { return m_tail.empty(); }
    [[nodiscard]] T front() const { return (*this)[0]; }
    [[nodiscard]] T back() const { return m_tail.back(); }
    [[nodiscard]] T operator[](std::size_t index) const
    {
        const std::size_t page = index / pageSize;
        if (page == m_pages.size())
            return m_tail[index % pageSize];
        T value;
        std::memcpy(static_cast<void *>(&value), m_pages[page]->bytes() + index % pageSize * sizeof(T), sizeof(T));
        return value;
    }

    /// Calls take(values) with span after span, without moving what others use out of memory, until it says false. Of a
    /// copy, in any thread. `error()` tells afterwards whether all could be read.
    template <class Take>
    void forEachSpan(Take take) const
    {
        std::vector<T> values(m_pages.empty() ? 0 : pageSize);
        for (const auto &page : m_pages) {
            page->copyTo(std::as_writable_bytes(std::span(values)));
            if (!take(std::span<const T>(values)))
                return;
        }
        take(std::span<const T>(m_tail));
    }
    [[nodiscard]] std::optional<Error> error() const { return m_pool ? m_pool->error() : std::nullopt; }

    /// Forgets all from `count` on.
    void cut(std::size_t count)
    {
        if (count >= size())
            return;
        const std::size_t pages = count == 0 ? 0 : (count - 1) / pageSize;
        if (pages < m_pages.size()) {
            m_tail.resize(pageSize);
            m_pages[pages]->copyTo(std::as_writable_bytes(std::span(m_tail)));
            m_pages.resize(pages);
        }
        m_tail.resize(count - pages * pageSize);
    }
    void clear() { cut(0); }

    class const_iterator
    {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = T;
        using difference_type = std::ptrdiff_t;
        using pointer = const T *;
        using reference = T;

        const_iterator(const PagedArray *array, std::size_t index) : m_array(array), m_index(index) {}
        T operator*() const { return (*m_array)[m_index]; }
        const_iterator &operator++() { return ++m_index, *this; }
        const_iterator operator++(int) { return {m_array, m_index++}; }
        bool operator==(const const_iterator &) const = default;

    private:
        const PagedArray *m_array;
        std::size_t m_index;
    };
    [[nodiscard]] const_iterator begin() const { return {this, 0}; }
    [[nodiscard]] const_iterator end() const { return {this, size()}; }

private:
    void seal()
    {
        if (!m_pool)
            m_pool = PagePool::unlimited();
        m_pages.push_back(m_pool->store(std::as_bytes(std::span(m_tail))));
        m_tail.clear();
    }

    std::shared_ptr<PagePool> m_pool;
    std::vector<std::shared_ptr<PagePool::Page>> m_pages; // whole ones
    std::vector<T> m_tail; // the last values, one at least where there is any
};

} // namespace bottega
