// SPDX-License-Identifier: Apache-2.0
#include "core/base/atomicsave.h"

#include "core/base/file.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

/// Removes the temporary file unless it has been renamed to its final name.
class TemporaryFile
{
public:
    explicit TemporaryFile(const fs::path &target) : m_path(target.string() + ".XXXXXX")
    {
        m_fd = UniqueFd(::mkostemp(m_path.data(), O_CLOEXEC));
    }
    ~TemporaryFile()
    {
        if (m_fd && !m_renamed)
            ::unlink(m_path.c_str());
    }
    TemporaryFile(const TemporaryFile &) = delete;
    TemporaryFile &operator=(const TemporaryFile &) = delete;

    [[nodiscard]] int fd() const { return m_fd.get(); }
    [[nodiscard]] bool renameTo(const fs::path &target)
    {
        m_renamed = ::rename(m_path.c_str(), target.c_str()) == 0;
        return m_renamed;
    }

private:
    std::string m_path;
    UniqueFd m_fd;
    bool m_renamed = false;
};

tl::unexpected<Error> notSaved(Error error)
{
    error.kept = "the file's former content is untouched";
    return fail(std::move(error));
}

} // namespace

Result<void> saveAtomically(const fs::path &path, std::string_view bytes, unsigned mode)
{
    TemporaryFile temporary(path);
    if (temporary.fd() < 0)
        return notSaved(systemError(errno, "The file could not be created", path.string()));
    if (auto written = writeAll(temporary.fd(), bytes, path); !written)
        return notSaved(written.error());
    if (::fchmod(temporary.fd(), mode) != 0 || ::fsync(temporary.fd()) != 0)
        return notSaved(systemError(errno, "The file could not be synced to disk", path.string()));
    if (!temporary.renameTo(path))
        return notSaved(systemError(errno, "The file could not be put in place", path.string()));
    return syncFolder(path.has_parent_path() ? path.parent_path() : fs::path("."));
}

} // namespace bottega
