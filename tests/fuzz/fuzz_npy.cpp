// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/arrays.h"

namespace bottega::fuzz {

/// One array by itself, where no archive's CRC stands before it.
void takeInput(std::string_view bytes)
{
    const auto array = decodeNpy(std::string(bytes), "input");
    if (!array)
        return;
    requireSound(*array);
    const auto again = decodeNpy(encodeNpy(*array), "copy");
    require(again && isSame(*again, *array));
}

} // namespace bottega::fuzz
