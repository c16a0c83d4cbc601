// SPDX-License-Identifier: Apache-2.0
#include "core/agent/workcommand.h"

#include <algorithm>
#include <string_view>
#include <unistd.h>

namespace bottega {

namespace {

constexpr std::string_view allowedNames[] = {"PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR", "CUDA_VISIBLE_DEVICES"};

bool isAllowed(std::string_view variable)
{
    const std::string_view name = variable.substr(0, variable.find('='));
    return name.starts_with("LC_") ||
           std::find(std::begin(allowedNames), std::end(allowedNames), name) != std::end(allowedNames);
}

std::string trainerDevice(const Job &job)
{
    if (job.device.starts_with("cuda:"))
        return "cuda:0"; // the only one that the work can see
    return job.device == "auto" && job.gpu == "never" ? "cpu" : job.device;
}

} // namespace

std::vector<std::string> workArguments(const Job &job, const RunFolder &folder, int attempt,
                                       const std::filesystem::path &trainer)
{
    std::vector<std::string> arguments = {trainer.string(), "--recipe", job.recipe};
    const auto add = [&arguments](const char *option, const std::string &value) {
        arguments.insert(arguments.end(), {option, value});
    };
    if (!job.data.path.empty())
        add("--data", job.data.path);
    add("--device", trainerDevice(job));
    if (job.threads > 0)
        add("--threads", std::to_string(job.threads));
    if (job.precision != Job().precision)
        add("--precision", job.precision);
    add("--run-dir", folder.root().string());
    add("--attempt", std::to_string(attempt));
    if (!job.resumeCheckpoint.empty())
        add("--resume-from", job.resumeCheckpoint);
    for (const auto &[name, value] : job.params)
        arguments.push_back("--" + name + "=" + value);
    return arguments;
}

std::vector<std::string> workEnvironment(const RunFolder &folder, const std::vector<std::string> &own)
{
    std::vector<std::string> environment = own; // before the user's: the first of a name counts
    environment.push_back("BOTTEGA_RUN_ID=" + folder.id());
    environment.push_back("BOTTEGA_RUN_DIR=" + folder.root().string());
    environment.push_back("PYTHONUNBUFFERED=1");
    for (char **variable = environ; variable && *variable; ++variable) {
        if (isAllowed(*variable))
            environment.emplace_back(*variable);
    }
    return environment;
}

} // namespace bottega
