// SPDX-License-Identifier: Apache-2.0
#include "core/base/folderwalk.h"

#include "core/base/safename.h"
#include "core/base/uniquefd.h"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <string_view>
#include <sys/stat.h>
#include <vector>

namespace bottega {

namespace {

constexpr int deepest = 64;
constexpr int deepestPassedOver = 512;
constexpr std::uint64_t blockBytes = 512; // st_blocks counts these, whatever the file system's own are
constexpr int folderFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

struct CloseFolder
{
    void operator()(DIR *folder) const { ::closedir(folder); }
};

WalkedKind kindOf(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG: return WalkedKind::File;
    case S_IFDIR: return WalkedKind::Folder;
    case S_IFLNK: return WalkedKind::Link;
    default: return WalkedKind::Other;
    }
}

class Walk
{
public:
    Walk(std::filesystem::path root, const std::function<void(const Walked &)> &visit, Unreadable unreadable)
        : m_root(std::move(root)), m_visit(visit), m_unreadable(unreadable)
    {}

    Result<void> enter(UniqueFd fd, const std::string &prefix, int depth)
    {
        if (m_unreadable == Unreadable::PassOver && depth > deepestPassedOver)
            return {};
        if (m_unreadable == Unreadable::Refuse && depth > deepest)
            return fail(ErrorCode::Unsupported, "More than 64 folders lie in each other", (m_root / prefix).string(),
                        "nothing was changed", "Move what is in the innermost folders further up");
        const std::unique_ptr<DIR, CloseFolder> folder(::fdopendir(fd.get()));
        if (!folder)
            return fail(systemError(errno, "The folder could not be listed", (m_root / prefix).string()));
        (void)fd.release(); // the stream's now
        for (const std::string &name : namesIn(*folder)) {
            if (auto seen = see(::dirfd(folder.get()), name, prefix + name, depth); !seen)
                return seen;
        }
        return {};
    }

private:
    static std::vector<std::string> namesIn(DIR &folder)
    {
        std::vector<std::string> names;
        while (const dirent *entry = ::readdir(&folder)) {
            const std::string_view name = entry->d_name;
            if (name != "." && name != "..")
                names.emplace_back(name);
        }
        std::sort(names.begin(), names.end());
        return names;
    }

    Result<void> see(int folder, const std::string &name, const std::string &path, int depth)
    {
        struct stat info = {};
        if (::fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
            return {};
        const WalkedKind kind = kindOf(info.st_mode);
        m_visit({path, kind, static_cast<std::uint64_t>(info.st_size), static_cast<std::uint64_t>(info.st_blocks) * blockBytes});
        if (kind != WalkedKind::Folder)
            return {};
        UniqueFd inner(::openat(folder, name.c_str(), folderFlags | O_NOFOLLOW));
        const bool isGone = errno == ENOENT || errno == ENOTDIR || errno == ELOOP; // or swapped meanwhile
        if (!inner && (isGone || m_unreadable == Unreadable::PassOver))
            return {};
        if (!inner)
            return fail(systemError(errno, "The folder could not be opened", (m_root / path).string()));
        return enter(std::move(inner), path + '/', depth + 1);
    }

    const std::filesystem::path m_root;
    const std::function<void(const Walked &)> &m_visit;
    const Unreadable m_unreadable;
};

} // namespace

Result<void> walkBeneath(const std::filesystem::path &root, const std::function<void(const Walked &)> &visit,
                         Unreadable unreadable)
{
    UniqueFd fd(::open(root.c_str(), folderFlags | O_NOFOLLOW));
    if (!fd)
        return fail(systemError(errno, "The folder could not be opened", root.string()));
    return Walk(root, visit, unreadable).enter(std::move(fd), {}, 0);
}

Result<void> walkBeneath(const std::filesystem::path &root, const std::string &start,
                         const std::function<void(const Walked &)> &visit, Unreadable unreadable)
{
    auto fd = openFolderBeneath(root, start);
    if (!fd)
        return fail(fd.error());
    return Walk(root / start, visit, unreadable).enter(std::move(*fd), {}, 0);
}

std::uint64_t diskUsage(const std::filesystem::path &path)
{
    struct stat info = {};
    if (::lstat(path.c_str(), &info) != 0)
        return 0;
    std::uint64_t bytes = static_cast<std::uint64_t>(info.st_blocks) * blockBytes;
    const auto add = [&bytes](const Walked &found) { bytes += found.diskBytes; };
    if (S_ISDIR(info.st_mode))
        (void)walkBeneath(path, add, Unreadable::PassOver); // what can't be read counts by itself only
    return bytes;
}

} // namespace bottega
