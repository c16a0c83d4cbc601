// SPDX-License-Identifier: Apache-2.0
#include "core/compute/local/localtarget.h"

#include "core/base/safename.h"
#include "core/compute/devices.h"
#include "core/compute/launch.h"
#include "core/compute/logout.h"
#include "core/run/process.h"

#include <cstdlib>
#include <unistd.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

/// Its messages go into the first run's agent.log.
Result<void> startAgent(const std::string &verb, const std::vector<RunFolder> &runs, const std::string &option = {})
{
    const auto agent = findTool("bottega-agent");
    if (!agent)
        return fail(agent.error());
    const auto trainer = findTool("bottega-trainer");
    if (!trainer)
        return fail(trainer.error());
    std::vector<std::string> arguments;
    if (!endOfLogin().empty())
        arguments = scopeCommand();
    arguments.insert(arguments.end(), {agent->string(), verb, "--trainer", trainer->string()});
    if (!option.empty())
        arguments.push_back(option);
    for (const RunFolder &run : runs) {
        std::error_code failure;
        arguments.push_back(fs::absolute(run.root(), failure).string());
    }
    return launchDetached(arguments, runs.front().systemLogs() / "agent.log");
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
    const DeviceList devices = readDevices();
    const Json found = devicesToJson(devices);
    return {{"name", name()},
            {"kind", "local"},
            {"host", hostName()},
            {"cpu", devices.cpu.name},
            {"cpus", devices.cpu.processors},
            {"instructionSet", devices.cpu.instructionSet},
            {"memoryBytes", pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE))},
            {"gpus", found.at("gpus")},
            {"gpuNote", found.at("gpuNote")}};
}

std::string LocalTarget::warning() const
{
    const std::string cause = endOfLogin();
    if (cause.empty())
        return {};
    const std::string when = scopeCommand().empty() ? "When you log out, the run is ended by "
                                                    : "When the last of your sessions ends, the run may be ended by ";
    return when + cause + ". To keep it running: loginctl enable-linger";
}

Result<void> LocalTarget::launch(const RunFolder &run) const
{
    return startAgent("run", {run});
}

Result<void> LocalTarget::resume(const RunFolder &run) const
{
    return startAgent("run", {run}, "--resume");
}

Result<void> LocalTarget::adopt(const std::vector<RunFolder> &runs) const
{
    return runs.empty() ? Result<void>() : startAgent("adopt", runs);
}

Result<void> LocalTarget::cancel(const RunFolder &run) const
{
    return startAgent("cancel", {run});
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
