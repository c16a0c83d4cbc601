// SPDX-License-Identifier: Apache-2.0
#include "app/cli/targetcommands.h"

#include "app/cli/output.h"
#include "core/compute/target.h"

namespace bottega::cli {

namespace {

/// "NVIDIA H100, 79.6 GB, 1.2 GB of it used, 3 % busy, driver 580.95, GPU-8f6d…"
std::string gpuLine(const Json &gpu)
{
    const auto bytes = [&gpu](const char *key) { return bytesText(static_cast<std::uint64_t>(integerMember(gpu, key))); };
    std::string line = stringMember(gpu, "name") + ", " + bytes("memoryBytes") + ", " + bytes("memoryUsedBytes") + " of it used";
    if (gpu.value("busyPercent", Json()).is_number())
        line += ", " + std::to_string(integerMember(gpu, "busyPercent")) + " % busy";
    return line + ", driver " + stringMember(gpu, "driver") + ", " + stringMember(gpu, "uuid");
}

/// The card's own keys, whatever they are, as lines for people; a line for each GPU.
void printCard(std::ostream &out, const Json &card)
{
    std::vector<std::pair<std::string, std::string>> facts;
    for (const auto &[key, value] : card.items()) {
        if (key == "memoryBytes") {
            facts.emplace_back("memory", bytesText(value.get<std::uint64_t>()));
        } else if (key == "gpus") {
            for (const Json &gpu : value)
                facts.emplace_back(stringMember(gpu, "device"), gpuLine(gpu));
        } else {
            facts.emplace_back(key, value.is_string() ? value.get<std::string>() : dumpJson(value));
        }
    }
    printFacts(out, facts);
}

class TargetList final : public Command
{
public:
    TargetList() : Command({"target", "list", "List the compute targets."}) {}

    Result<int> execute(const Invocation &invocation, Console &console) const override
    {
        Json items = Json::array();
        for (const std::string &name : targetNames()) {
            const auto target = findTarget(name);
            if (!target)
                return fail(target.error());
            items.push_back((*target)->describe());
            if (!invocation.wantsJson())
                console.out << printableLines(name) << '\n';
        }
        if (invocation.wantsJson())
            printJson(console.out, {{"items", items}});
        return Done;
    }
};

class TargetShow final : public Command
{
public:
    TargetShow()
        : Command({"target", "show", "Show what a compute target has: processors, memory, GPUs.",
                   {{"TARGET", "name as target list gives it, such as local"}}})
    {}

    Result<int> execute(const Invocation &invocation, Console &console) const override
    {
        const auto target = findTarget(invocation.argument(0));
        if (!target)
            return fail(target.error());
        const Json card = (*target)->describe();
        if (invocation.wantsJson())
            printJson(console.out, card);
        else
            printCard(console.out, card);
        return Done;
    }
};

} // namespace

CommandList targetCommands()
{
    CommandList commands;
    commands.push_back(std::make_unique<TargetList>());
    commands.push_back(std::make_unique<TargetShow>());
    return commands;
}

} // namespace bottega::cli
