// SPDX-License-Identifier: Apache-2.0
#include "app/cli/modelweights.h"

#include "core/engine/exchange.h"

namespace bottega::cli {

namespace {

Result<std::string> weightsFile(const Model &model)
{
    std::string found;
    for (const ModelFile &file : model.files) {
        if (!engine::isWeightsFile(file.path))
            continue;
        if (!found.empty())
            return fail(ErrorCode::Unsupported, "The model has several files that could hold its weights",
                        model.id(), {}, "Register the one with the weights as a model of its own");
        found = file.path;
    }
    if (found.empty())
        return fail(ErrorCode::Unsupported, "The model has no file with weights (.npz, .safetensors or .onnx)", model.id(), {},
                    "Register a run's outputs/model.npz");
    return found;
}

} // namespace

Result<NpzArrays> readModelWeights(const Models &models, const Model &model)
{
    const auto file = weightsFile(model);
    if (!file)
        return fail(file.error());
    return engine::readWeights(models.filesFolder(model) / *file);
}

} // namespace bottega::cli
