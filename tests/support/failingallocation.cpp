// SPDX-License-Identifier: Apache-2.0
#include "tests/support/failingallocation.h"

#include <cstdlib>
#include <malloc.h>
#include <new>

namespace {

thread_local bool isActive = false;
thread_local int countdown = 0;
thread_local bool isRefused = false;
thread_local std::int64_t balance = 0;

} // namespace

void *operator new(std::size_t size)
{
    if (isActive && --countdown == 0) {
        isRefused = true;
        throw std::bad_alloc();
    }
    void *block = std::malloc(size > 0 ? size : 1);
    if (!block)
        throw std::bad_alloc();
    if (isActive)
        balance += static_cast<std::int64_t>(::malloc_usable_size(block));
    return block;
}

void operator delete(void *block) noexcept
{
    if (isActive && block)
        balance -= static_cast<std::int64_t>(::malloc_usable_size(block));
    std::free(block);
}

void operator delete(void *block, std::size_t) noexcept
{
    operator delete(block);
}

namespace bottega::test {

FailingAllocation::FailingAllocation(int number)
{
    countdown = number;
    isRefused = false;
    balance = 0;
    isActive = true;
}

FailingAllocation::~FailingAllocation()
{
    isActive = false;
}

bool FailingAllocation::hasFailed() const
{
    return isRefused;
}

std::int64_t FailingAllocation::stop()
{
    isActive = false;
    return balance;
}

} // namespace bottega::test
