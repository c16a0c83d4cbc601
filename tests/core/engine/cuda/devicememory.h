// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>

namespace bottega::engine::cuda {

/// Memory that, if it is guarded, the host may touch only while an Access lives, as with a real device: otherwise the
/// program ends with SIGSEGV. Blocks are aligned to 256 bytes then, and a change of access costs time by the page.
/// Unguarded it comes from the heap, where the address sanitizer sees what goes past a block's end. Not thread safe.
class DeviceMemory
{
public:
    explicit DeviceMemory(bool isGuarded);
    ~DeviceMemory();
    DeviceMemory(const DeviceMemory &) = delete;
    DeviceMemory &operator=(const DeviceMemory &) = delete;

    [[nodiscard]] void *allocate(std::size_t bytes);
    void release(void *memory);
    [[nodiscard]] const std::map<void *, std::size_t> &blocks() const { return m_blocks; } // live ones, and their bytes

    class Access
    {
    public:
        explicit Access(DeviceMemory &memory);
        ~Access();
        Access(const Access &) = delete;
        Access &operator=(const Access &) = delete;

    private:
        DeviceMemory &m_memory;
    };

private:
    void protect();

    std::byte *m_first = nullptr; // of all places there are
    std::size_t m_taken = 0;      // bytes from there on, never taken twice while any block lives
    std::map<void *, std::size_t> m_blocks;
    int m_accesses = 0; // that live
};

} // namespace bottega::engine::cuda
