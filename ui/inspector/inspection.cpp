// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/inspection.h"

#include "core/base/json.h"
#include "core/engine/checkpoint.h"
#include "core/workspace/datasets.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/planarimage.h"

#include <charconv>
#include <cmath>

namespace bottega {

namespace fs = std::filesystem;

namespace {

/// Size and time tell other weights under the same name: a model is always written anew, never changed in place.
std::string keyOf(const fs::path &path)
{
    std::error_code failure;
    const auto size = fs::file_size(path, failure);
    const auto time = fs::last_write_time(path, failure).time_since_epoch().count();
    return path.string() + ':' + std::to_string(size) + ':' + std::to_string(time);
}

/// The number in "epoch-0012.npz" or "step-00000123.npz"; -1 for other names.
std::int64_t numberIn(const std::string &name, std::string_view prefix)
{
    constexpr std::string_view suffix = ".npz";
    if (name.size() <= prefix.size() + suffix.size() || name.compare(0, prefix.size(), prefix) != 0
        || name.compare(name.size() - suffix.size(), suffix.size(), suffix) != 0)
        return -1;
    const char *begin = name.data() + prefix.size();
    const char *end = name.data() + name.size() - suffix.size();
    std::int64_t number = -1;
    const auto [stop, error] = std::from_chars(begin, end, number);
    return error == std::errc() && stop == end ? number : -1;
}

bool isRegular(const fs::path &path)
{
    std::error_code failure;
    return fs::is_regular_file(fs::symlink_status(path, failure));
}

WeightsSource newestCheckpoint(const fs::path &folder)
{
    WeightsSource newest;
    std::error_code failure;
    for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end; entry.increment(failure)) {
        const std::string name = entry->path().filename().string();
        if (const auto epoch = numberIn(name, "epoch-"); epoch > newest.epoch && isRegular(entry->path()))
            newest = {entry->path(), {}, false, epoch, 0};
    }
    // A training stopped on the way leaves its very last state under its step; it counts where it is younger.
    std::error_code ignored;
    auto youngest = newest.path.empty() ? fs::file_time_type::min() : fs::last_write_time(newest.path, ignored);
    failure.clear();
    for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end; entry.increment(failure)) {
        const auto step = numberIn(entry->path().filename().string(), "step-");
        if (step < 0 || !isRegular(entry->path()))
            continue;
        const auto time = fs::last_write_time(entry->path(), ignored);
        if (ignored || time < youngest)
            continue;
        youngest = time;
        newest = {entry->path(), {}, false, newest.epoch, step};
    }
    return newest;
}

/// dataset.json beside the files names the classes; numbers do where it says nothing.
QStringList classNamesOf(const fs::path &dataFolder, int classes)
{
    QStringList names;
    if (const auto json = readJsonObject(dataFolder / "dataset.json")) {
        const auto found = json->find("classNames");
        if (found != json->end() && found->is_array())
            for (const Json &name : *found)
                names.append(name.is_string() ? toQString(name.get<std::string>()) : QString());
    }
    while (names.size() > classes)
        names.removeLast();
    while (names.size() < classes)
        names.append(QString());
    for (int i = 0; i < classes; ++i)
        if (names[i].isEmpty())
            names[i] = QString::number(i);
    return names;
}

Result<std::shared_ptr<const IdxArray>> imagesOf(const InspectionRequest &request)
{
    if (request.previous && request.previous->dataFolder == request.dataFolder)
        return request.previous->images;
    auto images = readIdx(request.dataFolder / datasetFiles[2]);
    if (!images)
        return fail(images.error());
    return std::make_shared<const IdxArray>(std::move(*images));
}

Result<NpzArrays> weightsOf(WeightsSource &source)
{
    if (source.isFinal)
        return readNpz(source.path);
    auto checkpoint = engine::readCheckpoint(source.path);
    if (!checkpoint)
        return fail(checkpoint.error());
    source.epoch = checkpoint->epoch;
    return std::move(checkpoint->arrays);
}

Result<InspectionPtr> inspectSource(const InspectionRequest &request, WeightsSource source)
{
    const auto weights = weightsOf(source);
    if (!weights)
        return fail(weights.error());
    const auto canceled = [flag = request.cancellation] { return flag && flag->requested.load(); };
    auto evaluation = engine::evaluate(*weights, request.dataFolder, canceled);
    if (!evaluation)
        return fail(evaluation.error());
    auto images = imagesOf(request);
    if (!images)
        return fail(images.error());
    if ((*images)->shape.size() < 3 || (*images)->shape[0] != evaluation->labels.size())
        return fail(ErrorCode::Corrupt, "The test images are not those that were evaluated",
                    (request.dataFolder / datasetFiles[2]).string(), "nothing was changed", "Verify the data set");
    auto inspection = std::make_shared<Inspection>();
    inspection->source = std::move(source);
    inspection->classNames = classNamesOf(request.dataFolder, evaluation->classes);
    inspection->evaluation = std::move(*evaluation);
    inspection->images = std::move(*images);
    inspection->dataFolder = request.dataFolder;
    return inspection;
}

} // namespace

WeightsSource newestWeights(const RunFolder &folder, const fs::path &outputDir, bool completed)
{
    WeightsSource source;
    const fs::path model = folder.work() / outputDir.lexically_normal() / "model.npz";
    if (completed && isRegular(model))
        source = {model, {}, true, 0, 0};
    else
        source = newestCheckpoint(folder.checkpoints());
    if (!source.path.empty())
        source.key = keyOf(source.path);
    return source;
}

bool Inspection::isRight(std::size_t sample) const
{
    return evaluation.labels[sample] == evaluation.predictions[sample];
}

std::int64_t Inspection::confusion(int label, int prediction) const
{
    return evaluation.confusion[std::size_t(label) * std::size_t(evaluation.classes) + std::size_t(prediction)];
}

std::int64_t Inspection::support(int label) const
{
    std::int64_t sum = 0;
    for (int prediction = 0; prediction < evaluation.classes; ++prediction)
        sum += confusion(label, prediction);
    return sum;
}

std::int64_t Inspection::rightCount() const
{
    std::int64_t sum = 0;
    for (int c = 0; c < evaluation.classes; ++c)
        sum += confusion(c, c);
    return sum;
}

double Inspection::trueProbability(std::size_t sample) const
{
    return std::exp(-double(evaluation.losses[sample])); // the loss is the true class's −log p
}

QImage Inspection::image(std::size_t sample) const
{
    const auto &shape = images->shape;
    const int channels = shape.size() > 3 ? int(shape[1]) : 1;
    const auto rows = int(shape[shape.size() - 2]), columns = int(shape.back());
    const std::size_t bytes = std::size_t(rows) * std::size_t(columns) * std::size_t(channels);
    return planarImage(images->values.data() + sample * bytes, channels, rows, columns);
}

InspectionOutcome inspect(const InspectionRequest &request)
{
    const WeightsSource source = newestWeights(RunFolder(request.runFolder), request.outputDir, request.completed);
    if (source.path.empty() || source.key == request.knownKey)
        return {};
    return {source.key, inspectSource(request, source)};
}

} // namespace bottega
