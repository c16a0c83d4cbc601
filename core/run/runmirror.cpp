// SPDX-License-Identifier: Apache-2.0
#include "core/run/runmirror.h"

#include "core/base/atomicsave.h"
#include "core/base/file.h"
#include "core/base/safename.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr const char *own = ".mirror";
constexpr const char *folders[] = {"metrics", "telemetry", "system-logs", own};

std::string nameIn(const std::string &file)
{
    return file.substr(file.rfind('/') + 1); // npos + 1 is 0
}

UniqueFd openFolder(int parent, const std::string &name)
{
    return UniqueFd(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

/// 0 where there is no such regular file.
std::uint64_t sizeOf(int folder, const std::string &name)
{
    struct stat info = {};
    const bool isFile = ::fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode);
    return isFile ? static_cast<std::uint64_t>(info.st_size) : 0;
}

} // namespace

Result<RunMirror> RunMirror::open(const fs::path &folder)
{
    if (auto made = makeFolder(folder); !made)
        return fail(made.error());
    RunMirror mirror;
    mirror.m_path = folder;
    mirror.m_folder = UniqueFd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!mirror.m_folder)
        return fail(systemError(errno, "The run's copy could not be opened", folder.string()));
    for (const char *name : folders) {
        if (::mkdirat(mirror.m_folder.get(), name, 0700) != 0 && errno != EEXIST)
            return fail(systemError(errno, "A folder of the run's copy could not be made", (folder / name).string()));
    }
    if (auto read = mirror.readIdentities(); !read)
        return fail(read.error());
    return mirror;
}

/// What is there without an identity, or not at all, comes anew.
Result<void> RunMirror::readIdentities()
{
    const auto json = readJsonObject(FilePlace(m_path, std::string(own) + "/state.json"));
    if (!json)
        return {}; // none yet, or damaged: then everything comes anew
    const auto files = json->find("files");
    if (files == json->end() || !files->is_object())
        return {};
    for (const auto &[name, identity] : files->items()) {
        if (!identity.is_string() || !(isStreamedLog(name) || isStreamedContent(name)) || !checkRelativePath(name))
            continue;
        const auto folder = folderOf(name);
        if (!folder)
            return fail(folder.error());
        m_files[name] = {identityFromText(identity.get<std::string>()), sizeOf(folder->get(), nameIn(name))};
    }
    return {};
}

Result<void> RunMirror::saveIdentities() const
{
    Json files = Json::object();
    for (const auto &[name, file] : m_files)
        files[name] = identityText(file.identity);
    return saveAtomically(m_path / own / "state.json", dumpJson({{"files", std::move(files)}}) + "\n");
}

Json RunMirror::known() const
{
    Json known = Json::object();
    for (const auto &[name, file] : m_files)
        known[name] = {{"offset", file.size}, {"identity", identityText(file.identity)}};
    return known;
}

Result<UniqueFd> RunMirror::folderOf(const std::string &file) const
{
    const std::size_t slash = file.find('/');
    UniqueFd folder = openFolder(m_folder.get(), slash == std::string::npos ? "." : file.substr(0, slash));
    if (!folder)
        return fail(systemError(errno, "A folder of the run's copy could not be opened", (m_path / file).string()));
    return folder;
}

Result<void> RunMirror::apply(const StreamEvent &event)
{
    switch (event.kind) {
    case StreamKind::Bytes: return append(event);
    case StreamKind::Content: return saveContent(event);
    case StreamKind::Truncated:
    case StreamKind::Replaced: return isStreamedLog(event.file) ? startAnew(event) : Result<void>();
    case StreamKind::List: return saveAtomically(m_path / own / (event.file + ".json"), event.bytes);
    case StreamKind::Vanished:
    case StreamKind::RunGone:
    case StreamKind::UpToDate:
    case StreamKind::Problem: break;
    }
    return {};
}

/// A new inode, so that who reads the old one sees that it is over. The identity is saved before the first byte is there:
/// killed in between, the copy asks for the file from 0.
Result<void> RunMirror::startAnew(const StreamEvent &event)
{
    const auto folder = folderOf(event.file);
    if (!folder)
        return fail(folder.error());
    if (::unlinkat(folder->get(), nameIn(event.file).c_str(), 0) != 0 && errno != ENOENT)
        return fail(systemError(errno, "A file of the run's copy could not be replaced", (m_path / event.file).string()));
    m_files[event.file] = {event.identity, 0};
    return saveIdentities();
}

Result<void> RunMirror::append(const StreamEvent &event)
{
    const auto known = m_files.find(event.file);
    if (event.offset == 0 && (known == m_files.end() || known->second.identity != event.identity)) {
        if (auto started = startAnew(event); !started)
            return started;
    }
    File &file = m_files[event.file];
    const std::string where = (m_path / event.file).string();
    if (event.offset != file.size || event.identity != file.identity)
        return fail(ErrorCode::Corrupt,
                    "The host sent byte " + std::to_string(event.offset) + " of a file of which " +
                        std::to_string(file.size) + " bytes are here",
                    where, "what is here was kept, nothing was written", "Connect again: it goes on from there");
    const auto folder = folderOf(event.file);
    if (!folder)
        return fail(folder.error());
    const UniqueFd fd(::openat(folder->get(), nameIn(event.file).c_str(),
                               O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
    struct stat info = {};
    if (!fd || ::fstat(fd.get(), &info) != 0)
        return fail(systemError(errno, "A file of the run's copy could not be opened", where));
    if (!S_ISREG(info.st_mode) || static_cast<std::uint64_t>(info.st_size) != file.size)
        return fail(ErrorCode::Corrupt, "A file of the run's copy was changed by somebody else", where,
                    "nothing was written", "Remove the copy: it is made again");
    if (auto written = writeAll(fd.get(), event.bytes, where); !written)
        return written;
    file.size += event.bytes.size();
    return {};
}

Result<void> RunMirror::saveContent(const StreamEvent &event)
{
    if (auto saved = saveAtomically(m_path / event.file, event.bytes); !saved)
        return saved;
    m_files[event.file] = {event.identity, event.bytes.size()};
    return saveIdentities();
}

} // namespace bottega
