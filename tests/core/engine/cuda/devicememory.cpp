// SPDX-License-Identifier: Apache-2.0
#include "tests/core/engine/cuda/devicememory.h"

#include <cstdlib>
#include <new>
#include <sys/mman.h>
#include <unistd.h>

namespace bottega::engine::cuda {

namespace {

constexpr std::size_t places = std::size_t{64} << 30; // bytes of address space; only what is used costs memory
constexpr std::size_t alignment = 256;

std::size_t wholePages(std::size_t bytes)
{
    static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    return (bytes + size - 1) / size * size;
}

} // namespace

DeviceMemory::DeviceMemory(bool isGuarded)
{
    if (!isGuarded)
        return;
    void *mapped = mmap(nullptr, places, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED)
        throw std::bad_alloc();
    m_first = static_cast<std::byte *>(mapped);
}

DeviceMemory::~DeviceMemory()
{
    while (!m_blocks.empty())
        release(m_blocks.begin()->first);
    if (m_first)
        munmap(m_first, places);
}

void *DeviceMemory::allocate(std::size_t bytes)
{
    if (!m_first)
        return m_blocks.emplace(std::malloc(bytes), bytes).first->first;
    const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    if (rounded > places - m_taken)
        throw std::bad_alloc();
    std::byte *memory = m_first + m_taken;
    m_taken += rounded;
    m_blocks.emplace(memory, bytes);
    protect();
    return memory;
}

void DeviceMemory::release(void *memory)
{
    m_blocks.erase(memory);
    if (!m_first) {
        std::free(memory);
    } else if (m_blocks.empty()) {
        madvise(m_first, wholePages(m_taken), MADV_DONTNEED);
        m_taken = 0;
    }
}

void DeviceMemory::protect()
{
    if (m_first && m_taken > 0)
        mprotect(m_first, wholePages(m_taken), m_accesses > 0 ? PROT_READ | PROT_WRITE : PROT_NONE);
}

DeviceMemory::Access::Access(DeviceMemory &memory) : m_memory(memory)
{
    if (++m_memory.m_accesses == 1)
        m_memory.protect();
}

DeviceMemory::Access::~Access()
{
    if (--m_memory.m_accesses == 0)
        m_memory.protect();
}

} // namespace bottega::engine::cuda
