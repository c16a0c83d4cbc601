// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/filecopy.h"

#include "core/base/file.h"

#include <QCryptographicHash>

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <functional>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t reservedBytes = std::uint64_t{8} << 20; // for journals and indexes beside the copy

/// Hands the whole file in blocks to `sink`, which may fail.
Result<CopiedFile> streamFile(int fd, const fs::path &path, const std::function<Result<void>(std::string_view)> &sink)
{
    QCryptographicHash hash(QCryptographicHash::Sha256);
    std::vector<char> block(std::size_t{256} << 10);
    CopiedFile copied;
    for (;;) {
        const auto count = readAt(fd, std::as_writable_bytes(std::span(block)), copied.size, path);
        if (!count)
            return fail(count.error());
        if (*count == 0)
            break;
        hash.addData(QByteArrayView(block.data(), static_cast<qsizetype>(*count)));
        if (auto taken = sink({block.data(), *count}); !taken)
            return fail(taken.error());
        copied.size += *count;
    }
    copied.sha256 = hash.result().toHex().toStdString();
    return copied;
}

} // namespace

Result<CopiedFile> hashFile(int fd, const fs::path &path)
{
    return streamFile(fd, path, [](std::string_view) { return Result<void>(); });
}

Result<CopiedFile> copyFile(int source, const fs::path &sourcePath, const fs::path &target, unsigned mode)
{
    const auto fd = createFile(target, mode);
    if (!fd)
        return fail(fd.error());
    // A clone shares the blocks until one of the two is written to: ten versions of a file cost once, and none of them
    // is changed with another, as hard links would be. Not every file system can.
    auto copied = ::ioctl(fd->get(), FICLONE, source) == 0
                      ? hashFile(fd->get(), target)
                      : streamFile(source, sourcePath, [&](std::string_view bytes) { return writeAll(fd->get(), bytes, target); });
    if (copied && ::fsync(fd->get()) != 0)
        copied = fail(systemError(errno, "The copy could not be synced to disk", target.string()));
    if (!copied)
        ::unlink(target.c_str());
    return copied;
}

Result<void> checkFreeSpace(const fs::path &folder, std::uint64_t bytes)
{
    fs::path existing = folder;
    std::error_code failure;
    while (!fs::exists(existing, failure) && existing.has_parent_path() && existing != existing.parent_path())
        existing = existing.parent_path();
    const fs::space_info space = fs::space(existing, failure);
    if (failure || space.available >= bytes + reservedBytes)
        return {}; // where the system can't tell, the write itself will
    return fail(ErrorCode::DiskFull,
                "There is not enough free space: " + sizeText(bytes + reservedBytes) + " are needed, " +
                    sizeText(space.available) + " are free",
                folder.string(), "nothing was written", "Free some space and try again");
}

std::string sizeText(std::uint64_t bytes)
{
    static const char *units[] = {"bytes", "kB", "MB", "GB", "TB", "PB", "EB"};
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 999.95 && unit + 1 < std::size(units); ++unit)
        value /= 1000;
    char text[48];
    std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
    return text;
}

} // namespace bottega
