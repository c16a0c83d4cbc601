// SPDX-License-Identifier: Apache-2.0
#include "core/base/safename.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace bottega {

namespace {

bool isAsciiAlnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool isNameCharacter(char c)
{
    return isAsciiAlnum(c) || c == '-' || c == '_' || c == '.';
}

/// The way for kernels without openat2: each component opened without following links.
int openByComponents(int root, std::string_view relative, int flags)
{
    UniqueFd folder(::dup(root));
    while (folder) {
        const std::size_t slash = relative.find('/');
        const std::string component(relative.substr(0, slash));
        if (slash == std::string_view::npos)
            return ::openat(folder.get(), component.c_str(), flags | O_NOFOLLOW);
        folder.reset(::openat(folder.get(), component.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
        relative.remove_prefix(slash + 1);
    }
    return -1;
}

struct Escape
{
    std::size_t length = 0; // in bytes of what it stands for; 0: none is needed
    std::string shown;
};

/// For the control characters of ASCII and of Latin-1 (which terminals obey in UTF-8 too), and for the marks that turn
/// the direction of the text after them.
Escape escapeOf(std::string_view text)
{
    const auto byte = [text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    const auto escaped = [](std::size_t length, const char *format, unsigned character) -> Escape {
        char shown[12];
        std::snprintf(shown, sizeof shown, format, character);
        return {length, shown};
    };
    if (byte(0) == '\n')
        return {1, "\\n"};
    if (byte(0) < 0x20 || byte(0) == 0x7f)
        return escaped(1, "\\x%02x", byte(0));
    if (byte(0) == 0xC2 && byte(1) >= 0x80 && byte(1) < 0xA0)
        return escaped(2, "\\x%02x", byte(1));
    const unsigned tail = byte(1) << 8 | byte(2);
    if (byte(0) == 0xE2 && ((tail >= 0x80AA && tail <= 0x80AE) || (tail >= 0x81A6 && tail <= 0x81A9)))
        return escaped(3, "\\u%04x", 0x2000 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F));
    return {};
}

int openContained(int root, const std::string &relative, int flags)
{
    open_how how = {};
    how.flags = static_cast<std::uint64_t>(flags);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    const long fd = ::syscall(SYS_openat2, root, relative.c_str(), &how, sizeof how);
    if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
        return static_cast<int>(fd);
    return openByComponents(root, relative, flags);
}

Result<UniqueFd> openAny(const std::filesystem::path &root, std::string_view relative, int flags)
{
    if (auto valid = checkRelativePath(relative); !valid)
        return fail(valid.error());
    const UniqueFd folder(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder)
        return fail(systemError(errno, "The folder could not be opened", root.string()));
    UniqueFd fd(openContained(folder.get(), std::string(relative), flags));
    if (fd)
        return fd;
    const std::string where = (root / relative).string();
    if (errno == ELOOP || errno == EXDEV)
        return fail(ErrorCode::Permission, "The path leads through a link or out of its folder", where,
                    "nothing was opened");
    return fail(systemError(errno, (flags & O_DIRECTORY) != 0 ? "The folder could not be opened" : "The file could not be opened", where));
}

} // namespace

Result<void> checkName(std::string_view kind, std::string_view name, std::size_t minimum, std::size_t maximum)
{
    const auto refused = [&](const std::string &why) -> Result<void> {
        return fail(ErrorCode::Usage, "“" + printable(name, 60) + "” is not a valid name for " + std::string(kind) + ": " + why,
                    {}, "nothing was changed",
                    "Use " + std::to_string(minimum) + " to " + std::to_string(maximum) +
                        " letters, digits, '-', '_' or '.', starting with a letter or digit");
    };
    if (name.size() < minimum || name.size() > maximum)
        return refused("it has " + std::to_string(name.size()) + " characters");
    if (!isAsciiAlnum(name.front()) || name.back() == '.')
        return refused("it must start with a letter or digit and not end with a full stop");
    if (!std::all_of(name.begin(), name.end(), isNameCharacter))
        return refused("it contains other characters");
    return {};
}

Result<void> checkRelativePath(std::string_view path)
{
    const auto refused = [&](const std::string &why) -> Result<void> {
        return fail(ErrorCode::Usage, "“" + printable(path, 100) + "” is not a path inside the folder: " + why, {},
                    "nothing was opened", "Give a relative path such as outputs/model.npz");
    };
    if (path.empty() || path.size() > 1000)
        return refused("it has " + std::to_string(path.size()) + " bytes");
    if (std::any_of(path.begin(), path.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
        return refused("it contains control characters");
    for (std::string_view rest = path;;) {
        const std::size_t slash = rest.find('/');
        const std::string_view component = rest.substr(0, slash);
        if (component.empty() || component == "." || component == "..")
            return refused("empty, '.' and '..' components are not allowed");
        if (slash == std::string_view::npos)
            return {};
        rest.remove_prefix(slash + 1);
    }
}

Result<UniqueFd> openBeneath(const std::filesystem::path &root, std::string_view relative)
{
    auto fd = openAny(root, relative, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat info = {};
    if (fd && (::fstat(fd->get(), &info) != 0 || !S_ISREG(info.st_mode)))
        return fail(ErrorCode::Corrupt, "This is not a regular file", (root / relative).string(), "nothing was read");
    return fd;
}

Result<UniqueFd> openFolderBeneath(const std::filesystem::path &root, std::string_view relative)
{
    return openAny(root, relative, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

std::string printable(std::string_view text, std::size_t limit)
{
    std::string shown;
    for (std::size_t i = 0; i < text.size();) {
        if (shown.size() >= limit && (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80)
            return shown + "…"; // cut only between UTF-8 characters
        const auto [length, escape] = escapeOf(text.substr(i, 3));
        if (length > 0)
            shown += escape;
        else
            shown += text[i];
        i += std::max<std::size_t>(length, 1);
    }
    return shown;
}

} // namespace bottega
