// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/annotations.h"

#include "core/base/file.h"
#include "core/base/linereader.h"
#include "core/base/memoryguard.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace bottega {

namespace {

constexpr std::uint64_t maximumBytes = std::uint64_t{1} << 30;

constexpr int annotationFormat = 1;

Result<bool> endsTorn(int fd, std::uint64_t size, const std::filesystem::path &path)
{
    if (size == 0)
        return false;
    char last = 0;
    const auto count = readAt(fd, std::as_writable_bytes(std::span(&last, 1)), size - 1, path);
    if (!count)
        return fail(count.error());
    return *count == 1 && last != '\n';
}

std::string lineOf(const Annotation &annotation)
{
    return dumpJson({{"format", annotationFormat},
                     {"time", annotation.time},
                     {"subject", annotation.subject},
                     {"key", annotation.key},
                     {"value", annotation.value}}) +
           "\n";
}

} // namespace

Result<void> appendAnnotation(const std::filesystem::path &path, const Annotation &annotation)
{
    const UniqueFd fd(::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
    if (!fd)
        return fail(systemError(errno, "The annotations could not be opened", path.string()));
    while (::flock(fd.get(), LOCK_EX) != 0 && errno == EINTR) { }
    const auto size = fileSize(fd.get(), path);
    if (!size)
        return fail(size.error());
    const auto torn = endsTorn(fd.get(), *size, path);
    if (!torn)
        return fail(torn.error());
    if (auto written = writeAll(fd.get(), (*torn ? "\n" : "") + lineOf(annotation), path); !written)
        return written;
    if (::fdatasync(fd.get()) != 0)
        return fail(systemError(errno, "The annotation could not be synced to disk", path.string()));
    return *size == 0 ? syncFolder(path.parent_path()) : Result<void>(); // a new file: its name too
}

Result<std::vector<Annotation>> readAnnotations(const std::filesystem::path &path)
{
    return withinMemory(path, [&]() -> Result<std::vector<Annotation>> {
        std::vector<Annotation> annotations;
        const auto file = readLines(FilePlace(path.parent_path(), path.filename()), maximumBytes, [&](std::string_view text) {
            const auto line = parseJson(text, path.string());
            if (!line || !line->is_object() || integerMember(*line, "format", 1) > annotationFormat)
                return;
            Annotation annotation{numberMember(*line, "time"), stringMember(*line, "subject"),
                                  stringMember(*line, "key"), line->value("value", Json())};
            if (!annotation.subject.empty() && !annotation.key.empty())
                annotations.push_back(std::move(annotation));
        });
        if (!file && file.error().code == ErrorCode::NotFound)
            return std::vector<Annotation>();
        if (!file)
            return fail(file.error());
        return annotations;
    });
}

} // namespace bottega
