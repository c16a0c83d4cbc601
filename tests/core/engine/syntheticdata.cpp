// SPDX-License-Identifier: Apache-2.0
#include "tests/core/engine/syntheticdata.h"

#include "core/engine/random.h"
#include "core/formats/idx/idx.h"

#include <QFile>

#include <fstream>

namespace bottega::test {

namespace fs = std::filesystem;

namespace {

constexpr int classes = 10;

void writeSplit(const fs::path &folder, const std::string &prefix, int count, int extent, engine::Random &random)
{
    std::vector<std::uint8_t> pixels, labels;
    for (int n = 0; n < count; ++n) {
        const auto label = static_cast<std::uint8_t>(random.below(classes));
        labels.push_back(label);
        for (int i = 0; i < extent * extent; ++i) {
            const bool isLit = i % classes == label;
            pixels.push_back(static_cast<std::uint8_t>((isLit ? 120 : 0) + random.below(130)));
        }
    }
    const auto side = static_cast<std::uint32_t>(extent);
    const auto number = static_cast<std::uint32_t>(count);
    writeIdx(folder / (prefix + "-images-idx3-ubyte"), {number, side, side}, std::move(pixels));
    writeIdx(folder / (prefix + "-labels-idx1-ubyte"), {number}, std::move(labels));
}

} // namespace

void writeIdx(const fs::path &path, std::vector<std::uint32_t> shape, std::vector<std::uint8_t> values)
{
    std::ofstream(path, std::ios::binary) << encodeIdx({std::move(shape), std::move(values)});
}

void writeSyntheticData(const fs::path &folder, const SyntheticSize &size)
{
    fs::create_directories(folder);
    engine::Random random(11);
    writeSplit(folder, "train", size.train, size.extent, random);
    writeSplit(folder, "t10k", size.test, size.extent, random);
}

engine::TrainJob quickJob(const fs::path &data, const fs::path &runFolder, const engine::Params &changes,
                          const std::string &recipeName)
{
    engine::Params given = {{"epochs", "3"},
                            {"batchsize", "32"},
                            {"hidden", "20"},
                            {"lr", "0.1"},
                            {"output_dir", (runFolder / "outputs").string()}};
    for (const auto &[name, value] : changes) {
        std::erase_if(given, [&](const auto &param) { return param.first == name; });
        given.emplace_back(name, value);
    }
    if (recipeName != "mnist-mlp")
        std::erase_if(given, [](const auto &param) { return param.first == "hidden"; });
    const engine::Recipe *recipe = engine::findRecipe(recipeName).value();
    return {recipe, engine::completeParams(*recipe, given).value(), data, runFolder, 1, {}, nullptr};
}

Result<void> writeExplodingCheckpoint(const fs::path &from, const fs::path &to)
{
    NpzArrays arrays = readNpz(from).value();
    NpyArray &weights = arrays.at("l1/W");
    const std::vector<float> huge(weights.count(), 3e38f);
    weights = NpyArray::fromFloats(weights.shape, huge.data());
    return writeNpz(to, arrays);
}

QByteArray fileBytes(const fs::path &path)
{
    QFile file(QString::fromStdString(path.string()));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace bottega::test
