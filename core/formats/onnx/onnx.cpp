// SPDX-License-Identifier: Apache-2.0
#include "core/formats/onnx/onnx.h"

#include "core/base/atomicsave.h"
#include "core/base/checkedproduct.h"
#include "core/base/file.h"
#include "core/base/safename.h"
#include "core/formats/npz/npy.h"

#include <limits>
#include <set>

namespace bottega {

namespace {

std::string shown(const std::string &name)
{
    return "“" + printable(name, 100) + "”";
}

using Names = std::set<std::string, std::less<>>;

/// Takes the names that one node uses and gives.
std::string flawOf(const OnnxNode &node, Names &known)
{
    const std::string who = "the operation " + shown(node.name.empty() ? node.opType : node.name);
    if (node.opType.empty())
        return who + " has no type";
    for (const std::string &input : node.inputs) {
        if (!input.empty() && !known.contains(input))
            return who + " takes " + shown(input) + ", which nothing before it gives";
    }
    for (const std::string &output : node.outputs) {
        if (!output.empty() && !known.insert(output).second)
            return who + " gives " + shown(output) + ", which something else gives already";
    }
    return {};
}

} // namespace

std::string flawOf(const OnnxModel &model)
{
    if (model.graphName.empty())
        return "its graph has no name";
    Names known;
    for (const OnnxValue &input : model.inputs) {
        if (input.name.empty() || !known.insert(input.name).second)
            return "its input " + shown(input.name) + " has no name or that of another";
    }
    for (const auto &[name, array] : model.initializers) {
        if (name.empty() || checkedProduct(array.shape, npyItemSize(array.type)) != array.bytes.size())
            return "its weights " + shown(name) + " have no name or do not fit their shape";
        known.insert(name); // old files list their weights among the inputs too
    }
    for (const OnnxNode &node : model.nodes) {
        if (std::string flaw = flawOf(node, known); !flaw.empty())
            return flaw;
    }
    for (const OnnxValue &output : model.outputs) {
        if (!known.contains(output.name))
            return "nothing gives its output " + shown(output.name);
    }
    return {};
}

Result<void> writeOnnx(const std::filesystem::path &path, const OnnxModel &model)
{
    auto bytes = encodeOnnx(model);
    if (!bytes) {
        bytes.error().where = path.string();
        return fail(bytes.error());
    }
    return saveAtomically(path, *bytes);
}

Result<OnnxModel> readOnnx(const FilePlace &place)
{
    const auto bytes = readFile(place, std::numeric_limits<std::int32_t>::max());
    if (!bytes)
        return fail(bytes.error());
    return decodeOnnx(*bytes, place.path().string());
}

} // namespace bottega
