// SPDX-License-Identifier: Apache-2.0
#include "core/agent/streamrun.h"

#include "core/base/file.h"
#include "core/base/safename.h"
#include "core/run/runfolder.h"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t chunk = 64 * 1024;              // what a cut may cost
constexpr std::uint64_t metricsPortion = 16 * chunk;
constexpr std::uint64_t logPortion = 4 * chunk;         // a flood of output must not hold up metrics
constexpr std::uint64_t longestContent = std::uint64_t{1} << 20;
constexpr std::size_t longestList = longestStreamBody / 2;
constexpr std::size_t mostFiles = 10'000;               // in one folder

struct CloseFolder
{
    void operator()(DIR *folder) const { ::closedir(folder); }
};

struct FileState
{
    std::uint64_t identity = 0;
    std::uint64_t size = 0;
    std::int64_t changed = 0;
    bool isRegular = false;
};

/// The time of birth tells a file from a later one with the same inode, where the file system knows it.
std::optional<FileState> stateOf(int folder, const char *name, int flags)
{
    struct statx info = {};
    if (::statx(folder, name, flags | AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &info) != 0)
        return {};
    FileState state;
    state.identity = info.stx_ino * 0x9E3779B97F4A7C15u;
    if ((info.stx_mask & STATX_BTIME) != 0)
        state.identity ^= static_cast<std::uint64_t>(info.stx_btime.tv_sec) * 1'000'000'007u + info.stx_btime.tv_nsec;
    state.identity = std::max<std::uint64_t>(state.identity, 1);
    state.size = info.stx_size;
    state.changed = info.stx_mtime.tv_sec * 1'000'000'000 + info.stx_mtime.tv_nsec;
    state.isRegular = S_ISREG(info.stx_mode);
    return state;
}

/// Names in a folder of the run, links to folders not followed.
std::vector<std::string> namesIn(int root, const std::string &name)
{
    std::vector<std::string> names;
    const int fd = ::openat(root, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    const std::unique_ptr<DIR, CloseFolder> folder(fd < 0 ? nullptr : ::fdopendir(fd));
    while (const dirent *entry = folder ? ::readdir(folder.get()) : nullptr) {
        if (entry->d_name[0] != '.' && names.size() <= mostFiles)
            names.emplace_back(entry->d_name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

fs::path handlePath(const UniqueFd &folder)
{
    return "/proc/self/fd/" + std::to_string(folder.get());
}

} // namespace

StreamRun::StreamRun(std::uint32_t run, fs::path folder, const Json &known)
    : m_run(run), m_path(std::move(folder)), m_folder(::open(m_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC))
{
    if (!known.is_object())
        return;
    for (const auto &[name, file] : known.items()) {
        const std::int64_t offset = integerMember(file, "offset");
        if ((isStreamedLog(name) || isStreamedContent(name)) && file.is_object() && offset >= 0)
            m_files[name] = {identityFromText(stringMember(file, "identity")), static_cast<std::uint64_t>(offset), 0, {}};
    }
}

bool StreamRun::sendMetrics(const Send &send)
{
    noteWhetherGone(send);
    if (isGone())
        return false;
    sendContent("run.json", send);
    bool isMore = sendLog("journal.jsonl", metricsPortion, send);
    sendContent("end.json", send);
    isMore = sendFolder("metrics", metricsPortion, send) || isMore;
    return sendFolder("telemetry", metricsPortion, send) || isMore;
}

bool StreamRun::sendLogs(const Send &send)
{
    return !isGone() && sendFolder("system-logs", logPortion, send);
}

/// Gone is what is no longer at its path, deleted or moved to a trash.
void StreamRun::noteWhetherGone(const Send &send)
{
    struct stat here = {}, there = {};
    const bool isThere = m_folder && ::fstat(m_folder.get(), &here) == 0 && ::stat(m_path.c_str(), &there) == 0 &&
                         here.st_ino == there.st_ino && here.st_dev == there.st_dev;
    if (isThere)
        return;
    m_folder.reset();
    if (!std::exchange(m_isToldGone, true))
        tell(StreamKind::RunGone, {}, send);
}

bool StreamRun::sendFolder(const std::string &name, std::uint64_t portion, const Send &send)
{
    std::vector<std::string> files;
    for (const std::string &file : namesIn(m_folder.get(), name)) {
        if (checkRelativePath(name + '/' + file))
            files.push_back(name + '/' + file);
    }
    if (files.size() > mostFiles) {
        sendProblem({}, "The folder " + name + " has more than " + std::to_string(mostFiles) + " files: not all are sent", send);
        files.resize(mostFiles);
    }
    sendVanished(name + '/', files, send);
    bool isMore = false;
    for (const std::string &file : files)
        isMore = sendLog(file, portion, send) || isMore;
    return isMore;
}

void StreamRun::sendVanished(const std::string &folder, const std::vector<std::string> &present, const Send &send)
{
    for (auto file = m_files.lower_bound(folder); file != m_files.end() && file->first.starts_with(folder);) {
        if (std::binary_search(present.begin(), present.end(), file->first)) {
            ++file;
            continue;
        }
        tell(StreamKind::Vanished, file->first, send);
        file = m_files.erase(file);
    }
}

bool StreamRun::sendLog(const std::string &name, std::uint64_t portion, const Send &send)
{
    const auto state = stateOf(m_folder.get(), name.c_str(), 0);
    if (!state && !m_files.contains(name))
        return false;
    File &file = m_files[name];
    if (!state) {
        tell(StreamKind::Vanished, name, send);
        m_files.erase(name);
        return false;
    }
    if (state->isRegular && state->identity == file.identity && state->size == file.offset)
        return false;
    const auto fd = openBeneath(handlePath(m_folder), name);
    const auto now = fd ? stateOf(fd->get(), "", AT_EMPTY_PATH) : std::nullopt;
    if (!now) {
        sendProblem(name, fd ? "The file could not be examined" : fd.error().what, send);
        return false;
    }
    if (file.identity != 0 && (file.identity != now->identity || now->size < file.offset)) {
        const bool isReplaced = file.identity != now->identity;
        file.identity = now->identity;
        file.offset = 0; // of a file that was cut, what is left may be other bytes too
        tell(isReplaced ? StreamKind::Replaced : StreamKind::Truncated, name, send);
    }
    if (file.identity == 0)
        file = {now->identity, 0, 0, {}};
    const std::uint64_t end = std::min(now->size, file.offset + portion);
    while (file.offset < end) {
        StreamEvent event{StreamKind::Bytes, m_run, name, file.identity, file.offset, {}};
        event.bytes.resize(std::min(chunk, end - file.offset));
        const auto count = readAt(fd->get(), std::as_writable_bytes(std::span(event.bytes)), file.offset, name);
        if (!count)
            sendProblem(name, count.error().what, send);
        if (!count || *count == 0)
            return false;
        event.bytes.resize(*count);
        file.offset += *count;
        send(event);
    }
    return file.offset < now->size;
}

void StreamRun::sendContent(const std::string &name, const Send &send)
{
    const auto state = stateOf(m_folder.get(), name.c_str(), 0);
    File &file = m_files[name];
    if (!state) {
        if (file.identity != 0)
            tell(StreamKind::Vanished, name, send);
        file = {};
        return;
    }
    if (state->identity == file.identity && state->size == file.offset && (file.changed == 0 || file.changed == state->changed)) {
        file.changed = state->changed;
        return;
    }
    const auto fd = openBeneath(handlePath(m_folder), name);
    const auto now = fd ? stateOf(fd->get(), "", AT_EMPTY_PATH) : std::nullopt;
    if (!now || now->size > longestContent)
        return sendProblem(name, !fd ? fd.error().what : "The file has more bytes than can be right", send);
    StreamEvent event{StreamKind::Content, m_run, name, now->identity, 0, std::string(now->size, '\0')};
    const auto count = readAt(fd->get(), std::as_writable_bytes(std::span(event.bytes)), 0, name);
    if (!count)
        return sendProblem(name, count.error().what, send);
    event.bytes.resize(*count);
    file = {now->identity, *count, now->changed, {}};
    send(event);
}

void StreamRun::sendLists(const Send &send)
{
    if (isGone())
        return;
    Json checkpoints = Json::array();
    for (const std::string &name : namesIn(m_folder.get(), "checkpoints")) {
        const auto state = stateOf(m_folder.get(), ("checkpoints/" + name).c_str(), 0);
        if (state && state->isRegular)
            checkpoints.push_back({{"path", name}, {"size", state->size}});
    }
    sendList("checkpoints", std::move(checkpoints), send);
    struct stat work = {};
    if (::fstatat(m_folder.get(), "work", &work, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(work.st_mode))
        return;
    Json artifacts = Json::array();
    if (const auto found = RunFolder(handlePath(m_folder)).artifacts()) {
        for (const Artifact &artifact : *found)
            artifacts.push_back({{"path", artifact.path}, {"size", artifact.size}});
    }
    sendList("artifacts", std::move(artifacts), send);
}

void StreamRun::sendList(const std::string &name, Json items, const Send &send)
{
    std::string text = dumpJson(items);
    if (text.size() > longestList) {
        sendProblem({}, "The list of " + name + " is too long to be sent: " + std::to_string(items.size()) + " files", send);
        return;
    }
    if (std::exchange(m_lists[name], text) != text)
        send({StreamKind::List, m_run, name, 0, 0, std::move(text)});
}

void StreamRun::sendProblem(const std::string &name, const std::string &text, const Send &send)
{
    std::string &told = name.empty() ? m_lists["problem"] : m_files[name].problem;
    if (std::exchange(told, text) != text)
        send({StreamKind::Problem, m_run, name, 0, 0, text});
}

void StreamRun::tell(StreamKind kind, const std::string &name, const Send &send) const
{
    const auto file = m_files.find(name);
    send({kind, m_run, name, file == m_files.end() ? 0 : file->second.identity, 0, {}});
}

} // namespace bottega
