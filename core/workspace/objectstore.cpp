// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/objectstore.h"

#include "core/base/atomicsave.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/format.h"
#include "core/base/safename.h"
#include "core/workspace/filecopy.h"
#include "core/workspace/filelock.h"
#include "core/base/staging.h"

#include <QCryptographicHash>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr int manifestFormat = 1;
constexpr std::uint64_t largestManifest = std::uint64_t{256} << 20;
constexpr const char *lockName = ".lock";

struct Entry
{
    enum class Kind { File, Folder, Link };
    Kind kind = Kind::File;
    std::string path; // slash path inside the folder
    unsigned mode = 0600;
    std::uint64_t size = 0;
    std::string text; // SHA-256 of a file, target of a link
};

/// A target that cannot lead out of the folder from where the link stands: leading ".." only, and no more of them than
/// there are folders above. Those later in the path could turn round behind another link.
bool staysInside(const std::string &path, const std::string &target)
{
    auto depth = std::count(path.begin(), path.end(), '/');
    if (target.empty() || target.front() == '/' || target.size() > 1000)
        return false;
    bool isLeading = true;
    for (const fs::path &part : fs::path(target)) {
        if (part == "..") {
            if (!isLeading || --depth < 0)
                return false;
        } else if (part != ".") {
            isLeading = false;
        }
    }
    return true;
}

Json toJson(const std::vector<Entry> &entries)
{
    Json list = Json::array();
    for (const Entry &entry : entries) {
        if (entry.kind == Entry::Kind::File)
            list.push_back({{"path", entry.path}, {"mode", entry.mode}, {"size", entry.size}, {"sha256", entry.text}});
        else if (entry.kind == Entry::Kind::Link)
            list.push_back({{"path", entry.path}, {"link", entry.text}});
        else
            list.push_back({{"path", entry.path}, {"folder", true}});
    }
    return {{"format", manifestFormat}, {"kind", "folder"}, {"entries", std::move(list)}};
}

tl::unexpected<Error> badManifest(const std::string &why, const fs::path &where)
{
    return fail(ErrorCode::Corrupt, "This is not a valid list of a folder's files: " + why, where.string(),
                "nothing was written", "Restore the object from a copy of the workspace");
}

Result<Entry> entryFrom(const Json &json, const fs::path &where)
{
    Entry entry;
    entry.path = json.is_object() ? stringMember(json, "path") : std::string();
    if (!checkRelativePath(entry.path))
        return badManifest("“" + printable(entry.path, 100) + "” is not a path inside the folder", where);
    if (json.contains("link")) {
        entry.kind = Entry::Kind::Link;
        entry.text = stringMember(json, "link");
        if (!staysInside(entry.path, entry.text))
            return badManifest("the link " + printable(entry.path, 100) + " leads out of the folder", where);
    } else if (json.contains("folder")) {
        entry.kind = Entry::Kind::Folder;
    } else {
        entry.mode = (static_cast<unsigned>(integerMember(json, "mode", 0600)) & 0700U) | 0400U;
        entry.size = static_cast<std::uint64_t>(integerMember(json, "size"));
        entry.text = stringMember(json, "sha256");
        if (!isObjectHash(entry.text))
            return badManifest("the file " + printable(entry.path, 100) + " has no SHA-256", where);
    }
    return entry;
}

Result<std::vector<Entry>> entriesFrom(const Json &manifest, const fs::path &where)
{
    const auto list = manifest.find("entries");
    if (list == manifest.end() || !list->is_array())
        return badManifest("it has no entries", where);
    std::vector<Entry> entries;
    std::set<std::string> paths;
    for (const Json &json : *list) {
        auto entry = entryFrom(json, where);
        if (!entry)
            return fail(entry.error());
        if (!paths.insert(entry->path).second)
            return badManifest(printable(entry->path, 100) + " stands there twice", where);
        entries.push_back(std::move(*entry));
    }
    return entries;
}

/// What is in a folder, sorted, with hashes still to come. Links are never followed.
Result<std::vector<Entry>> walk(const fs::path &folder, std::vector<std::string> &skipped)
{
    std::vector<Entry> entries;
    std::error_code failure;
    fs::recursive_directory_iterator item(folder, failure), end;
    for (; !failure && item != end; item.increment(failure)) {
        const std::string path = item->path().lexically_relative(folder).generic_string();
        struct stat info = {};
        const bool isNamed = checkRelativePath(path).has_value() && ::lstat(item->path().c_str(), &info) == 0;
        Entry entry{Entry::Kind::File, path, info.st_mode & 0700U, static_cast<std::uint64_t>(info.st_size), {}};
        std::error_code gone;
        if (isNamed && S_ISLNK(info.st_mode)) {
            entry.kind = Entry::Kind::Link;
            entry.text = fs::read_symlink(item->path(), gone).string();
        } else if (isNamed && S_ISDIR(info.st_mode)) {
            entry.kind = Entry::Kind::Folder;
        } else if (!isNamed || !S_ISREG(info.st_mode)) {
            skipped.push_back(printable(path));
            continue;
        }
        if (entry.kind == Entry::Kind::Link && !staysInside(path, entry.text))
            skipped.push_back(printable(path));
        else
            entries.push_back(std::move(entry));
    }
    if (failure)
        return fail(systemError(failure.value(), "The folder could not be read", folder.string()));
    std::sort(entries.begin(), entries.end(), [](const Entry &a, const Entry &b) { return a.path < b.path; });
    return entries;
}

Result<void> makeLink(const fs::path &path, const std::string &target)
{
    if (::symlink(target.c_str(), path.c_str()) != 0)
        return fail(systemError(errno, "A link could not be made", path.string()));
    return {};
}

} // namespace

bool isObjectHash(const std::string &text)
{
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// Under a shared lock, so that no collector decides between the look and the new date.
Result<void> ObjectStore::place(const fs::path &staged, const std::string &hash, std::uint64_t size) const
{
    const auto lock = FileLock::take(m_folder / lockName, FileLock::Kind::Shared);
    if (!lock)
        return fail(lock.error());
    struct stat info = {};
    const bool isThere = ::lstat(pathOf(hash).c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
                         static_cast<std::uint64_t>(info.st_size) == size;
    if (isThere && ::utimensat(AT_FDCWD, pathOf(hash).c_str(), nullptr, AT_SYMLINK_NOFOLLOW) == 0)
        return {};
    if (::rename(staged.c_str(), pathOf(hash).c_str()) != 0)
        return fail(systemError(errno, "The object could not be put in place", pathOf(hash).string()));
    return {};
}

Result<ObjectStore::Stored> ObjectStore::putFile(const fs::path &file) const
{
    const auto source = openRegularFile(file, false);
    if (!source)
        return fail(source.error());
    const auto size = fileSize(source->get(), file);
    if (!size)
        return fail(size.error());
    if (auto space = checkFreeSpace(m_folder, *size); !space)
        return fail(space.error());
    auto staging = StagingFolder::create(m_folder);
    if (!staging)
        return fail(staging.error());
    const auto copied = copyFile(source->get(), file, staging->path() / "file", 0400);
    if (!copied)
        return fail(copied.error());
    if (auto placed = place(staging->path() / "file", copied->sha256, copied->size); !placed)
        return fail(placed.error());
    if (auto synced = syncFolder(m_folder); !synced)
        return fail(synced.error());
    return Stored{copied->sha256, 1, copied->size, {}};
}

Result<ObjectStore::Stored> ObjectStore::putFolder(const fs::path &folder) const
{
    Stored stored;
    auto entries = walk(folder, stored.skipped);
    if (!entries)
        return fail(entries.error());
    for (const Entry &entry : *entries)
        stored.bytes += entry.kind == Entry::Kind::File ? entry.size : 0;
    if (auto space = checkFreeSpace(m_folder, stored.bytes); !space)
        return fail(space.error());
    StagingFolder::sweep(m_folder);
    auto staging = StagingFolder::create(m_folder);
    if (!staging)
        return fail(staging.error());
    const fs::path staged = staging->path() / "file";
    stored.bytes = 0;
    for (Entry &entry : *entries) {
        if (entry.kind != Entry::Kind::File)
            continue;
        const auto source = openBeneath(folder, entry.path);
        if (!source)
            return fail(source.error());
        const auto copied = copyFile(source->get(), folder / entry.path, staged, 0400);
        if (!copied)
            return fail(copied.error());
        entry.size = copied->size;
        entry.text = copied->sha256;
        if (auto placed = place(staged, copied->sha256, copied->size); !placed)
            return fail(placed.error());
        ::unlink(staged.c_str()); // it stays where the object was there already
        ++stored.files;
        stored.bytes += copied->size;
    }
    const std::string text = dumpJson(toJson(*entries)) + "\n";
    if (auto saved = saveAtomically(staged, text, 0400); !saved)
        return fail(saved.error());
    stored.hash = QCryptographicHash::hash(QByteArray::fromStdString(text), QCryptographicHash::Sha256).toHex().toStdString();
    if (auto placed = place(staged, stored.hash, text.size()); !placed)
        return fail(placed.error());
    if (auto synced = syncFolder(m_folder); !synced)
        return fail(synced.error());
    return stored;
}

Result<Json> ObjectStore::readManifest(const std::string &hash) const
{
    if (!isObjectHash(hash))
        return fail(ErrorCode::Usage, "“" + printable(hash, 80) + "” is not the hash of an object", m_folder.string());
    const auto text = readFile(pathOf(hash), largestManifest);
    if (!text)
        return fail(text.error());
    if (QCryptographicHash::hash(QByteArray::fromStdString(*text), QCryptographicHash::Sha256).toHex().toStdString() != hash)
        return badManifest("its content is not what its name says", pathOf(hash));
    auto manifest = parseJson(*text, pathOf(hash).string());
    if (!manifest)
        return manifest;
    if (!manifest->is_object() || stringMember(*manifest, "kind") != "folder")
        return badManifest("it is something else", pathOf(hash));
    if (auto known = checkFormat(*manifest, manifestFormat, "The object", pathOf(hash)); !known)
        return fail(known.error());
    return manifest;
}

Result<std::vector<std::string>> ObjectStore::contents(const std::string &hash) const
{
    const auto manifest = readManifest(hash);
    if (!manifest)
        return fail(manifest.error());
    const auto entries = entriesFrom(*manifest, pathOf(hash));
    if (!entries)
        return fail(entries.error());
    std::vector<std::string> hashes;
    for (const Entry &entry : *entries) {
        if (entry.kind == Entry::Kind::File)
            hashes.push_back(entry.text);
    }
    return hashes;
}

Result<void> ObjectStore::materialize(const std::string &hash, const fs::path &target) const
{
    const auto manifest = readManifest(hash);
    if (!manifest)
        return fail(manifest.error());
    const auto entries = entriesFrom(*manifest, pathOf(hash));
    if (!entries)
        return fail(entries.error());
    std::uint64_t bytes = 0;
    for (const Entry &entry : *entries)
        bytes += entry.size;
    if (auto space = checkFreeSpace(target.parent_path(), bytes); !space)
        return space;
    auto staging = StagingFolder::create(target.parent_path());
    if (!staging)
        return fail(staging.error());
    for (const Entry &entry : *entries) {
        const fs::path path = staging->path() / entry.path;
        const bool isFolder = entry.kind == Entry::Kind::Folder;
        if (auto made = makeFolder(isFolder ? path : path.parent_path()); !made)
            return made;
        if (entry.kind != Entry::Kind::File)
            continue;
        const auto source = openRegularFile(pathOf(entry.text), false);
        if (!source)
            return fail(source.error());
        const auto copied = copyFile(source->get(), pathOf(entry.text), path, entry.mode);
        if (!copied)
            return fail(copied.error());
        if (copied->sha256 != entry.text)
            return fail(ErrorCode::Corrupt, "The stored file " + printable(entry.path, 100) + " is damaged",
                        pathOf(entry.text).string(), "nothing was written",
                        "bottega-cli workspace verify --data names all damaged files; restore it from a copy");
    }
    for (const Entry &entry : *entries) { // last: until here there is no link that anything could be written through
        if (entry.kind != Entry::Kind::Link)
            continue;
        if (auto made = makeLink(staging->path() / entry.path, entry.text); !made)
            return made;
    }
    return staging->publish(target);
}

Result<std::vector<std::string>> ObjectStore::list() const
{
    std::vector<std::string> hashes;
    std::error_code failure;
    for (fs::directory_iterator item(m_folder, failure), end; !failure && item != end; item.increment(failure)) {
        std::string name = item->path().filename().string();
        if (isObjectHash(name))
            hashes.push_back(std::move(name));
    }
    if (failure && failure != std::errc::no_such_file_or_directory)
        return fail(systemError(failure.value(), "The objects could not be listed", m_folder.string()));
    std::sort(hashes.begin(), hashes.end());
    return hashes;
}

Result<std::uint64_t> ObjectStore::verify(const std::string &hash) const
{
    const auto fd = openRegularFile(pathOf(hash), false);
    if (!fd)
        return fail(fd.error());
    const auto found = hashFile(fd->get(), pathOf(hash));
    if (!found)
        return fail(found.error());
    if (found->sha256 != hash)
        return fail(ErrorCode::Corrupt, "The object " + hash + " is damaged: its content has another SHA-256",
                    pathOf(hash).string(), "other objects are not touched", "Restore the file from a copy of the workspace");
    return found->size;
}

Result<ObjectStore::Collected> ObjectStore::collect(const std::map<std::string, std::string> &references, double grace,
                                                    bool dryRun) const
{
    std::set<std::string> needed;
    for (const auto &[hash, who] : references) {
        needed.insert(hash);
        std::error_code ignored;
        if (!isObjectHash(hash) || !fs::exists(pathOf(hash), ignored))
            continue; // verify tells; it keeps nothing alive
        auto inside = contents(hash);
        if (!inside && inside.error().code == ErrorCode::Corrupt && verify(hash))
            continue; // a sound object, but no manifest: a file
        if (!inside) {
            Error error = inside.error();
            error.what = "What " + who + " refers to can't be read: " + error.what;
            error.kept = "nothing was removed";
            error.remedy = "Restore that object from a copy, or delete what refers to it for good; then collect again";
            return fail(std::move(error));
        }
        needed.insert(inside->begin(), inside->end());
    }
    const auto hashes = list();
    if (!hashes)
        return fail(hashes.error());
    Collected collected;
    if (hashes->empty())
        return collected;
    const auto lock = FileLock::take(m_folder / lockName);
    if (!lock)
        return fail(lock.error());
    for (const std::string &hash : *hashes) {
        struct stat info = {};
        if (needed.contains(hash) || ::lstat(pathOf(hash).c_str(), &info) != 0 ||
            wallTime() - static_cast<double>(info.st_mtim.tv_sec) < grace) {
            ++collected.kept;
            continue;
        }
        if (!dryRun && ::unlink(pathOf(hash).c_str()) != 0)
            return fail(systemError(errno, "An object could not be removed", pathOf(hash).string()));
        ++collected.objects;
        collected.bytes += static_cast<std::uint64_t>(info.st_blocks) * 512;
    }
    if (!dryRun)
        StagingFolder::sweep(m_folder);
    return collected;
}

} // namespace bottega
