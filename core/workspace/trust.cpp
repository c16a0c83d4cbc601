// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/trust.h"

#include "core/base/atomicsave.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/run/runfolder.h"
#include "core/workspace/workspace.h"

#include <QCryptographicHash>

#include <cerrno>
#include <cstdlib>
#include <sys/stat.h>
#include <unistd.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr int trustFormat = 1;

fs::path trustFolder()
{
    const char *named = std::getenv("XDG_CONFIG_HOME");
    const char *home = std::getenv("HOME");
    const fs::path base = named && named[0] == '/' ? fs::path(named) : fs::path(home && *home ? home : "/") / ".config";
    return base / "bottega" / "trusted";
}

/// What trust is bound to.
Result<Json> identityOf(const Workspace &workspace)
{
    std::error_code failure;
    const fs::path real = fs::canonical(workspace.root(), failure);
    struct stat info = {};
    if (failure || ::stat(real.c_str(), &info) != 0)
        return fail(systemError(failure ? failure.value() : errno, "The workspace's folder could not be examined",
                                workspace.root().string()));
    return Json{{"path", real.string()}, {"owner", info.st_uid}, {"id", workspace.id()}};
}

/// One file for each folder, so that two programs never write the same.
fs::path recordFor(const Json &identity)
{
    const std::string path = stringMember(identity, "path");
    const QByteArray name = QCryptographicHash::hash(QByteArrayView(path.data(), static_cast<qsizetype>(path.size())),
                                                     QCryptographicHash::Sha256);
    return trustFolder() / (name.toHex().toStdString() + ".json");
}

} // namespace

bool isTrusted(const Workspace &workspace)
{
    const auto identity = identityOf(workspace);
    if (!identity)
        return false;
    const auto record = readJsonObject(recordFor(*identity));
    return record && record->value("workspace", Json()) == *identity;
}

Result<void> trustWorkspace(const Workspace &workspace)
{
    const auto identity = identityOf(workspace);
    if (!identity)
        return fail(identity.error());
    if (auto made = makeFolder(trustFolder()); !made)
        return made;
    const Json record = {{"format", trustFormat}, {"workspace", *identity}, {"since", isoTime(wallTime())}};
    return saveAtomically(recordFor(*identity), dumpJson(record, 2) + "\n");
}

Result<void> distrustWorkspace(const Workspace &workspace)
{
    const auto identity = identityOf(workspace);
    if (!identity)
        return fail(identity.error());
    const fs::path record = recordFor(*identity);
    if (::unlink(record.c_str()) == 0)
        return syncFolder(record.parent_path());
    if (errno == ENOENT)
        return {};
    return fail(systemError(errno, "The trust could not be taken back", record.string()));
}

Result<void> requireTrust(const Workspace &workspace, const std::string &what)
{
    if (isTrusted(workspace))
        return {};
    return fail(ErrorCode::Permission,
                what + " needs a trusted workspace, and this one was not made by you on this machine",
                workspace.root().string(), "nothing was started or changed; browsing and exporting go on working",
                "Where you know who it is from, run: bottega-cli workspace trust --workspace " + workspace.root().string());
}

Result<void> requireTrust(const RunFolder &run, const std::string &what)
{
    const auto workspace = Workspace::open(run.root().parent_path().parent_path());
    if (!workspace)
        return fail(workspace.error());
    return requireTrust(*workspace, what);
}

} // namespace bottega
