// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/archivemanifest.h"

#include "core/base/safename.h"
#include "core/run/runfolder.h"
#include "core/workspace/modelstore.h"

#include <QString>

#include <algorithm>
#include <set>

namespace bottega {

namespace {

constexpr int archiveFormat = 1;
constexpr std::size_t hashDigits = 64;

tl::unexpected<Error> damaged(const std::string &what, const std::string &where)
{
    return fail(ErrorCode::Corrupt, what, where, "nothing was imported", "Get the archive again from where it came from");
}

std::vector<std::string> splitPath(const std::string &path)
{
    std::vector<std::string> parts(1);
    for (const char c : path) {
        if (c == '/')
            parts.emplace_back();
        else
            parts.back() += c;
    }
    return parts;
}

bool isModelFolder(const std::string &name, const std::string &version)
{
    return checkName("a model", name, 1, 64).has_value() && versionNumber(version) > 0;
}

bool isHash(const std::string &text)
{
    return text.size() == hashDigits && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Json members(const Json &json, const char *key)
{
    const auto found = json.find(key);
    return found != json.end() && found->is_array() ? *found : Json::array();
}

std::vector<std::string> textsIn(const Json &json, const char *key)
{
    std::vector<std::string> texts;
    for (const Json &item : members(json, key)) {
        if (item.is_string())
            texts.push_back(item.get<std::string>());
    }
    return texts;
}

/// Folders that a manifest names, as "runs/<id>" and so on.
std::set<std::string> unitsOf(const ArchiveManifest &manifest)
{
    std::set<std::string> units;
    for (const ArchivedRun &run : manifest.runs)
        units.insert("runs/" + run.id);
    for (const std::string &dataset : manifest.datasets)
        units.insert("datasets/" + dataset);
    for (std::string model : manifest.models) {
        std::replace(model.begin(), model.end(), ':', '/');
        units.insert("models/" + model);
    }
    return units;
}

/// Two names that are one where case or Unicode's forms don't count; also a file where another needs a folder.
Result<void> checkClashes(const std::vector<ArchivedFile> &files, const std::string &where)
{
    std::set<std::string> taken;
    std::set<std::string> folders;
    for (const ArchivedFile &file : files) {
        const std::string folded = foldedPath(file.path);
        if (!taken.insert(folded).second)
            return damaged("The archive holds two files that some systems can't tell apart: “" + printable(file.path, 100) + "”",
                           where);
        for (std::size_t slash = folded.find('/'); slash != std::string::npos; slash = folded.find('/', slash + 1))
            folders.insert(folded.substr(0, slash));
    }
    for (const std::string &folder : folders) {
        if (taken.contains(folder))
            return damaged("The archive's “" + printable(folder, 100) + "” is a file and a folder", where);
    }
    return {};
}

Result<std::vector<ArchivedFile>> filesFromJson(const Json &json, const std::set<std::string> &units, const std::string &where)
{
    std::vector<ArchivedFile> files;
    for (const Json &item : members(json, "files")) {
        ArchivedFile file;
        if (item.is_object())
            file = {stringMember(item, "path"), static_cast<std::uint64_t>(integerMember(item, "size")),
                    stringMember(item, "sha256"), item.value("redacted", Json()) == true};
        const std::string unit = archiveUnitOf(file.path);
        if (!checkRelativePath(file.path) || unit.empty() || !units.contains(unit) || !isHash(file.sha256))
            return damaged("The archive's table of contents names a file that has no place: “" + printable(file.path, 100) + "”",
                           where);
        files.push_back(std::move(file));
    }
    if (auto valid = checkClashes(files, where); !valid)
        return fail(valid.error());
    return files;
}

} // namespace

std::string archiveUnitOf(const std::string &path)
{
    const auto parts = splitPath(path);
    if (parts.size() > 2 && parts[0] == "runs" && isRunId(parts[1]))
        return "runs/" + parts[1];
    if (parts.size() > 3 && parts[0] == "models" && isModelFolder(parts[1], parts[2]))
        return "models/" + parts[1] + "/" + parts[2];
    if (parts.size() > 2 && parts[0] == "datasets" && checkName("a data set", parts[1], 1, 64))
        return "datasets/" + parts[1];
    return {};
}

std::string foldedPath(const std::string &path)
{
    return QString::fromStdString(path).normalized(QString::NormalizationForm_KC).toCaseFolded().toStdString();
}

Json manifestToJson(const ArchiveManifest &manifest)
{
    Json runs = Json::array();
    for (const ArchivedRun &run : manifest.runs)
        runs.push_back({{"id", run.id}, {"state", run.state}, {"isLive", run.isLive}});
    Json files = Json::array();
    for (const ArchivedFile &file : manifest.files) {
        files.push_back({{"path", file.path}, {"size", file.size}, {"sha256", file.sha256}});
        if (file.isRedacted)
            files.back()["redacted"] = true;
    }
    Json leftOut = Json::array();
    for (const LeftOut &one : manifest.leftOut)
        leftOut.push_back({{"path", one.path}, {"why", one.why}});
    return {{"format", archiveFormat},
            {"program", manifest.program},
            {"created", manifest.created},
            {"whole", manifest.isWhole},
            {"workspace",
             {{"id", manifest.workspaceId},
              {"name", manifest.workspaceName},
              {"experiment", manifest.experiment},
              {"dataset", manifest.dataset}}},
            {"runs", std::move(runs)},
            {"models", manifest.models},
            {"datasets", manifest.datasets},
            {"files", std::move(files)},
            {"leftOut", std::move(leftOut)},
            {"annotations", manifest.annotations}};
}

Result<ArchiveManifest> manifestFromJson(const Json &json, const std::string &where)
{
    const std::int64_t format = json.is_object() ? integerMember(json, "format", -1) : -1;
    if (format > archiveFormat)
        return fail(ErrorCode::Unsupported,
                    "This archive was made by a newer version of Bottega (format " + std::to_string(format) + ")", where,
                    "nothing was imported", "Import it with that version");
    if (format < 1)
        return damaged("This is not an archive of Bottega: its table of contents has no valid format", where);
    ArchiveManifest manifest;
    manifest.program = stringMember(json, "program");
    manifest.created = stringMember(json, "created");
    manifest.isWhole = json.value("whole", Json()) == true;
    const Json workspace = json.value("workspace", Json::object());
    if (workspace.is_object()) {
        manifest.workspaceId = stringMember(workspace, "id");
        manifest.workspaceName = stringMember(workspace, "name");
        manifest.experiment = stringMember(workspace, "experiment");
        manifest.dataset = stringMember(workspace, "dataset");
    }
    for (const Json &run : members(json, "runs")) {
        if (run.is_object())
            manifest.runs.push_back({stringMember(run, "id"), stringMember(run, "state"), run.value("isLive", Json()) == true});
    }
    manifest.models = textsIn(json, "models");
    manifest.datasets = textsIn(json, "datasets");
    manifest.annotations = members(json, "annotations");
    for (const Json &one : members(json, "leftOut")) {
        if (one.is_object())
            manifest.leftOut.push_back({stringMember(one, "path"), stringMember(one, "why")});
    }
    auto files = filesFromJson(json, unitsOf(manifest), where);
    if (!files)
        return fail(files.error());
    manifest.files = std::move(*files);
    return manifest;
}

} // namespace bottega
