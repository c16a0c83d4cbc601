// SPDX-License-Identifier: Apache-2.0
#include "core/formats/onnx/onnx.h"
#include "tests/fuzz/arrays.h"

namespace bottega::fuzz {

void takeInput(std::string_view bytes)
{
    const auto model = decodeOnnx(bytes, "input");
    if (!model)
        return;
    for (const auto &[name, array] : model->initializers)
        requireSound(array);
    const auto written = encodeOnnx(*model);
    require(written.has_value());
    const auto again = decodeOnnx(*written, "copy");
    require(again && isSame(again->initializers, model->initializers));
    require(encodeOnnx(*again).value_or("") == *written); // by bytes: a NaN among the attributes equals nothing
}

} // namespace bottega::fuzz
