// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/checkedproduct.h"
#include "core/formats/npz/npy.h"
#include "tests/fuzz/fuzz.h"

namespace bottega::fuzz {

/// What every reader promises of an array: its bytes fit its shape.
inline void requireSound(const NpyArray &array)
{
    require(checkedProduct(array.shape, npyItemSize(array.type)) == array.bytes.size());
}

inline bool isSame(const NpyArray &a, const NpyArray &b)
{
    return a.type == b.type && a.shape == b.shape && a.bytes == b.bytes;
}

inline bool isSame(const NpzArrays &a, const NpzArrays &b)
{
    if (a.size() != b.size())
        return false;
    for (auto i = a.begin(), j = b.begin(); i != a.end(); ++i, ++j) {
        if (i->first != j->first || !isSame(i->second, j->second))
            return false;
    }
    return true;
}

} // namespace bottega::fuzz
