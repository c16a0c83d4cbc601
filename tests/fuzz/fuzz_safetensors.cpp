// SPDX-License-Identifier: Apache-2.0
#include "core/formats/safetensors/safetensors.h"
#include "tests/fuzz/arrays.h"

namespace bottega::fuzz {

void takeInput(std::string_view bytes)
{
    const MemoryFile file(bytes);
    const auto content = readSafetensors(file.path());
    if (!content)
        return;
    for (const auto &[name, array] : content->arrays)
        requireSound(array);
    const auto written = encodeSafetensors(*content);
    require(written.has_value());
    const MemoryFile copy(*written);
    const auto again = readSafetensors(copy.path());
    require(again && again->metadata == content->metadata && isSame(again->arrays, content->arrays));
}

} // namespace bottega::fuzz
