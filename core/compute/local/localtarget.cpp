// SPDX-License-Identifier: Apache-2.0
#include "core/compute/local/localtarget.h"

#include "core/base/safename.h"
#include "core/compute/launch.h"
#include "core/run/process.h"

#include <cstdlib>
#include <fstream>
#include <sched.h>
#include <unistd.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

/// Processors that this process may use: less than the machine has inside containers and batch jobs.
int usableCpus()
{
    cpu_set_t set;
    CPU_ZERO(&set);
    return ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set)
                                                         : static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
}

std::string valueAfter(const fs::path &path, std::string_view key)
{
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with(key))
            continue;
        const std::size_t start = line.find_first_not_of(" \t", line.find(':') + 1);
        return start == std::string::npos ? std::string() : printable(line.substr(start));
    }
    return {};
}

/// What NVIDIA's kernel driver says by itself; no program is started and no library loaded.
Json gpus()
{
    Json list = Json::array();
    std::error_code failure;
    fs::directory_iterator entry("/proc/driver/nvidia/gpus", failure);
    for (; !failure && entry != fs::directory_iterator(); entry.increment(failure))
        list.push_back({{"name", valueAfter(entry->path() / "information", "Model")},
                        {"uuid", valueAfter(entry->path() / "information", "GPU UUID")}});
    return list;
}

Result<void> startAgent(const std::string &verb, const RunFolder &run)
{
    const auto agent = findTool("bottega-agent");
    if (!agent)
        return fail(agent.error());
    const auto trainer = findTool("bottega-trainer");
    if (!trainer)
        return fail(trainer.error());
    std::error_code failure;
    const fs::path folder = fs::absolute(run.root(), failure);
    return launchDetached({agent->string(), verb, folder.string(), "--trainer", trainer->string()},
                          run.systemLogs() / "agent.log");
}

bool isProgram(const fs::path &path)
{
    std::error_code ignored;
    return fs::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

} // namespace

Json LocalTarget::describe() const
{
    const auto pages = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES));
    return {{"name", name()},
            {"kind", "local"},
            {"host", hostName()},
            {"cpu", valueAfter("/proc/cpuinfo", "model name")},
            {"cpus", usableCpus()},
            {"memoryBytes", pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE))},
            {"gpus", gpus()}};
}

Result<void> LocalTarget::launch(const RunFolder &run) const
{
    return startAgent("run", run);
}

Result<void> LocalTarget::cancel(const RunFolder &run) const
{
    return startAgent("cancel", run);
}

Result<fs::path> findTool(const std::string &name)
{
    std::error_code failure;
    const fs::path self = fs::read_symlink("/proc/self/exe", failure).parent_path();
    std::vector<fs::path> folders = {self, (self / "../libexec/bottega").lexically_normal()};
    if (const char *named = std::getenv("BOTTEGA_LIBEXEC"); named && named[0] == '/')
        folders.insert(folders.begin(), named);
    std::string places;
    for (const fs::path &folder : folders) {
        if (isProgram(folder / name))
            return folder / name;
        places += (places.empty() ? "" : ", ") + folder.string();
    }
    return fail(ErrorCode::NotFound, "The program " + name + " is missing from this installation", places, {},
                "Install Bottega again, or name the folder in BOTTEGA_LIBEXEC");
}

} // namespace bottega
