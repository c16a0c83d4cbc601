// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/modelstore.h"

#include "core/base/atomicsave.h"
#include "core/base/clock.h"
#include "core/base/format.h"
#include "core/base/safename.h"

#include <algorithm>
#include <charconv>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr int modelFormat = 1;

bool isFolder(const fs::path &path)
{
    std::error_code ignored;
    return fs::is_directory(fs::symlink_status(path, ignored));
}

Json filesToJson(const std::vector<ModelFile> &files)
{
    Json list = Json::array();
    for (const ModelFile &file : files)
        list.push_back({{"path", file.path}, {"size", file.size}, {"sha256", file.sha256}});
    return list;
}

/// False where a path could lead out of the version's folder: the file may come from elsewhere.
bool readFiles(const Json &json, Model &model)
{
    for (const Json &item : json.value("files", Json::array())) {
        if (!item.is_object())
            return false;
        ModelFile file{stringMember(item, "path"), static_cast<std::uint64_t>(integerMember(item, "size")),
                       stringMember(item, "sha256")};
        if (!checkRelativePath(file.path) || file.sha256.size() != 64)
            return false;
        model.files.push_back(std::move(file));
    }
    return !model.files.empty();
}

} // namespace

int versionNumber(const std::string &text)
{
    int number = 0;
    const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool isCanonical = failure == std::errc() && stop == text.data() + text.size() && text.front() != '0';
    return isCanonical && number > 0 ? number : 0;
}

std::vector<int> versionNumbers(const fs::path &modelFolder)
{
    std::vector<int> numbers;
    std::error_code failure;
    for (fs::directory_iterator entry(modelFolder, failure), end; !failure && entry != end; entry.increment(failure)) {
        const int number = versionNumber(entry->path().filename().string());
        if (number > 0 && isFolder(entry->path()))
            numbers.push_back(number);
    }
    std::sort(numbers.begin(), numbers.end(), std::greater<>());
    return numbers;
}

std::vector<std::string> modelNames(const fs::path &modelsFolder)
{
    std::vector<std::string> names;
    std::error_code failure;
    for (fs::directory_iterator entry(modelsFolder, failure), end; !failure && entry != end; entry.increment(failure)) {
        std::string name = entry->path().filename().string();
        if (checkName("a model", name, 1, 64) && isFolder(entry->path()) && !versionNumbers(entry->path()).empty())
            names.push_back(std::move(name));
    }
    std::sort(names.begin(), names.end());
    return names;
}

Json modelFactsToJson(const Model &model)
{
    Json metrics = Json::object();
    for (const auto &[name, value] : model.metrics)
        metrics[name] = jsonNumber(value);
    Json tags = Json::object();
    for (const auto &[key, value] : model.tags)
        tags[key] = value;
    return {{"format", modelFormat},
            {"name", model.name},
            {"version", model.version},
            {"description", model.description},
            {"tags", std::move(tags)},
            {"run", model.run},
            {"experiment", model.experiment},
            {"recipe", model.recipe},
            {"data", {{"name", model.dataName}, {"sha256", model.dataSha256}}},
            {"createdAt", model.createdAt},
            {"created", isoTime(model.createdAt)},
            {"files", filesToJson(model.files)},
            {"metrics", std::move(metrics)}};
}

Result<void> saveModel(const Model &model, const fs::path &folder)
{
    return saveAtomically(folder / "model.json", dumpJson(modelFactsToJson(model), 2) + "\n");
}

Result<Model> loadModel(const fs::path &modelsFolder, const std::string &name, int version)
{
    const FilePlace place(modelsFolder, name + '/' + std::to_string(version) + "/model.json");
    const fs::path &path = place.path();
    const auto json = readJsonObject(place);
    if (!json)
        return fail(json.error());
    if (auto known = checkFormat(*json, modelFormat, "The model " + name + ":" + std::to_string(version), path); !known)
        return fail(known.error());
    Model model;
    model.name = name; // where it stands counts
    model.version = version;
    model.description = stringMember(*json, "description");
    model.run = stringMember(*json, "run");
    model.experiment = stringMember(*json, "experiment");
    model.recipe = stringMember(*json, "recipe");
    model.createdAt = numberMember(*json, "createdAt");
    const Json data = json->value("data", Json::object());
    if (data.is_object()) {
        model.dataName = stringMember(data, "name");
        model.dataSha256 = stringMember(data, "sha256");
    }
    const Json tags = json->value("tags", Json::object());
    for (const auto &[key, value] : tags.items())
        model.tags[key] = value.is_string() ? value.get<std::string>() : std::string();
    const Json metrics = json->value("metrics", Json::object());
    for (const auto &[key, value] : metrics.items())
        model.metrics[key] = numberFromJson(value).value_or(0);
    if (!readFiles(*json, model))
        return fail(ErrorCode::Corrupt, "The description of " + model.id() + " is damaged", path.string(),
                    "other versions are not touched", "Delete this version and register it again");
    return model;
}

Result<void> checkHash(const Model &model, const ModelFile &file, const CopiedFile &found)
{
    if (found.sha256 == file.sha256)
        return {};
    return fail(ErrorCode::Corrupt, "The file " + file.path + " of " + model.id() + " is damaged", file.path,
                "other versions are not touched", "Register the model again from its run");
}

bool ModelLookup::refresh()
{
    std::vector<std::pair<std::string, int>> versions;
    std::string listing;
    for (const std::string &name : modelNames(m_folder)) {
        for (const int version : versionNumbers(m_folder / name)) {
            versions.emplace_back(name, version);
            listing += name + ":" + std::to_string(version) + "\n";
        }
    }
    if (listing == m_versions)
        return false;
    std::map<std::string, std::pair<double, std::string>> newest;
    for (const auto &[name, version] : versions) {
        const auto model = loadModel(m_folder, name, version);
        if (!model || model->run.empty())
            continue;
        auto &best = newest[model->run];
        best = std::max(best, {model->createdAt, model->id()});
    }
    m_versions = std::move(listing);
    m_byRun.clear();
    for (auto &[run, best] : newest)
        m_byRun.emplace(run, std::move(best.second));
    return true;
}

std::string ModelLookup::of(const std::string &run) const
{
    const auto found = m_byRun.find(run);
    return found == m_byRun.end() ? std::string() : found->second;
}

} // namespace bottega
