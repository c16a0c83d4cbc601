// SPDX-License-Identifier: Apache-2.0
#include "app/cli/modelcommands.h"

#include "app/cli/lookup.h"
#include "app/cli/modeleval.h"
#include "app/cli/modelexport.h"
#include "app/cli/output.h"
#include "app/cli/trashcommands.h"
#include "core/base/safename.h"
#include "core/workspace/models.h"

namespace bottega::cli {

namespace {

Result<Models::Registration> registrationFrom(const Invocation &invocation)
{
    Models::Registration registration;
    registration.name = invocation.value("--name");
    registration.artifactPath = invocation.value("--path");
    registration.description = invocation.value("--description");
    for (const std::string &text : invocation.values("--tag")) {
        auto tag = splitPair("--tag", text);
        if (!tag)
            return fail(tag.error());
        if (!registration.tags.insert(std::move(*tag)).second)
            return fail(ErrorCode::Usage, "The tag of --tag " + printable(text, 80) + " is given twice", {},
                        "nothing was registered", "Give each tag once");
    }
    return registration;
}

std::string tagsCell(const Model &model)
{
    std::string text;
    for (const auto &[key, value] : model.tags)
        text += (text.empty() ? "" : " ") + key + "=" + value;
    return text;
}

std::string accuracyCell(const Model &model)
{
    const auto accuracy = model.metrics.find("val/accuracy");
    return accuracy == model.metrics.end() ? "-" : shareText(accuracy->second);
}

class ModelRegister final : public Command
{
public:
    ModelRegister()
        : Command({"model",
                   "register",
                   "Copy a run's artifact into the registry, as the next version of a model.",
                   {{"RUN", runHelp}},
                   {{"--name", "N", "name of the model", true},
                    {"--path", "ARTIFACT", "artifact or folder of artifacts, such as outputs/model.npz", true},
                    {"--description", "D", "what it is, for people"},
                    {"--tag", "K=V", "a tag; may be given several times", false, true}}})
    {}

    Result<int> execute(const Invocation &invocation, Console &console) const override
    {
        const auto registration = registrationFrom(invocation);
        if (!registration)
            return fail(registration.error());
        const auto workspace = openWorkspace(invocation);
        if (!workspace)
            return fail(workspace.error());
        const auto run = findRun(*workspace, invocation.argument(0));
        if (!run)
            return fail(run.error());
        const auto model = Models(*workspace).registerFromRun(*run, *registration);
        if (!model)
            return fail(model.error());
        if (invocation.wantsJson())
            printJson(console.out, modelToJson(*model));
        else
            console.out << "Registered " << model->id() << " from run " << model->run << '\n';
        return Done;
    }
};

class ModelList final : public Command
{
public:
    ModelList()
        : Command({"model", "list", "List the registered models, the newest version of each first.", {},
                   {{"--trash", "", "the deleted versions that can be restored instead"}}})
    {}

    Result<int> execute(const Invocation &invocation, Console &console) const override
    {
        const auto workspace = openWorkspace(invocation);
        if (!workspace)
            return fail(workspace.error());
        if (invocation.has("--trash"))
            return listTrash(*workspace, false, invocation.wantsJson(), console);
        const auto models = Models(*workspace).list();
        if (!models)
            return fail(models.error());
        Json items = Json::array();
        Table table({{"MODEL"}, {"ACCURACY", Align::Right}, {"REGISTERED"}, {"EXPERIMENT"}, {"TAGS"}, {"DESCRIPTION"}});
        for (const Model &model : *models) {
            items.push_back(modelToJson(model));
            table.add({model.id(), accuracyCell(model), timeText(model.createdAt), model.experiment, tagsCell(model),
                       model.description});
        }
        if (invocation.wantsJson())
            printJson(console.out, {{"items", items}});
        else if (models->empty())
            console.err << "No models yet. bottega-cli model register makes one from a run.\n";
        else
            table.print(console.out);
        return Done;
    }
};

class ModelShow final : public Command
{
public:
    ModelShow() : Command({"model", "show", "Show a model: its lineage, files and metrics.", {{"MODEL", modelHelp}}}) {}

    Result<int> execute(const Invocation &invocation, Console &console) const override
    {
        const auto workspace = openWorkspace(invocation);
        if (!workspace)
            return fail(workspace.error());
        const auto model = Models(*workspace).find(invocation.argument(0));
        if (!model)
            return fail(model.error());
        if (invocation.wantsJson())
            printJson(console.out, modelToJson(*model));
        else
            print(*model, console.out);
        return Done;
    }

private:
    static void print(const Model &model, std::ostream &out)
    {
        printFacts(out, {{"Model", model.id()},
                         {"Description", model.description},
                         {"Tags", tagsCell(model)},
                         {"Registered", timeText(model.createdAt)},
                         {"Run", model.run},
                         {"Experiment", model.experiment},
                         {"Recipe", model.recipe},
                         {"Data", model.dataName}});
        Table files({{"FILE"}, {"SIZE", Align::Right}, {"SHA-256"}});
        for (const ModelFile &file : model.files)
            files.add({file.path, countText(static_cast<std::int64_t>(file.size)), file.sha256});
        out << '\n';
        files.print(out);
        if (model.metrics.empty())
            return;
        Table metrics({{"METRIC"}, {"VALUE", Align::Right}});
        for (const auto &[name, value] : model.metrics)
            metrics.add({name, numberText(value, 6)});
        out << '\n';
        metrics.print(out);
    }
};

class ModelDownload final : public Command
{
public:
    ModelDownload()
        : Command({"model",
                   "download",
                   "Copy a model's files into a folder: all of them or none.",
                   {{"MODEL", modelHelp}},
                   {{"--to", "DIR", "folder to copy into; made where missing", true},
                    {"--overwrite", "", "replace files that are there already"}}})
    {}

    Result<int> execute(const Invocation &invocation, Console &console) const override
    {
        const auto found = findModel(invocation);
        if (!found)
            return fail(found.error());
        const auto &[workspace, models, model] = *found;
        const auto written = models.download(model, invocation.value("--to"), invocation.has("--overwrite"));
        if (!written)
            return fail(written.error());
        printWritten(*written, invocation.wantsJson(), console.out);
        return Done;
    }
};

class ModelDelete final : public Command
{
public:
    ModelDelete()
        : Command({"model",
                   "delete",
                   "Move one version of a model to the trash; its number is never given again.",
                   {{"MODEL", "NAME:VERSION; the version must be named"}},
                   {{"--permanently", "", "remove it with its files at once, past the trash"}}})
    {}

    Result<int> execute(const Invocation &invocation, Console &console) const override
    {
        const auto found = findModel(invocation);
        if (!found)
            return fail(found.error());
        const auto &[workspace, models, model] = *found;
        if (invocation.argument(0).find(':') == std::string::npos)
            return fail(ErrorCode::Usage, "A version is needed to delete a model", model.name, "nothing was deleted",
                        "The newest one is " + model.id());
        if (!invocation.has("--permanently")) {
            const auto item = models.moveToTrash(model);
            if (!item)
                return fail(item.error());
            printTrashed(*item, invocation.wantsJson(), console.out);
            return Done;
        }
        const auto freed = models.remove(model);
        if (!freed)
            return fail(freed.error());
        if (invocation.wantsJson())
            printJson(console.out, {{"id", model.id()}, {"deleted", true}, {"freedBytes", *freed}});
        else
            console.out << "Deleted " << model.id() << "; " << bytesText(*freed) << " are free again.\n";
        return Done;
    }
};

} // namespace

CommandList modelCommands()
{
    CommandList commands;
    commands.push_back(std::make_unique<ModelRegister>());
    commands.push_back(std::make_unique<ModelList>());
    commands.push_back(std::make_unique<ModelShow>());
    commands.push_back(std::make_unique<ModelDownload>());
    commands.push_back(std::make_unique<ModelDelete>());
    commands.push_back(std::make_unique<ModelEval>());
    commands.push_back(std::make_unique<ModelExport>());
    return commands;
}

} // namespace bottega::cli
