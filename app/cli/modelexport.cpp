// SPDX-License-Identifier: Apache-2.0
#include "app/cli/modelexport.h"

#include "app/cli/lookup.h"
#include "app/cli/modelweights.h"
#include "app/cli/output.h"
#include "core/engine/exchange.h"

namespace bottega::cli {

ModelExport::ModelExport()
    : Command({"model",
               "export",
               "Write a model's network as a file for other programs.",
               {{"MODEL", modelHelp}},
               {{"--to", "FILE", "its ending decides: .onnx, .safetensors or .npz", true},
                {"--overwrite", "", "replace the file if it is there already"}}})
{}

Result<int> ModelExport::execute(const Invocation &invocation, Console &console) const
{
    const auto found = findModel(invocation);
    if (!found)
        return fail(found.error());
    const auto &[workspace, models, model] = *found;
    const std::filesystem::path path = invocation.value("--to");
    std::error_code ignored;
    if (!invocation.has("--overwrite") && std::filesystem::exists(path, ignored))
        return fail(ErrorCode::Usage, "The file is there already", path.string(), "it was not touched",
                    "Give another name, or --overwrite");
    const auto weights = readModelWeights(models, model);
    if (!weights)
        return fail(weights.error());
    if (auto written = engine::writeWeights(path, *weights); !written)
        return fail(written.error());
    const auto bytes = std::filesystem::file_size(path, ignored);
    if (invocation.wantsJson())
        printJson(console.out, {{"id", model.id()}, {"path", path.string()}, {"size", bytes}});
    else
        console.out << "Wrote " << path.string() << " (" << bytesText(static_cast<std::int64_t>(bytes)) << ") from "
                    << model.id() << ".\n";
    return Done;
}

} // namespace bottega::cli
