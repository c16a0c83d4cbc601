// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/models.h"

#include "core/base/atomicsave.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/folderwalk.h"
#include "core/base/redact.h"
#include "core/base/safename.h"
#include "core/workspace/annotations.h"
#include "core/workspace/artifactcopy.h"
#include "core/workspace/codecapable.h"
#include "core/workspace/filecopy.h"
#include "core/workspace/modelstore.h"
#include "core/workspace/runrecord.h"
#include "core/base/staging.h"

#include <algorithm>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t listedArtifacts = 20;

struct Selected
{
    std::string source; // slash path in the run's work folder
    std::string target; // relative to files/
};

std::string fileName(const std::string &slashPath)
{
    return slashPath.substr(slashPath.rfind('/') + 1); // npos + 1 is 0
}

/// One file under its own name, or everything below a folder with the paths below it.
std::vector<Selected> select(const std::vector<Artifact> &artifacts, std::string path)
{
    while (!path.empty() && path.back() == '/')
        path.pop_back();
    std::vector<Selected> selected;
    for (const Artifact &artifact : artifacts) {
        if (artifact.path == path)
            return {{artifact.path, fileName(artifact.path)}};
        if (!path.empty() && artifact.path.starts_with(path + "/"))
            selected.push_back({artifact.path, artifact.path.substr(path.size() + 1)});
    }
    return selected;
}

std::string listOf(const std::vector<Artifact> &artifacts)
{
    if (artifacts.empty())
        return "The run has no files yet";
    std::string text = "The run has: ";
    for (std::size_t i = 0; i < artifacts.size() && i < listedArtifacts; ++i)
        text += (i == 0 ? "" : ", ") + printable(artifacts[i].path);
    if (artifacts.size() > listedArtifacts)
        text += " and " + std::to_string(artifacts.size() - listedArtifacts) + " more";
    return text;
}

std::uint64_t bytesOf(const std::vector<Artifact> &artifacts, const std::vector<Selected> &selected)
{
    std::uint64_t sum = 0;
    for (const Artifact &artifact : artifacts) {
        if (std::any_of(selected.begin(), selected.end(), [&](const Selected &s) { return s.source == artifact.path; }))
            sum += artifact.size;
    }
    return sum;
}

Result<ModelFile> copyArtifact(const RunFolder &run, const Selected &selected, const fs::path &files)
{
    const fs::path target = files / selected.target;
    if (auto made = makeFolder(target.parent_path()); !made)
        return fail(made.error());
    const auto source = openBeneath(run.work(), selected.source);
    if (!source)
        return fail(source.error());
    const auto copied = copyFile(source->get(), run.work() / selected.source, target);
    if (!copied)
        return fail(copied.error());
    return ModelFile{selected.target, copied->size, copied->sha256};
}

std::map<std::string, double> lastValues(const RunFolder &run)
{
    std::map<std::string, double> values;
    const auto record = readRunRecord(run);
    if (!record)
        return values;
    for (const auto &[name, summary] : record->metrics)
        values[name] = summary.last;
    return values;
}

Model factsOf(const Job &job, const Models::Registration &registration)
{
    Model model;
    model.name = registration.name;
    model.description = registration.description;
    model.tags = registration.tags;
    model.run = job.runId;
    model.experiment = job.experiment;
    model.dataName = job.data.name;
    model.dataSha256 = job.data.sha256;
    model.recipe = job.recipe;
    model.createdAt = wallTime();
    return model;
}

Result<void> checkTexts(const std::string &description, const std::map<std::string, std::string> &tags)
{
    if (description.size() > 5000)
        return fail(ErrorCode::Usage, "The description has " + std::to_string(description.size()) + " characters", {},
                    "nothing was changed", "Use at most 5,000");
    for (const auto &[key, value] : tags) {
        if (key.empty() || key.size() > 100 || printable(key) != key || value.size() > 1000)
            return fail(ErrorCode::Usage, "“" + printable(key, 60) + "” is not a valid tag", {}, "nothing was changed",
                        "Use 1 to 100 characters for its name and at most 1,000 for its value");
    }
    return {};
}

void apply(const Annotation &annotation, Model &model)
{
    if (annotation.key == "description" && annotation.value.is_string())
        model.description = annotation.value.get<std::string>();
    if (!annotation.key.starts_with("tag:"))
        return;
    const std::string tag = annotation.key.substr(4);
    if (annotation.value.is_string())
        model.tags[tag] = annotation.value.get<std::string>();
    else
        model.tags.erase(tag);
}

std::string subjectOf(const std::string &name, int version)
{
    return "models/" + name + "/" + std::to_string(version);
}

Error noModel(const std::string &reference, const std::string &where, std::string remedy)
{
    return {ErrorCode::NotFound, "There is no model “" + printable(reference, 100) + "”", where, {},
            std::move(remedy)};
}

} // namespace

Json modelToJson(const Model &model)
{
    Json json = modelFactsToJson(model);
    Json document = {{"id", model.id()}, {"name", model.name}, {"version", model.version}, {"aliases", Json::array()}};
    document["tags"] = json["tags"];
    document["description"] = model.description;
    for (Json &file : json["files"])
        file["canRunCode"] = canRunCode(stringMember(file, "path"));
    for (const char *key : {"run", "experiment", "recipe", "data", "created", "files", "metrics"})
        document[key] = std::move(json[key]);
    return document;
}

fs::path Models::versionFolder(const Model &model) const
{
    return m_workspace.modelsFolder() / model.name / std::to_string(model.version);
}

fs::path Models::filesFolder(const Model &model) const
{
    return versionFolder(model) / "files";
}

Result<int> Models::nextVersion(const std::string &name) const
{
    const auto annotations = readAnnotations(m_workspace.annotations());
    if (!annotations)
        return fail(annotations.error());
    const std::vector<int> versions = versionNumbers(m_workspace.modelsFolder() / name);
    int highest = versions.empty() ? 0 : versions.front();
    for (const Annotation &annotation : *annotations) {
        const std::string prefix = "models/" + name + "/";
        if (annotation.key == "deleted" && annotation.subject.starts_with(prefix))
            highest = std::max(highest, versionNumber(annotation.subject.substr(prefix.size())));
    }
    return highest + 1;
}

Result<Model> Models::registerFromRun(const RunFolder &run, const Registration &registration) const
{
    if (auto writable = m_workspace.checkWritable(); !writable)
        return fail(writable.error());
    if (auto valid = checkName("a model", registration.name, 1, 64); !valid)
        return fail(valid.error());
    if (auto valid = checkTexts(registration.description, registration.tags); !valid)
        return fail(valid.error());
    const auto job = run.readJob();
    if (!job)
        return fail(job.error());
    const auto artifacts = run.artifacts();
    if (!artifacts)
        return fail(artifacts.error());
    const std::vector<Selected> selected = select(*artifacts, registration.artifactPath);
    if (selected.empty())
        return fail(ErrorCode::NotFound, "The run has no file “" + printable(registration.artifactPath, 100) + "”",
                    run.id(), "nothing was registered", listOf(*artifacts));
    const fs::path folder = m_workspace.modelsFolder() / registration.name;
    if (auto space = checkFreeSpace(folder, bytesOf(*artifacts, selected)); !space)
        return fail(space.error());
    StagingFolder::sweep(folder);
    auto staged = StagingFolder::create(folder);
    if (!staged)
        return fail(staged.error());
    Model model = factsOf(*job, registration);
    model.metrics = lastValues(run);
    for (const Selected &one : selected) {
        auto file = copyArtifact(run, one, staged->path() / "files");
        if (!file)
            return fail(file.error());
        model.files.push_back(std::move(*file));
    }
    for (;;) { // again where another process took the number
        const auto version = nextVersion(model.name);
        if (!version)
            return fail(version.error());
        model.version = *version;
        if (auto saved = saveModel(model, staged->path()); !saved)
            return fail(saved.error());
        const auto published = staged->publish(versionFolder(model));
        if (published)
            return model;
        if (published.error().code != ErrorCode::Exists)
            return fail(published.error());
    }
}

Result<std::vector<Model>> Models::versionsOf(const std::string &name) const
{
    const auto annotations = readAnnotations(m_workspace.annotations());
    if (!annotations)
        return fail(annotations.error());
    std::vector<Model> models;
    for (const int version : versionNumbers(m_workspace.modelsFolder() / name)) {
        auto model = loadModel(m_workspace.modelsFolder(), name, version);
        if (!model)
            continue; // one damaged version never hides another; find() tells what is wrong
        for (const Annotation &annotation : *annotations) {
            if (annotation.subject == subjectOf(name, version))
                apply(annotation, *model);
        }
        model->description = redact(model->description);
        for (auto &[tag, value] : model->tags)
            value = redactValue(tag, value);
        models.push_back(std::move(*model));
    }
    return models;
}

Result<std::vector<Model>> Models::list() const
{
    std::vector<Model> models;
    for (const std::string &name : modelNames(m_workspace.modelsFolder())) {
        auto versions = versionsOf(name);
        if (!versions)
            return versions;
        std::move(versions->begin(), versions->end(), std::back_inserter(models));
    }
    return models;
}

Result<Model> Models::find(const std::string &reference) const
{
    const std::size_t colon = reference.find(':');
    const std::string name = reference.substr(0, colon);
    const std::string wanted = colon == std::string::npos ? "latest" : reference.substr(colon + 1);
    const fs::path folder = m_workspace.modelsFolder() / name;
    const std::vector<int> numbers = checkName("a model", name, 1, 64) ? versionNumbers(folder) : std::vector<int>();
    if (numbers.empty()) {
        std::string known;
        for (const std::string &one : modelNames(m_workspace.modelsFolder()))
            known += (known.empty() ? "" : ", ") + one;
        return fail(noModel(reference, m_workspace.root().string(),
                            known.empty() ? "The workspace has no models yet" : "There are: " + known));
    }
    const int version = wanted == "latest" ? numbers.front() : versionNumber(wanted);
    if (std::find(numbers.begin(), numbers.end(), version) == numbers.end()) {
        std::string known;
        for (const int one : numbers)
            known += (known.empty() ? "" : ", ") + std::to_string(one);
        return fail(noModel(reference, m_workspace.root().string(), "Versions of " + name + ": " + known));
    }
    auto versions = versionsOf(name);
    if (!versions)
        return fail(versions.error());
    for (Model &model : *versions) {
        if (model.version == version)
            return std::move(model);
    }
    return loadModel(m_workspace.modelsFolder(), name, version); // the damaged one: its error
}

Result<void> Models::verify(const Model &model) const
{
    for (const ModelFile &file : model.files) {
        const auto fd = openBeneath(filesFolder(model), file.path);
        if (!fd)
            return fail(fd.error());
        const auto found = hashFile(fd->get(), filesFolder(model) / file.path);
        if (!found)
            return fail(found.error());
        if (auto same = checkHash(model, file, *found); !same)
            return same;
    }
    return {};
}

Result<std::vector<fs::path>> Models::download(const Model &model, const fs::path &folder, bool overwrite) const
{
    auto written = copyFiles(filesFolder(model), modelItems(model), folder,
                             overwrite ? IfExists::Overwrite : IfExists::Refuse);
    if (written || written.error().code != ErrorCode::Corrupt)
        return written;
    Error error = written.error();
    error.what = "The model " + model.id() + " is damaged. " + error.what;
    return fail(std::move(error));
}

Result<void> Models::setDescription(const Model &model, const std::string &description) const
{
    if (auto writable = m_workspace.checkWritable(); !writable)
        return fail(writable.error());
    if (auto valid = checkTexts(description, {}); !valid)
        return valid;
    return appendAnnotation(m_workspace.annotations(),
                            {wallTime(), subjectOf(model.name, model.version), "description", description});
}

Result<void> Models::setTag(const Model &model, const std::string &key, const std::optional<std::string> &value) const
{
    if (auto writable = m_workspace.checkWritable(); !writable)
        return writable;
    if (auto valid = checkTexts({}, {{key, value.value_or("")}}); !valid)
        return valid;
    return appendAnnotation(m_workspace.annotations(), {wallTime(), subjectOf(model.name, model.version), "tag:" + key,
                                                        value ? Json(*value) : Json()});
}

/// Said before it is done: after a crash in between the number is burnt, never given twice.
Result<void> Models::noteDeleted(const Model &model) const
{
    if (auto writable = m_workspace.checkWritable(); !writable)
        return fail(writable.error());
    const fs::path folder = versionFolder(model);
    std::error_code ignored;
    if (!checkName("a model", model.name, 1, 64) || !fs::is_directory(fs::symlink_status(folder.parent_path(), ignored)) ||
        !fs::is_directory(fs::symlink_status(folder, ignored)))
        return fail(noModel(model.id(), folder.string(), "It may have been deleted already"));
    return appendAnnotation(m_workspace.annotations(),
                            {wallTime(), subjectOf(model.name, model.version), "deleted", true});
}

Result<TrashItem> Models::moveToTrash(const Model &model) const
{
    if (auto noted = noteDeleted(model); !noted)
        return fail(noted.error());
    return Trash(m_workspace).put(model.id());
}

Result<std::uint64_t> Models::remove(const Model &model) const
{
    if (auto noted = noteDeleted(model); !noted)
        return fail(noted.error());
    const fs::path folder = versionFolder(model);
    const std::uint64_t bytes = diskUsage(folder);
    StagingFolder::sweep(folder.parent_path());
    if (auto removed = StagingFolder::discard(folder); !removed)
        return fail(removed.error());
    return bytes;
}

} // namespace bottega
