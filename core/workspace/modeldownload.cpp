// SPDX-License-Identifier: Apache-2.0
#include "core/base/file.h"
#include "core/base/safename.h"
#include "core/workspace/modelstore.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

bool isThere(const fs::path &path)
{
    struct stat info = {};
    return ::lstat(path.c_str(), &info) == 0;
}

/// rename(2) that never replaces, also where the file system can't promise it (some network and USB ones).
int renameToNew(const fs::path &from, const fs::path &to)
{
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    if (isThere(to)) {
        errno = EEXIST;
        return -1;
    }
    return ::rename(from.c_str(), to.c_str());
}

/// The files under hidden names beside their final ones: all get their names, or none does.
class Download
{
public:
    explicit Download(bool overwrite) : m_overwrite(overwrite) {}
    Download(const Download &) = delete;
    Download &operator=(const Download &) = delete;
    ~Download()
    {
        for (const Part &part : m_parts)
            ::unlink(part.temporary.c_str());
    }

    [[nodiscard]] Result<void> fetch(const Model &model, const ModelFile &file, const fs::path &files,
                                     const fs::path &target)
    {
        if (auto made = makeUserFolder(target.parent_path()); !made)
            return made;
        const auto source = openBeneath(files, file.path);
        if (!source)
            return fail(source.error());
        const fs::path temporary =
            target.parent_path() / ("." + target.filename().string() + ".part-" + std::to_string(::getpid()));
        ::unlink(temporary.c_str()); // of an earlier process with our number
        const auto copied = copyFile(source->get(), files / file.path, temporary, 0666);
        if (!copied)
            return fail(copied.error());
        m_parts.push_back({temporary, target});
        return checkHash(model, file, *copied);
    }

    [[nodiscard]] Result<std::vector<fs::path>> publish()
    {
        std::vector<fs::path> written;
        for (const Part &part : m_parts) {
            const int result = m_overwrite ? ::rename(part.temporary.c_str(), part.target.c_str())
                                           : renameToNew(part.temporary, part.target);
            if (result == 0) {
                written.push_back(part.target);
                continue;
            }
            Error error = systemError(errno, "The file could not be put in place", part.target.string());
            if (!m_overwrite) {
                for (const fs::path &path : written)
                    ::unlink(path.c_str());
            }
            error.kept = m_overwrite ? std::to_string(written.size()) + " files were written" : "nothing was written";
            return fail(std::move(error));
        }
        return written;
    }

private:
    struct Part
    {
        fs::path temporary;
        fs::path target;
    };

    /// The user's own folder: as the umask says, not our private 0700.
    [[nodiscard]] static Result<void> makeUserFolder(const fs::path &path)
    {
        std::error_code failure;
        fs::create_directories(path, failure);
        if (failure && !fs::is_directory(path))
            return fail(systemError(failure.value(), "The folder could not be made", path.string()));
        return {};
    }

    std::vector<Part> m_parts;
    bool m_overwrite;
};

} // namespace

Result<std::vector<fs::path>> Models::download(const Model &model, const fs::path &folder, bool overwrite) const
{
    std::uint64_t bytes = 0;
    for (const ModelFile &file : model.files) {
        bytes += file.size;
        if (!overwrite && isThere(folder / file.path))
            return fail(ErrorCode::Exists, "There is a file of this name already", (folder / file.path).string(),
                        "nothing was written", "Choose another folder, or ask for it to be overwritten");
    }
    if (auto space = checkFreeSpace(folder, bytes); !space)
        return fail(space.error());
    Download download(overwrite);
    for (const ModelFile &file : model.files) {
        if (auto fetched = download.fetch(model, file, filesFolder(model), folder / file.path); !fetched)
            return fail(fetched.error());
    }
    return download.publish();
}

} // namespace bottega
