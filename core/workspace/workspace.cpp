// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/workspace.h"

#include "core/base/file.h"
#include "core/base/format.h"
#include "core/base/safename.h"
#include "core/workspace/filelock.h"
#include "core/workspace/migration.h"
#include "core/workspace/trash.h"
#include "core/workspace/trust.h"

#include <QString>
#include <QUuid>

#include <algorithm>
#include <cstdlib>
#include <optional>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t minimumName = 2;
constexpr std::size_t maximumName = 32;

/// Absolute, without a trailing slash, so that its last component is the folder's name.
fs::path normalized(const fs::path &folder)
{
    std::error_code ignored;
    fs::path path = fs::absolute(folder.empty() ? fs::path(".") : folder, ignored).lexically_normal();
    return path.has_filename() ? path : path.parent_path();
}

bool isThere(const fs::path &path)
{
    std::error_code ignored;
    return fs::exists(fs::symlink_status(path, ignored));
}

bool isAzures(const Json &config)
{
    return !config.contains("format") && config.contains("workspace_name") && config.contains("resource_group");
}

std::string initCommand(const fs::path &folder)
{
    return "Make a workspace there with: bottega-cli workspace init " + folder.string();
}

fs::path userFolder(const char *variable, const char *underHome)
{
    const char *named = std::getenv(variable);
    if (named && named[0] == '/')
        return named;
    const char *home = std::getenv("HOME");
    return fs::path(home && *home ? home : "/") / underHome;
}

Json newConfig(const std::string &id, const std::string &name)
{
    return {{"format", workspaceFormat}, {"readableBy", 1}, {"createdBy", "bottega " BOTTEGA_VERSION},
            {"id", id},                  {"name", name},    {"experiment", ""},
            {"target", "local"},         {"dataset", ""}};
}

std::string mendIt(const fs::path &root)
{
    return "Mend the file, or move it away and run: bottega-cli workspace init " + root.string() +
           " (runs, models and data sets stay)";
}

WorkspaceDefaults defaultsFrom(const Json &config)
{
    return {stringMember(config, "experiment"), stringMember(config, "target"), stringMember(config, "dataset")};
}

/// Unix seconds in "<experiment>_<seconds>_<8 hex>"; the experiment may hold underscores itself.
long long secondsOf(const std::string &runId)
{
    const std::size_t last = runId.rfind('_');
    const std::size_t before = last == std::string::npos || last == 0 ? std::string::npos : runId.rfind('_', last - 1);
    return before == std::string::npos ? 0 : std::atoll(runId.c_str() + before + 1);
}

} // namespace

std::string workspaceNameFor(const fs::path &root)
{
    std::string name = root.filename().string();
    std::replace_if(
        name.begin(), name.end(),
        [](char c) { return !std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_' && c != '.'; }, '-');
    name.erase(0, name.find_first_not_of("-_."));
    name.resize(std::min(name.size(), maximumName));
    while (!name.empty() && name.back() == '.')
        name.pop_back();
    return name.size() < minimumName ? "workspace" : name;
}

Workspace::Workspace(fs::path root, std::string id, std::string name)
    : m_root(std::move(root))
    , m_id(std::move(id))
    , m_name(std::move(name))
{
}

Result<Workspace> Workspace::init(const fs::path &folder, const std::string &name)
{
    auto workspace = make(folder, name);
    if (!workspace)
        return workspace;
    if (auto trusted = trustWorkspace(*workspace); !trusted) {
        Error error = trusted.error();
        error.kept = "the workspace was made, for browsing only until it is trusted";
        return fail(std::move(error));
    }
    return workspace;
}

Result<Workspace> Workspace::make(const fs::path &folder, const std::string &wantedName)
{
    const fs::path root = normalized(folder);
    const std::string name = wantedName.empty() ? workspaceNameFor(root) : wantedName;
    if (auto valid = checkName("a workspace", name, minimumName, maximumName); !valid)
        return fail(valid.error());
    const fs::path config = root / "config.json";
    const auto refused = [&] {
        return fail(ErrorCode::Exists, "There is a config.json already", config.string(), "nothing was changed",
                    "Open this folder, or choose another one");
    };
    if (isThere(config))
        return refused();
    if (auto made = makeFolder(root); !made)
        return fail(made.error());
    const auto lock = FileLock::take(root / ".lock");
    if (!lock)
        return fail(lock.error());
    if (isThere(config))
        return refused(); // of two processes one makes it
    for (const char *part : {"runs", "models", "datasets", "trash", "objects"}) {
        if (auto made = makeFolder(root / part); !made)
            return fail(made.error());
    }
    const std::string id = QUuid::createUuid().toString(QUuid::WithoutBraces).toStdString();
    if (auto saved = saveConfig(root, newConfig(id, name)); !saved)
        return fail(saved.error());
    return Workspace(root, id, name);
}

Result<Workspace> Workspace::fromConfig(const fs::path &root, const Config &config)
{
    Workspace workspace(root, stringMember(config.json, "id"), stringMember(config.json, "name"));
    workspace.m_problem = config.problem;
    const auto known = checkFormat(config.json, workspaceFormat, "The workspace", root / "config.json");
    if (!known && integerMember(config.json, "readableBy", workspaceFormat + 1) > workspaceFormat)
        return fail(known.error());
    workspace.m_isReadOnly = !known;
    if (!known)
        workspace.m_problem = known.error().what + ". It is open read-only. " + known.error().remedy;
    if (integerMember(config.json, "format") < workspaceFormat) {
        if (auto migrated = migrateWorkspace(root); !migrated)
            workspace.m_problem = "The workspace stays in its older format: " + describe(migrated.error());
    }
    return workspace;
}

Result<void> Workspace::checkWritable() const
{
    if (!m_isReadOnly)
        return {};
    return fail(ErrorCode::Unsupported, "The workspace is open read-only: it is of a newer format", m_root.string(),
                "nothing was changed", "Update Bottega, or use the version that made it");
}

Result<Workspace> Workspace::fromAzure(const fs::path &root, const Json &config)
{
    const std::string named = stringMember(config, "workspace_name");
    const std::string name = checkName("name", named, minimumName, maximumName) ? named : workspaceNameFor(root);
    static const QUuid nameSpace(0x7d2f64b1, 0x3c1e, 0x4e0b, 0x9a, 0x55, 0x0d, 0x61, 0x2f, 0x7a, 0xc4, 0x18);
    const QUuid id = QUuid::createUuidV5(nameSpace, QByteArray::fromStdString(root.string()));
    return Workspace(root, id.toString(QUuid::WithoutBraces).toStdString(), name);
}

Result<Workspace> Workspace::open(const fs::path &folder)
{
    const fs::path root = normalized(folder);
    std::optional<Json> azure;
    if (isThere(root / "config.json")) {
        auto config = readConfig(root);
        if (!config) {
            Error error = config.error();
            if (error.code == ErrorCode::Corrupt)
                error.remedy = mendIt(root);
            return fail(error);
        }
        if (isWorkspaceConfig(config->json))
            return fromConfig(root, *config);
        if (isAzures(config->json))
            azure = std::move(config->json);
    }
    for (const char *candidate : {".azureml/config.json", "aml_config/config.json"}) {
        if (azure || !isThere(root / candidate))
            continue;
        auto config = readJsonObject(FilePlace(root, candidate));
        if (!config)
            return fail(config.error());
        if (isAzures(*config))
            azure = std::move(*config);
    }
    if (azure)
        return fromAzure(root, *azure);
    return fail(ErrorCode::NotFound, "This folder is not a workspace", root.string(), {}, initCommand(root));
}

Result<Workspace> Workspace::find(const fs::path &start)
{
    fs::path first = normalized(start);
    std::error_code ignored;
    if (fs::is_regular_file(first, ignored)) {
        first = first.parent_path();
        if (first.filename() == ".azureml" || first.filename() == "aml_config")
            first = first.parent_path();
    }
    for (const char *kind : {".azureml", "aml_config", ""}) {
        for (fs::path folder = first;; folder = folder.parent_path()) {
            if (isThere(folder / kind / "config.json")) {
                auto workspace = open(folder);
                if (workspace || workspace.error().code != ErrorCode::NotFound)
                    return workspace;
            }
            if (folder == folder.root_path() || folder == folder.parent_path())
                break;
        }
    }
    return fail(ErrorCode::NotFound, "There is no workspace in this folder or any above it", first.string(), {},
                initCommand(first) + ", or name one with --workspace DIR");
}

fs::path Workspace::cacheFolder() const
{
    return userFolder("XDG_CACHE_HOME", ".cache") / "bottega" / m_id;
}

Result<RunFolder> Workspace::run(const std::string &idOrPrefix) const
{
    std::error_code ignored;
    if (isRunId(idOrPrefix) && fs::is_directory(fs::symlink_status(runsFolder() / idOrPrefix, ignored)))
        return RunFolder(runsFolder() / idOrPrefix);
    const auto ids = runIds();
    if (!ids)
        return fail(ids.error());
    std::vector<std::string> matches;
    std::copy_if(ids->begin(), ids->end(), std::back_inserter(matches),
                 [&](const std::string &id) { return !idOrPrefix.empty() && id.starts_with(idOrPrefix); });
    if (matches.size() == 1)
        return RunFolder(runsFolder() / matches.front());
    const std::string shown = "“" + printable(idOrPrefix, 80) + "”";
    if (matches.empty()) {
        const auto deleted = Trash(*this).find(idOrPrefix);
        return fail(ErrorCode::NotFound, "There is no run " + shown, m_root.string(), {},
                    deleted && deleted->isRun() ? "It is in the trash: bottega-cli run restore " + deleted->name
                    : ids->empty()              ? "The workspace has no runs yet"
                                                : "bottega-cli run list shows the runs there are");
    }
    return fail(ErrorCode::Usage, std::to_string(matches.size()) + " runs begin with " + shown, m_root.string(), {},
                "Give more of the id: " + matches[0] + " or " + matches[1]);
}

Result<std::vector<std::string>> Workspace::runIds() const
{
    std::vector<std::string> ids;
    std::error_code failure;
    for (fs::directory_iterator entry(runsFolder(), failure), end; !failure && entry != end; entry.increment(failure)) {
        std::string id = entry->path().filename().string();
        std::error_code ignored;
        if (isRunId(id) && entry->is_directory(ignored) && !entry->is_symlink(ignored))
            ids.push_back(std::move(id));
    }
    if (failure && (failure != std::errc::no_such_file_or_directory || !isThere(m_root)))
        return fail(systemError(failure.value(), "The workspace's runs could not be listed", runsFolder().string()));
    std::vector<std::pair<long long, std::string>> keyed;
    keyed.reserve(ids.size());
    for (std::string &id : ids)
        keyed.emplace_back(secondsOf(id), std::move(id));
    std::sort(keyed.begin(), keyed.end(), std::greater<>());
    std::transform(keyed.begin(), keyed.end(), ids.begin(), [](auto &pair) { return std::move(pair.second); });
    return ids;
}

WorkspaceDefaults Workspace::defaults() const
{
    const auto config = readConfig(m_root);
    return config ? defaultsFrom(config->json) : WorkspaceDefaults();
}

Result<void> Workspace::setDefaults(const WorkspaceDefaults &defaults) const
{
    return changeDefaults([&defaults](WorkspaceDefaults &changed) { changed = defaults; });
}

Result<void> Workspace::changeDefaults(const std::function<void(WorkspaceDefaults &)> &change) const
{
    if (auto writable = checkWritable(); !writable)
        return writable;
    return changeConfig(m_root, [&change](Json &config) -> Result<void> {
        WorkspaceDefaults defaults = defaultsFrom(config);
        change(defaults);
        config["experiment"] = defaults.experiment;
        config["target"] = defaults.target;
        config["dataset"] = defaults.dataset;
        return {};
    });
}

fs::path defaultWorkspacesFolder()
{
    return userFolder("XDG_DATA_HOME", ".local/share") / "bottega" / "workspaces";
}

} // namespace bottega
