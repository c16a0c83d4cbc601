// SPDX-License-Identifier: Apache-2.0
#include "app/cli/runsubmit.h"

#include "app/cli/lookup.h"
#include "app/cli/output.h"
#include "app/cli/rundryrun.h"
#include "app/cli/runwait.h"
#include "core/base/bytesize.h"
#include "core/base/safename.h"
#include "core/compute/submit.h"
#include "core/compute/target.h"
#include "core/engine/recipehelp.h"
#include "core/workspace/trust.h"

#include <charconv>
#include <utility>

namespace bottega::cli {

namespace {

/// The recipes with their parameters, as the engine declares them.
std::string recipeNotes()
{
    return engine::recipesHelp("") +
           "\nWith --wait the exit code tells how the run ended: 0 Completed, 1 Failed or Canceled.\n"
                   "Ctrl+C only stops the waiting (exit code 130); the run goes on.";
}

Result<double> secondsFrom(const std::string &text)
{
    double seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size() || !(seconds > 0) || seconds > 1e9)
        return fail(ErrorCode::Usage, "--max-duration " + printable(text, 80) + ": a number of seconds above 0 is needed",
                    {}, "nothing was started", "For example --max-duration 3600 for an hour");
    return seconds;
}

/// "2GiB", "500 MB", "1073741824"; 0 where the option is not given.
Result<std::uint64_t> bytesFrom(const Invocation &invocation, const std::string &option)
{
    const std::string text = invocation.value(option);
    if (!invocation.has(option))
        return std::uint64_t{0};
    if (const auto bytes = bytesFromText(text))
        return *bytes;
    return fail(ErrorCode::Usage, option + " " + printable(text, 80) + ": a size of at least 1 MiB is needed", {},
                "nothing was started", "For example " + option + " 2GiB");
}

Result<int> threadsFrom(const std::string &text)
{
    int threads = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), threads);
    if (error != std::errc() || end != text.data() + text.size() || threads < 1)
        return fail(ErrorCode::Usage, "--threads " + printable(text, 80) + ": a whole number from 1 is needed", {},
                    "nothing was started");
    return threads;
}

/// A resumed run takes both over.
Result<void> checkComplete(const Invocation &invocation)
{
    for (const auto &[option, example] : {std::pair("--experiment", "chainer-mnist"), std::pair("--recipe", "mnist-mlp")}) {
        if (!invocation.has(option) && !invocation.has("--resume-from"))
            return fail(ErrorCode::Usage, std::string(option) + " is missing", "bottega-cli run submit",
                        "nothing was started",
                        std::string("For example ") + option + " " + example + ". Try: bottega-cli run submit --help");
    }
    return {};
}

/// Parameters with the preset's values and with network files read: the job is to stand by itself.
Result<void> fillParams(JobRequest &request, const std::string &preset, const Workspace &workspace)
{
    std::string recipeName = request.recipe;
    if (recipeName.empty()) { // a foreign run's settings aren't even considered
        if (auto trusted = requireTrust(workspace, "Training"); !trusted)
            return trusted;
        const auto from = workspace.run(request.resumeFrom);
        if (!from)
            return fail(from.error());
        const auto job = from->readJob();
        if (!job)
            return fail(job.error());
        recipeName = job->recipe;
    }
    const auto recipe = engine::findRecipe(recipeName);
    if (!recipe)
        return fail(recipe.error());
    auto params = engine::withFilesRead(**recipe, request.params);
    if (params && !preset.empty())
        params = engine::withPreset(**recipe, preset, *params);
    if (!params)
        return fail(params.error());
    request.params = std::move(*params);
    return {};
}

Result<JobRequest> requestFrom(const Invocation &invocation, const Workspace &workspace)
{
    if (auto complete = checkComplete(invocation); !complete)
        return fail(complete.error());
    JobRequest request;
    request.experiment = invocation.value("--experiment");
    request.recipe = invocation.value("--recipe");
    request.dataset = invocation.value("--data");
    request.target = invocation.value("--target", request.target);
    request.gpu = invocation.value("--gpu", request.gpu);
    request.device = invocation.value("--device", request.device);
    request.precision = invocation.value("--precision", request.precision);
    if (invocation.has("--threads")) {
        const auto threads = threadsFrom(invocation.value("--threads"));
        if (!threads)
            return fail(threads.error());
        request.threads = *threads;
    }
    for (const std::string &text : invocation.values("--param")) {
        auto param = splitPair("--param", text);
        if (!param)
            return fail(param.error());
        request.params.push_back(std::move(*param));
    }
    if (invocation.has("--max-duration")) {
        const auto seconds = secondsFrom(invocation.value("--max-duration"));
        if (!seconds)
            return fail(seconds.error());
        request.maxDurationSeconds = *seconds;
    }
    const auto memory = bytesFrom(invocation, "--max-memory");
    const auto disk = bytesFrom(invocation, "--max-disk");
    if (!memory || !disk)
        return fail(!memory ? memory.error() : disk.error());
    request.maxMemoryBytes = *memory;
    request.maxDiskBytes = *disk;
    if (invocation.has("--resume-from")) {
        const auto run = findRun(workspace, invocation.value("--resume-from"));
        if (!run)
            return fail(run.error());
        request.resumeFrom = run->id();
    }
    if (auto filled = fillParams(request, invocation.value("--preset"), workspace); !filled)
        return fail(filled.error());
    return request;
}

void announce(const RunRecord &record, const Invocation &invocation, std::ostream &out)
{
    const JobData &data = record.job.data;
    out << "Run " << record.id << '\n'
        << "Data: " << printable(data.name) << ", " << countText(data.trainCount) << " training and "
        << countText(data.testCount) << " test images\n";
    if (data.name == "mnist-small" && record.job.recipe == "mnist-mlp")
        out << "This is a part of MNIST that ships with the program: it reaches about 91 % where all of MNIST reaches 97 %."
               "\nAll of it: "
            << commandLike(invocation, "data get mnist") << '\n';
    out.flush();
}

} // namespace

RunSubmit::RunSubmit()
    : Command({"run",
               "submit",
               "Start a run. It goes on when this program ends.",
               {},
               {{"--experiment", "E", "experiment to put it in; made on first use"},
                {"--recipe", "R", "training job that the built-in trainer knows"},
                {"--param", "NAME=VALUE", "a parameter of the recipe; may be given several times", false, true},
                {"--preset", "P", "values of the recipe that go well together; --param wins over them"},
                {"--data", "NAME", "data set; else mnist where it is ready, else mnist-small"},
                {"--target", "T", "where to run; local unless given"},
                {"--gpu", "auto|never|require", "whether to use a GPU; auto unless given"},
                {"--device", "D", "auto, cpu, cuda, or one GPU as cuda:0 or cuda:UUID; target show local lists them"},
                {"--threads", "N", "threads on the CPU; all that may be used unless given"},
                {"--precision", "fp32|tf32|bf16", "of products on a GPU; fp32 unless given"},
                {"--max-duration", "S", "stop the run after so many seconds"},
                {"--max-memory", "SIZE", "stop the run when its processes use more memory, such as 2GiB"},
                {"--max-disk", "SIZE", "stop the run when its folder takes more of the disk, such as 10GiB"},
                {"--resume-from", "RUN", "go on from the last checkpoint of another run, with its settings where none are given"},
                {"--dry-run", "", "show what would run, its network and what it may cost; start nothing"},
                {"--wait", "", "follow the run to its end"}},
               recipeNotes()})
{}

Result<int> RunSubmit::execute(const Invocation &invocation, Console &console) const
{
    const auto workspace = openWorkspace(invocation);
    if (!workspace)
        return fail(workspace.error());
    const auto request = requestFrom(invocation, *workspace);
    if (!request)
        return fail(request.error());
    if (invocation.has("--dry-run"))
        return reportDryRun(*workspace, *request, invocation, console);
    const bool waits = invocation.has("--wait");
    if (waits)
        (void)console.pause({}); // so that Ctrl+C from now on leaves by the door, with the run's id told
    if (const auto target = findTarget(request->target); target && !(*target)->warning().empty())
        console.err << "warning: " << (*target)->warning() << std::endl;
    const auto folder = submitRun(*workspace, *request);
    if (!folder)
        return fail(folder.error());
    auto follower = RunFollower::open(*folder);
    if (!follower)
        return fail(follower.error());
    if (!invocation.wantsJson())
        announce(follower->record(), invocation, console.out);
    if (waits) {
        const auto end = waitForRun(*follower, invocation, console);
        if (!end)
            return fail(end.error());
        return reportRun(*folder, *end, invocation, console);
    }
    return invocation.wantsJson() ? printRunDocument(*folder, console.out) : Result<int>(Done);
}

} // namespace bottega::cli
