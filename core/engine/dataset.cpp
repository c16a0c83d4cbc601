// SPDX-License-Identifier: Apache-2.0
#include "core/engine/dataset.h"

#include "core/base/crc32c.h"
#include "core/base/json.h"
#include "core/engine/random.h"
#include "core/formats/idx/idx.h"
#include "core/formats/picture/imagefolder.h"

#include <algorithm>
#include <cmath>

namespace bottega::engine {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t holdOutStream = 3; // weights and order have 1 and 2

struct PartFiles
{
    const char *images;
    const char *coloredImages; // what files of four dimensions are called
    const char *labels;
};

constexpr PartFiles filesOf(DataPart part)
{
    if (part == DataPart::Train)
        return {"train-images-idx3-ubyte", "train-images-idx4-ubyte", "train-labels-idx1-ubyte"};
    return {"t10k-images-idx3-ubyte", "t10k-images-idx4-ubyte", "t10k-labels-idx1-ubyte"};
}

/// Empty where there is none.
fs::path fileNamed(const fs::path &folder, const std::string &name)
{
    std::error_code ignored;
    for (const fs::path &path : {folder / name, folder / (name + ".gz")}) {
        if (fs::exists(path, ignored))
            return path;
    }
    return {};
}

tl::unexpected<Error> missing(const fs::path &folder, const std::string &name)
{
    return fail(ErrorCode::NotFound, "The data folder has no file " + name + " (plain or .gz)",
                folder.string(), {},
                "Name a folder with the four IDX files or with pictures in train/CLASS/ and test/CLASS/, or "
                "get the data "
                "set with 'bottega-cli data get mnist'");
}

tl::unexpected<Error> corrupt(const std::string &what, const fs::path &path)
{
    return fail(ErrorCode::Corrupt, what, path.string(), "nothing was used of it",
                "Import the data set anew");
}

Result<void> takePixels(Dataset &data, IdxArray array)
{
    const std::vector<std::uint32_t> &shape = array.shape;
    if ((shape.size() != 3 && shape.size() != 4) || array.values.empty())
        return corrupt(
            "The file should hold pictures: count, height, width, or count, channels, height, width, none of "
            "them 0",
            data.images);
    data.count = shape.front();
    data.channels = shape.size() == 4 ? shape[1] : 1;
    data.height = shape[shape.size() - 2];
    data.width = shape.back();
    data.pixels = std::move(array.values);
    return {};
}

Result<void> readPixels(Dataset &data)
{
    auto array = readIdx(data.images);
    return array ? takePixels(data, std::move(*array)) : fail(array.error());
}

/// What an imported data set says of itself; else 10, as all the classic sets have.
int classesBeside(const fs::path &file)
{
    const auto facts = readJsonObject(file.parent_path() / "dataset.json");
    const std::int64_t classes = facts ? integerMember(*facts, "classes") : 0;
    return classes >= 1 && classes <= 256 ? static_cast<int>(classes) : 10;
}

/// Width before height, as people say it.
std::string sizeText(const Shape &picture)
{
    return std::to_string(picture[2]) + " × " + std::to_string(picture[1]) +
           (picture[0] > 1 ? " × " + std::to_string(picture[0]) + " channels" : "");
}

Result<void> readLabels(Dataset &data)
{
    auto array = readIdx(data.labelFile);
    if (!array)
        return fail(array.error());
    if (array->shape.size() != 1)
        return corrupt("The file should hold labels, one number a picture", data.labelFile);
    if (array->shape[0] != data.count)
        return corrupt("There are " + std::to_string(array->shape[0]) + " labels for " +
                           std::to_string(data.count) + " pictures",
                       data.labelFile);
    data.labels = std::move(array->values);
    data.classes = std::max(classesBeside(data.labelFile), *std::max_element(data.labels.begin(), data.labels.end()) + 1);
    return {};
}

Result<Dataset> takePart(const fs::path &folder, IdxArray images, IdxArray labels, const std::vector<std::string> &names)
{
    Dataset data;
    data.images = data.labelFile = folder;
    data.labels = std::move(labels.values);
    data.classes = static_cast<int>(names.size());
    data.classNames = names;
    if (auto taken = takePixels(data, std::move(images)); !taken)
        return fail(taken.error());
    return data;
}

Result<DatasetPair> readPictures(const fs::path &folder)
{
    auto read = readImageFolder(folder);
    if (!read)
        return fail(read.error());
    auto train = takePart(folder, std::move(read->trainImages), std::move(read->trainLabels), read->classNames);
    if (!train)
        return fail(train.error());
    auto test = takePart(folder, std::move(read->testImages), std::move(read->testLabels), read->classNames);
    if (!test)
        return fail(test.error());
    return DatasetPair{std::move(*train), std::move(*test)};
}

/// The same share of each class, so that small ones are not missed.
std::vector<bool> drawHeld(const Dataset &data, double share, std::uint64_t seed)
{
    Random random(seed, holdOutStream);
    std::vector<bool> isHeld(data.labels.size());
    for (int label = 0; label < data.classes; ++label) {
        std::vector<std::int32_t> members;
        for (std::size_t i = 0; i < data.labels.size(); ++i) {
            if (data.labels[i] == label)
                members.push_back(static_cast<std::int32_t>(i));
        }
        random.shuffle(members);
        members.resize(static_cast<std::size_t>(std::lround(share * static_cast<double>(members.size()))));
        for (const std::int32_t member : members)
            isHeld[static_cast<std::size_t>(member)] = true;
    }
    return isHeld;
}

Dataset selected(const Dataset &data, const std::vector<bool> &isHeld, bool takesHeld)
{
    Dataset part = {0,  data.channels, data.height,     data.width,  data.classes,
                    {}, {},            data.classNames, data.images, data.labelFile};
    const auto size = static_cast<std::ptrdiff_t>(data.features());
    for (std::size_t i = 0; i < isHeld.size(); ++i) {
        if (isHeld[i] != takesHeld)
            continue;
        const auto first = data.pixels.begin() + static_cast<std::ptrdiff_t>(i) * size;
        part.labels.push_back(data.labels[i]);
        part.pixels.insert(part.pixels.end(), first, first + size);
    }
    part.count = static_cast<std::int64_t>(part.labels.size());
    return part;
}

} // namespace

Result<Dataset> readDataset(const fs::path &folder, DataPart part)
{
    const PartFiles files = filesOf(part);
    Dataset data;
    data.images = fileNamed(folder, files.images);
    if (data.images.empty())
        data.images = fileNamed(folder, files.coloredImages);
    if (data.images.empty())
        return missing(folder, files.images);
    data.labelFile = fileNamed(folder, files.labels);
    if (data.labelFile.empty())
        return missing(folder, files.labels);
    if (auto read = readPixels(data); !read)
        return fail(read.error());
    if (auto read = readLabels(data); !read)
        return fail(read.error());
    return data;
}

Result<DatasetPair> readDatasets(const fs::path &folder)
{
    auto train = readDataset(folder, DataPart::Train);
    if (!train && train.error().code == ErrorCode::NotFound && isImageFolder(folder))
        return readPictures(folder);
    if (!train)
        return fail(train.error());
    auto test = readDataset(folder, DataPart::Test);
    if (!test)
        return fail(test.error());
    if (test->pictureShape() != train->pictureShape())
        return corrupt("The test pictures have the shape " + shapeText(test->pictureShape()) +
                           ", the training pictures " + shapeText(train->pictureShape()),
                       test->images);
    train->classes = test->classes = std::max(train->classes, test->classes);
    return DatasetPair{std::move(*train), std::move(*test)};
}

Result<Dataset> holdOut(Dataset &train, double share, std::uint64_t seed)
{
    const std::vector<bool> isHeld = drawHeld(train, share, seed);
    const auto held = std::count(isHeld.begin(), isHeld.end(), true);
    if (held == 0 || held == train.count)
        return fail(ErrorCode::Usage,
                    "validation: of " + std::to_string(train.count) +
                        " training pictures this share leaves none " +
                        (held == 0 ? "to validate on" : "to train with"),
                    train.images.string(), "nothing was trained",
                    "Give another share, or 0 to validate on the test pictures");
    Dataset rest = selected(train, isHeld, false);
    Dataset out = selected(train, isHeld, true);
    train = std::move(rest);
    return out;
}

Result<void> checkFits(const Dataset &data, const Shape &picture, std::int64_t classes)
{
    // A net of linear layers, read without a description, knows the number of pixels only.
    const bool isFitting = picture.size() == 1 ? data.features() == picture.front() : data.pictureShape() == picture;
    if (!isFitting)
        return fail(ErrorCode::Corrupt,
                    "The pictures have " + sizeText(data.pictureShape()) + " pixels, but the net reads " +
                        (picture.size() == 1 ? std::to_string(picture.front()) : sizeText(picture)),
                    data.images.string(), "nothing was used of it", "Choose a data set of pictures like those it learned");
    const auto wrong =
        std::find_if(data.labels.begin(), data.labels.end(), [=](int label) { return label >= classes; });
    if (wrong != data.labels.end())
        return corrupt("Label " + std::to_string(*wrong) + " of picture " +
                           std::to_string(wrong - data.labels.begin()) +
                           " is outside the net's classes 0 to " + std::to_string(classes - 1),
                       data.labelFile);
    return {};
}

std::uint32_t fingerprint(const Dataset &data)
{
    std::string sample = std::to_string(data.count) + ",";
    if (data.channels != 1) // what it was before there were colours, so that older checkpoints go on
        sample += std::to_string(data.channels) + ",";
    sample += std::to_string(data.height) + "," + std::to_string(data.width) + ";";
    sample.append(data.labels.begin(), data.labels.end());
    for (std::size_t i = 0; i < data.pixels.size(); i += 1009)
        sample.push_back(static_cast<char>(data.pixels[i]));
    return crc32c(sample);
}

} // namespace bottega::engine
