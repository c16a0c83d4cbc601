// SPDX-License-Identifier: Apache-2.0
#include "core/run/runfolder.h"

#include "core/base/atomicsave.h"
#include "core/base/file.h"
#include "core/base/folderwalk.h"
#include "core/base/safename.h"
#include "core/base/staging.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t randomDigits = 8;
constexpr const char *folders[] = {"work",        "work/outputs", "work/logs",  "system-logs",
                                   "metrics",     "telemetry",    "checkpoints"};

bool consistsOf(std::string_view text, std::string_view allowed)
{
    return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

/// Fails where the folder exists already; chmod because a strict umask would lock us out of our own folder.
Result<void> makePrivateFolder(const fs::path &path)
{
    if (::mkdir(path.c_str(), 0700) != 0 || ::chmod(path.c_str(), 0700) != 0)
        return fail(systemError(errno, "A folder of the run could not be made", path.string()));
    return {};
}

Result<void> fillFolder(const fs::path &root, const Job &job)
{
    for (const char *name : folders) {
        if (auto made = makePrivateFolder(root / name); !made)
            return made;
    }
    return saveAtomically(RunFolder(root).runJson(), dumpJson(jobToJson(job), 2) + "\n");
}

tl::unexpected<Error> noRun(Error error)
{
    error.kept = "no run was made";
    return fail(std::move(error));
}

/// What goes into run.json must come back from it bit-equal, and into a command line: UTF-8 without NUL.
Result<void> checkTexts(const Job &job)
{
    for (const auto &[name, value] : job.params) {
        if ((name + value).find('\0') != std::string::npos)
            return fail(ErrorCode::Usage, "The parameter “" + printable(name, 60) + "” holds a NUL character", {},
                        "no run was made", "Remove the character");
    }
    const Json json = jobToJson(job);
    const auto again = parseJson(dumpJson(json), "job");
    if (!again || *again != json)
        return fail(ErrorCode::Usage, "The job holds a text that is not UTF-8", {}, "no run was made",
                    "Use UTF-8 in names, parameters and paths");
    return {};
}

bool isFolder(const fs::path &path)
{
    std::error_code ignored;
    return fs::symlink_status(path, ignored).type() == fs::file_type::directory;
}

} // namespace

std::string makeRunId(const std::string &experiment)
{
    std::uint32_t number = 0;
    if (::getrandom(&number, sizeof number, 0) != static_cast<ssize_t>(sizeof number))
        std::abort(); // never for a few bytes of a kernel that has started
    char digits[randomDigits + 1];
    std::snprintf(digits, sizeof digits, "%08x", number);
    return experiment + '_' + std::to_string(::time(nullptr)) + '_' + digits;
}

bool isRunId(const std::string &text)
{
    const std::size_t second = text.rfind('_');
    const std::size_t first = second == std::string::npos || second == 0 ? second : text.rfind('_', second - 1);
    if (first == std::string::npos || first == 0 || second == 0)
        return false;
    const std::string_view view = text;
    const std::string_view digits = view.substr(second + 1);
    return checkName("an experiment", view.substr(0, first), 1, 100).has_value() &&
           consistsOf(view.substr(first + 1, second - first - 1), "0123456789") && digits.size() == randomDigits &&
           consistsOf(digits, "0123456789abcdef");
}

Result<RunFolder> RunFolder::create(const fs::path &runsRoot, const Job &job)
{
    if (!isRunId(job.runId))
        return fail(ErrorCode::Usage, "“" + printable(job.runId) + "” is not a run id", {}, "no run was made");
    if (auto valid = checkTexts(job); !valid)
        return fail(valid.error());
    StagingFolder::sweep(runsRoot);
    auto staged = StagingFolder::create(runsRoot);
    if (!staged)
        return noRun(staged.error());
    if (auto filled = fillFolder(staged->path(), job); !filled)
        return noRun(filled.error());
    const fs::path root = runsRoot / job.runId;
    if (auto published = staged->publish(root); !published)
        return noRun(published.error());
    return RunFolder(root);
}

Result<Job> RunFolder::readJob() const
{
    const auto json = readJsonObject(file("run.json"));
    if (!json)
        return fail(json.error());
    return jobFromJson(*json, runJson().string());
}

Result<std::vector<Artifact>> RunFolder::artifacts() const
{
    if (!isFolder(work()))
        return fail(ErrorCode::NotFound, "The run has no working folder", work().string());
    std::vector<Artifact> artifacts;
    for (const std::string name : {"outputs", "logs"}) {
        const auto add = [&](const Walked &found) {
            if (found.kind == WalkedKind::File)
                artifacts.push_back({name + '/' + found.path, found.size});
        };
        if (!isFolder(work() / name))
            continue;
        if (auto walked = walkBeneath(m_root, "work/" + name, add, Unreadable::PassOver);
            !walked && walked.error().code != ErrorCode::Permission)
            return fail(walked.error());
    }
    std::sort(artifacts.begin(), artifacts.end(),
              [](const Artifact &a, const Artifact &b) { return a.path < b.path; });
    return artifacts;
}

std::uint64_t RunFolder::diskUsage() const
{
    return bottega::diskUsage(m_root);
}

} // namespace bottega
