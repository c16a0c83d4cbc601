// SPDX-License-Identifier: Apache-2.0
#include "core/base/checkedproduct.h"
#include "core/formats/idx/idx.h"
#include "tests/fuzz/fuzz.h"

namespace bottega::fuzz {

/// Plain and packed files, told by their content.
void takeInput(std::string_view bytes)
{
    const MemoryFile file(bytes);
    const auto info = readIdxInfo(file.path());
    const auto array = readIdx(file.path());
    require(!info || (array && info->shape == array->shape && info->fileBytes == bytes.size()));
    if (!array)
        return;
    require(checkedProduct(array->shape) == array->values.size());
    const MemoryFile copy(encodeIdx(*array));
    const auto again = readIdx(copy.path());
    require(again && again->shape == array->shape && again->values == array->values);
}

} // namespace bottega::fuzz
