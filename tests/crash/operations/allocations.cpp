// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/operations/allocations.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::int64_t> counted{0};
std::atomic<std::int64_t> failing{0};

} // namespace

void *operator new(std::size_t size)
{
    const std::int64_t number = ++counted;
    if (number == failing.load(std::memory_order_relaxed))
        throw std::bad_alloc();
    if (void *memory = std::malloc(size ? size : 1))
        return memory;
    throw std::bad_alloc();
}

void operator delete(void *memory) noexcept
{
    std::free(memory);
}

void operator delete(void *memory, std::size_t) noexcept
{
    std::free(memory);
}

namespace bottega::crash {

void failAllocation(std::int64_t number)
{
    counted = 0;
    failing = number;
}

std::int64_t allocations()
{
    return counted;
}

} // namespace bottega::crash
