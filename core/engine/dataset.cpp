// SPDX-License-Identifier: Apache-2.0
#include "core/engine/dataset.h"

#include "core/base/crc32c.h"
#include "core/formats/idx/idx.h"

#include <algorithm>

namespace bottega::engine {

namespace fs = std::filesystem;

namespace {

Result<fs::path> findFile(const fs::path &folder, const std::string &name)
{
    std::error_code ignored;
    for (const fs::path &path : {folder / name, folder / (name + ".gz")}) {
        if (fs::exists(path, ignored))
            return path;
    }
    return fail(ErrorCode::NotFound, "The data folder has no file " + name + " (plain or .gz)", folder.string(), {},
                "Name the folder that holds the four IDX files, or get the data set with 'bottega-cli data get mnist'");
}

tl::unexpected<Error> corrupt(const std::string &what, const fs::path &path)
{
    return fail(ErrorCode::Corrupt, what, path.string(), "nothing was used of it", "Import the data set anew");
}

Result<void> readPixels(Dataset &data)
{
    auto array = readIdx(data.images);
    if (!array)
        return fail(array.error());
    if (array->shape.size() != 3 || array->values.empty())
        return corrupt("The file should hold pictures: count, height, width, none of them 0", data.images);
    data.count = array->shape[0];
    data.height = array->shape[1];
    data.width = array->shape[2];
    data.pixels = std::move(array->values);
    return {};
}

Result<void> readLabels(Dataset &data)
{
    auto array = readIdx(data.labelFile);
    if (!array)
        return fail(array.error());
    if (array->shape.size() != 1)
        return corrupt("The file should hold labels, one number a picture", data.labelFile);
    if (array->shape[0] != data.count)
        return corrupt("There are " + std::to_string(array->shape[0]) + " labels for " + std::to_string(data.count) +
                           " pictures",
                       data.labelFile);
    data.labels = std::move(array->values);
    data.classes = std::max(10, *std::max_element(data.labels.begin(), data.labels.end()) + 1);
    return {};
}

} // namespace

Result<Dataset> readDataset(const fs::path &folder, Split split)
{
    const std::string prefix = split == Split::Train ? "train" : "t10k";
    auto images = findFile(folder, prefix + "-images-idx3-ubyte");
    if (!images)
        return fail(images.error());
    auto labels = findFile(folder, prefix + "-labels-idx1-ubyte");
    if (!labels)
        return fail(labels.error());
    Dataset data;
    data.images = *images;
    data.labelFile = *labels;
    if (auto read = readPixels(data); !read)
        return fail(read.error());
    if (auto read = readLabels(data); !read)
        return fail(read.error());
    return data;
}

Result<void> checkFits(const Dataset &data, std::int64_t features, std::int64_t classes)
{
    if (data.features() != features)
        return corrupt("The pictures have " + std::to_string(data.height) + " × " + std::to_string(data.width) +
                           " pixels, but the net reads " + std::to_string(features),
                       data.images);
    const auto wrong = std::find_if(data.labels.begin(), data.labels.end(), [=](int label) { return label >= classes; });
    if (wrong != data.labels.end())
        return corrupt("Label " + std::to_string(*wrong) + " of picture " + std::to_string(wrong - data.labels.begin()) +
                           " is outside the net's classes 0 to " + std::to_string(classes - 1),
                       data.labelFile);
    return {};
}

std::uint32_t fingerprint(const Dataset &data)
{
    std::string sample = std::to_string(data.count) + "," + std::to_string(data.height) + "," +
                         std::to_string(data.width) + ";";
    sample.append(data.labels.begin(), data.labels.end());
    for (std::size_t i = 0; i < data.pixels.size(); i += 1009)
        sample.push_back(static_cast<char>(data.pixels[i]));
    return crc32c(sample);
}

} // namespace bottega::engine
