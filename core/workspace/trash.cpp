// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/trash.h"

#include "core/base/atomicsave.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/folderwalk.h"
#include "core/base/safename.h"
#include "core/workspace/filecopy.h"
#include "core/workspace/modelstore.h"
#include "core/base/staging.h"

#include <QRandomGenerator>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <set>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr int recordFormat = 1;
constexpr const char *content = "it";
constexpr const char *record = "deleted.json";
constexpr double freshSeconds = 60; // an entry without content may be one that is just being filled

struct Place
{
    std::string parent; // slash path inside the workspace
    std::string leaf;
};

/// Where something of this name belongs. Computed, never read from the trash: its files may come from elsewhere.
std::optional<Place> placeOf(const std::string &name)
{
    const std::size_t colon = name.find(':');
    if (colon == std::string::npos)
        return isRunId(name) ? std::optional(Place{"runs", name}) : std::nullopt;
    const std::string model = name.substr(0, colon), version = name.substr(colon + 1);
    if (!checkName("a model", model, 1, 64) || versionNumber(version) == 0)
        return std::nullopt;
    return Place{"models/" + model, version};
}

/// "digits:2" as part of a file name: '~' is in no valid name.
std::string entryName(std::string name)
{
    std::replace(name.begin(), name.end(), ':', '~');
    char suffix[12];
    std::snprintf(suffix, sizeof suffix, "~%08x", QRandomGenerator::system()->generate());
    return name + suffix;
}

std::string nameOfEntry(const std::string &entry)
{
    std::string name = entry.substr(0, entry.rfind('~'));
    std::replace(name.begin(), name.end(), '~', ':');
    return name;
}

/// Opens a folder below `root`, component by component, so that no link leads anywhere else.
UniqueFd openInside(const fs::path &root, const std::string &relative, bool make = false)
{
    UniqueFd folder(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (const fs::path &part : fs::path(relative)) {
        if (!folder)
            return folder;
        if (make)
            ::mkdirat(folder.get(), part.c_str(), 0700); // what is there already is opened, or refused, next
        folder.reset(::openat(folder.get(), part.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    }
    return folder;
}

bool isFolderAt(int parent, const char *name)
{
    struct stat info = {};
    return ::fstatat(parent, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode);
}

/// 0, or errno. Never replaces anything.
int moveFolder(int from, const char *name, int to, const char *newName)
{
    if (::renameat2(from, name, to, newName, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return errno;
    struct stat info = {};
    if (::fstatat(to, newName, &info, AT_SYMLINK_NOFOLLOW) == 0)
        return EEXIST;
    return ::renameat(from, name, to, newName) == 0 ? 0 : errno;
}

tl::unexpected<Error> notDeleted(Error error)
{
    error.kept = "nothing was deleted";
    if (error.remedy.empty())
        error.remedy = "Free some space or mend the folder; delete with --permanently needs no room in the trash";
    return fail(std::move(error));
}

tl::unexpected<Error> isGone(const std::string &name, const fs::path &where)
{
    return fail(ErrorCode::NotFound, "“" + printable(name, 120) + "” is not there", where.string(),
                "nothing was changed", "It may have been deleted or restored already");
}

Result<void> syncBoth(int one, int other, const fs::path &where)
{
    if (::fsync(one) != 0 || ::fsync(other) != 0)
        return fail(systemError(errno, "The folder could not be synced to disk", where.string()));
    return {};
}

} // namespace

Json trashItemToJson(const TrashItem &item)
{
    return {{"id", item.name},
            {"kind", item.isRun() ? "run" : "model"},
            {"deleted", isoTime(item.deletedAt)},
            {"deletedAt", item.deletedAt},
            {"bytes", item.bytes}};
}

Result<TrashItem> Trash::put(const std::string &name) const
{
    if (auto writable = m_workspace.checkWritable(); !writable)
        return fail(writable.error());
    const fs::path &root = m_workspace.root();
    const auto place = placeOf(name);
    const UniqueFd parent = place ? openInside(root, place->parent) : UniqueFd();
    if (!parent || !isFolderAt(parent.get(), place->leaf.c_str()))
        return isGone(name, place ? root / place->parent : root);
    sweep();
    TrashItem item{entryName(name), name, wallTime(), diskUsage(root / place->parent / place->leaf)};
    const UniqueFd trash = openInside(root, "trash", true);
    if (!trash)
        return notDeleted(systemError(errno, "The trash could not be opened", m_workspace.trashFolder().string()));
    auto staged = StagingFolder::create(m_workspace.trashFolder());
    if (!staged)
        return notDeleted(staged.error());
    const Json facts = {{"format", recordFormat}, {"name", name}, {"deletedAt", item.deletedAt}, {"bytes", item.bytes},
                        {"from", place->parent + "/" + place->leaf}};
    if (auto saved = saveAtomically(staged->path() / record, dumpJson(facts, 2) + "\n"); !saved)
        return notDeleted(saved.error());
    // The entry has its final name before anything moves into it: nobody sweeps it with what it holds.
    if (auto published = staged->publish(m_workspace.trashFolder() / item.entry); !published)
        return notDeleted(published.error());
    const UniqueFd entry = openInside(root, "trash/" + item.entry);
    const int reason = entry ? moveFolder(parent.get(), place->leaf.c_str(), entry.get(), content) : errno;
    if (reason != 0) {
        (void)removeTree(m_workspace.trashFolder() / item.entry);
        if (reason == ENOENT)
            return isGone(name, root / place->parent);
        Error error = systemError(reason, "It could not be moved to the trash", (root / place->parent / place->leaf).string());
        if (reason == EXDEV)
            error.remedy = "Its folder is on another disk than the trash: delete it with --permanently";
        return notDeleted(std::move(error));
    }
    if (auto synced = syncBoth(entry.get(), parent.get(), root / place->parent); !synced)
        return fail(synced.error());
    return item;
}

std::optional<TrashItem> Trash::read(const std::string &entry) const
{
    TrashItem item{entry, nameOfEntry(entry), 0, 0};
    const fs::path folder = m_workspace.trashFolder() / entry;
    const UniqueFd fd = placeOf(item.name) ? openInside(m_workspace.root(), "trash/" + entry) : UniqueFd();
    if (!fd || !isFolderAt(fd.get(), content))
        return std::nullopt;
    if (const auto facts = readJsonObject(FilePlace(folder, record))) {
        item.deletedAt = numberMember(*facts, "deletedAt");
        item.bytes = static_cast<std::uint64_t>(integerMember(*facts, "bytes"));
        return item;
    }
    struct stat info = {}; // the record is a convenience: without it the folder tells
    if (::fstat(fd.get(), &info) == 0)
        item.deletedAt = static_cast<double>(info.st_mtim.tv_sec);
    item.bytes = diskUsage(folder);
    return item;
}

Result<std::vector<TrashItem>> Trash::list() const
{
    std::vector<TrashItem> items;
    std::error_code failure;
    for (fs::directory_iterator entry(m_workspace.trashFolder(), failure), end; !failure && entry != end;
         entry.increment(failure)) {
        if (auto item = read(entry->path().filename().string()))
            items.push_back(std::move(*item));
    }
    if (failure && failure != std::errc::no_such_file_or_directory)
        return fail(systemError(failure.value(), "The trash could not be listed", m_workspace.trashFolder().string()));
    std::sort(items.begin(), items.end(), [](const TrashItem &a, const TrashItem &b) {
        return a.deletedAt != b.deletedAt ? a.deletedAt > b.deletedAt : a.entry > b.entry;
    });
    return items;
}

Result<TrashItem> Trash::find(const std::string &name) const
{
    const auto items = list();
    if (!items)
        return fail(items.error());
    std::set<std::string> matches;
    std::string known;
    for (const TrashItem &item : *items) {
        if (item.name == name)
            return item;
        if (!name.empty() && item.isRun() && item.name.starts_with(name))
            matches.insert(item.name);
        if (known.size() < 400)
            known += (known.empty() ? "" : ", ") + item.name;
    }
    if (matches.size() == 1)
        return find(*matches.begin());
    const std::string shown = "“" + printable(name, 120) + "”";
    if (matches.size() > 1)
        return fail(ErrorCode::Usage, std::to_string(matches.size()) + " runs in the trash begin with " + shown,
                    m_workspace.trashFolder().string(), "nothing was changed",
                    "Give more of the id: " + *matches.begin() + " or " + *std::next(matches.begin()));
    return fail(ErrorCode::NotFound, "There is no " + shown + " in the trash", m_workspace.trashFolder().string(),
                "nothing was changed", known.empty() ? "The trash is empty" : "It holds: " + known);
}

Result<void> Trash::restore(const TrashItem &item) const
{
    if (auto writable = m_workspace.checkWritable(); !writable)
        return fail(writable.error());
    const fs::path &root = m_workspace.root();
    const auto place = placeOf(item.name);
    const UniqueFd entry = openInside(root, "trash/" + item.entry);
    if (!place || !entry || item.entry.find('/') != std::string::npos || !isFolderAt(entry.get(), content))
        return isGone(item.name, m_workspace.trashFolder());
    const fs::path target = root / place->parent / place->leaf;
    const UniqueFd parent = openInside(root, place->parent, true);
    const int reason = parent ? moveFolder(entry.get(), content, parent.get(), place->leaf.c_str()) : errno;
    if (reason == EEXIST || reason == ENOTEMPTY)
        return fail(ErrorCode::Exists, "There is a “" + item.name + "” again", target.string(),
                    "nothing was overwritten; the deleted one stays in the trash", "Delete or rename that one first");
    if (reason == ENOENT)
        return isGone(item.name, m_workspace.trashFolder());
    if (reason != 0) {
        Error error = systemError(reason, "It could not be restored", target.string());
        error.kept = "it stays in the trash";
        return fail(std::move(error));
    }
    if (auto synced = syncBoth(parent.get(), entry.get(), target); !synced)
        return synced;
    (void)removeTree(m_workspace.trashFolder() / item.entry); // an entry without content is none
    return {};
}

Result<std::uint64_t> Trash::remove(const TrashItem &item) const
{
    if (auto writable = m_workspace.checkWritable(); !writable)
        return fail(writable.error());
    if (!read(item.entry))
        return isGone(item.name, m_workspace.trashFolder());
    const fs::path folder = m_workspace.trashFolder() / item.entry;
    const std::uint64_t bytes = diskUsage(folder);
    if (auto removed = StagingFolder::discard(folder); !removed)
        return fail(removed.error());
    return bytes;
}

Result<Trash::Emptied> Trash::empty(double olderThanSeconds) const
{
    const auto items = list();
    if (!items)
        return fail(items.error());
    Emptied emptied;
    for (const TrashItem &item : *items) {
        if (wallTime() - item.deletedAt < olderThanSeconds)
            continue;
        const auto freed = remove(item);
        if (!freed && freed.error().code == ErrorCode::NotFound)
            continue; // somebody else was quicker, or it was restored
        if (!freed) {
            Error error = freed.error();
            error.kept = std::to_string(emptied.items) + " of " + std::to_string(items->size()) + " items were removed";
            return fail(std::move(error));
        }
        ++emptied.items;
        emptied.bytes += *freed;
    }
    sweep();
    return emptied;
}

/// Removes what a crash left: entries without content, and folders half removed.
void Trash::sweep() const
{
    if (!openInside(m_workspace.root(), "trash"))
        return;
    StagingFolder::sweep(m_workspace.trashFolder());
    std::error_code failure;
    for (fs::directory_iterator entry(m_workspace.trashFolder(), failure), end; !failure && entry != end;
         entry.increment(failure)) {
        const std::string name = entry->path().filename().string();
        const UniqueFd fd = placeOf(nameOfEntry(name)) ? openInside(m_workspace.root(), "trash/" + name) : UniqueFd();
        struct stat info = {};
        if (!fd || ::fstat(fd.get(), &info) != 0 || wallTime() - static_cast<double>(info.st_mtim.tv_sec) < freshSeconds)
            continue;
        if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0 && !isFolderAt(fd.get(), content))
            (void)removeTree(entry->path());
    }
}

} // namespace bottega
