// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/arrays.h"

namespace bottega::fuzz {

void takeInput(std::string_view bytes)
{
    const MemoryFile file(bytes);
    const auto arrays = readNpz(file.path());
    if (!arrays)
        return;
    for (const auto &[name, array] : *arrays)
        requireSound(array);
}

} // namespace bottega::fuzz
