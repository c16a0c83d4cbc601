// SPDX-License-Identifier: Apache-2.0
#include "app/cli/trashcommands.h"

#include "app/cli/lookup.h"
#include "app/cli/output.h"
#include "core/base/safename.h"

#include <charconv>
#include <cmath>

namespace bottega::cli {

namespace {

constexpr double daySeconds = 86400;

/// "run restore" and "model restore" differ in words only.
class Restore final : public Command
{
public:
    Restore(const char *noun, const char *summary, const char *argument, const char *help, bool ofRuns)
        : Command({noun, "restore", summary, {{argument, help}}})
        , m_ofRuns(ofRuns)
    {}

    Result<int> execute(const Invocation &invocation, Console &console) const override
    {
        const auto workspace = openWorkspace(invocation);
        if (!workspace)
            return fail(workspace.error());
        const Trash trash(*workspace);
        const auto item = find(trash, invocation.argument(0));
        if (!item)
            return fail(item.error());
        if (auto restored = trash.restore(*item); !restored)
            return fail(restored.error());
        if (invocation.wantsJson())
            printJson(console.out, {{"id", item->name}, {"restored", true}, {"bytes", item->bytes}});
        else
            console.out << "Restored " << item->name << ".\n";
        return Done;
    }

private:
    Result<TrashItem> find(const Trash &trash, const std::string &name) const
    {
        auto item = trash.find(name);
        if (item && item->isRun() != m_ofRuns)
            return fail(ErrorCode::NotFound, "There is no " + std::string(m_ofRuns ? "run" : "model") + " “" +
                            printable(name, 120) + "” in the trash", {}, "nothing was changed",
                        "bottega-cli " + std::string(m_ofRuns ? "run" : "model") + " list --trash shows what there is");
        return item;
    }

    bool m_ofRuns;
};

Result<double> daysFrom(const std::string &text)
{
    double days = 0;
    const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), days);
    if (failure != std::errc() || stop != text.data() + text.size() || !std::isfinite(days) || days < 0)
        return fail(ErrorCode::Usage, "--older-than " + printable(text, 60) + ": a number of days is needed", {},
                    "nothing was removed", "For example --older-than 30");
    return days;
}

class EmptyTrash final : public Command
{
public:
    EmptyTrash()
        : Command({"workspace",
                   "empty-trash",
                   "Remove for good what was deleted, and give its space back.",
                   {},
                   {{"--older-than", "DAYS", "only what was deleted at least so many days ago"}}})
    {}

    Result<int> execute(const Invocation &invocation, Console &console) const override
    {
        const auto days = daysFrom(invocation.value("--older-than", "0"));
        if (!days)
            return fail(days.error());
        const auto workspace = openWorkspace(invocation);
        if (!workspace)
            return fail(workspace.error());
        const auto emptied = Trash(*workspace).empty(*days * daySeconds);
        if (!emptied)
            return fail(emptied.error());
        if (invocation.wantsJson())
            printJson(console.out, {{"removed", emptied->items}, {"freedBytes", emptied->bytes}});
        else
            console.out << "Removed " << countOf(static_cast<std::int64_t>(emptied->items), "item", "items")
                        << " for good; " << bytesText(emptied->bytes) << " are free again.\n";
        return Done;
    }
};

} // namespace

CommandList trashCommands()
{
    CommandList commands;
    commands.push_back(std::make_unique<EmptyTrash>());
    commands.push_back(std::make_unique<Restore>("run", "Take a deleted run back out of the trash.", "RUN",
                                                 "id of the run, or a unique beginning of it", true));
    commands.push_back(std::make_unique<Restore>("model", "Take a deleted version back out of the trash.",
                                                 "MODEL", "NAME:VERSION", false));
    return commands;
}

Result<int> listTrash(const Workspace &workspace, bool ofRuns, bool asJson, Console &console)
{
    const auto items = Trash(workspace).list();
    if (!items)
        return fail(items.error());
    Json documents = Json::array();
    std::uint64_t bytes = 0;
    Table table({{ofRuns ? "RUN" : "MODEL"}, {"DELETED"}, {"SIZE", Align::Right}});
    for (const TrashItem &item : *items) {
        if (item.isRun() != ofRuns)
            continue;
        documents.push_back(trashItemToJson(item));
        table.add({item.name, timeText(item.deletedAt), bytesText(item.bytes)});
        bytes += item.bytes;
    }
    if (asJson) {
        printJson(console.out, {{"items", documents}, {"bytes", bytes}});
    } else if (documents.empty()) {
        console.err << "No deleted " << (ofRuns ? "run" : "model") << " is in the trash.\n";
    } else {
        table.print(console.out);
        console.out << "Emptying the trash gives back " << bytesText(bytes)
                    << ": bottega-cli workspace empty-trash. To take one back: bottega-cli "
                    << (ofRuns ? "run" : "model") << " restore.\n";
    }
    return Done;
}

void printTrashed(const TrashItem &item, bool asJson, std::ostream &out)
{
    const std::string noun = item.isRun() ? "run" : "model";
    if (asJson)
        printJson(out, {{"id", item.name}, {"deleted", true}, {"trashed", true}, {"bytes", item.bytes}, {"freedBytes", 0}});
    else
        out << "Moved " << item.name << " to the trash (" << bytesText(item.bytes) << "). bottega-cli " << noun
            << " restore " << item.name << " takes it back; bottega-cli workspace empty-trash frees the space.\n";
}

} // namespace bottega::cli
