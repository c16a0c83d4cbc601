// SPDX-License-Identifier: Apache-2.0
#include "app/cli/modeleval.h"

#include "app/cli/lookup.h"
#include "app/cli/modelweights.h"
#include "app/cli/output.h"
#include "core/engine/evaluate.h"
#include "core/workspace/datasets.h"
#include "core/workspace/models.h"
#include "core/workspace/trust.h"

namespace bottega::cli {

namespace {

Json evaluationJson(const Model &model, const JobData &data, const engine::Evaluation &evaluation)
{
    const auto classes = static_cast<std::size_t>(evaluation.classes);
    Json confusion = Json::array();
    for (std::size_t row = 0; row < classes; ++row) {
        const auto begin = evaluation.confusion.begin() + static_cast<std::ptrdiff_t>(row * classes);
        confusion.push_back(std::vector<std::int64_t>(begin, begin + static_cast<std::ptrdiff_t>(classes)));
    }
    Json perClass = Json::array();
    for (const engine::ClassReport &report : engine::classReports(evaluation))
        perClass.push_back({{"class", perClass.size()},
                            {"precision", report.precision},
                            {"recall", report.recall},
                            {"f1", report.f1},
                            {"support", report.support}});
    return {{"model", model.id()},
            {"data", data.name},
            {"dataSha256", data.sha256},
            {"accuracy", jsonNumber(evaluation.accuracy)},
            {"loss", jsonNumber(evaluation.loss)},
            {"count", evaluation.count},
            {"confusion", confusion},
            {"perClass", perClass}};
}

void print(const Model &model, const JobData &data, const engine::Evaluation &evaluation,
           const std::vector<std::string> &names, std::ostream &out)
{
    printFacts(out, {{"Model", model.id()},
                     {"Data", data.name + ", " + countText(evaluation.count) + " test images"},
                     {"Accuracy", shareText(evaluation.accuracy)},
                     {"Loss", numberText(evaluation.loss)}});
    const auto classes = static_cast<std::size_t>(evaluation.classes);
    Table perClass({{"CLASS"}, {"PRECISION", Align::Right}, {"RECALL", Align::Right}, {"F1", Align::Right},
                    {"IMAGES", Align::Right}});
    std::vector<Column> columns = {{"TRUE \\ READ AS"}};
    for (std::size_t i = 0; i < classes; ++i)
        columns.push_back({std::to_string(i), Align::Right});
    Table confusion(columns);
    const auto reports = engine::classReports(evaluation);
    for (std::size_t i = 0; i < classes; ++i) {
        const std::string number = std::to_string(i);
        const std::string name = i < names.size() && names[i] != number ? number + " " + names[i] : number;
        perClass.add({name, shareText(reports[i].precision), shareText(reports[i].recall), shareText(reports[i].f1),
                      countText(reports[i].support)});
        std::vector<std::string> row = {name};
        for (std::size_t j = 0; j < classes; ++j)
            row.push_back(countText(evaluation.confusion[i * classes + j]));
        confusion.add(row);
    }
    out << '\n';
    perClass.print(out);
    out << '\n';
    confusion.print(out);
}

} // namespace

ModelEval::ModelEval()
    : Command({"model", "eval", "Evaluate a model on the test images of a data set.", {{"MODEL", modelHelp}},
               {{"--data", "SET", "data set; else the one the model was trained on"}}})
{}

Result<int> ModelEval::execute(const Invocation &invocation, Console &console) const
{
    const auto found = findModel(invocation);
    if (!found)
        return fail(found.error());
    const auto &[workspace, models, model] = *found;
    if (auto trusted = requireTrust(workspace, "Evaluating a model"); !trusted)
        return fail(trusted.error());
    const Datasets datasets(workspace);
    const auto data = datasets.resolve(invocation.value("--data", model.dataName));
    if (!data)
        return fail(data.error());
    const auto weights = readModelWeights(models, model);
    if (!weights)
        return fail(weights.error());
    const auto evaluation = engine::evaluate(*weights, data->path);
    if (!evaluation)
        return fail(evaluation.error());
    if (invocation.wantsJson()) {
        printJson(console.out, evaluationJson(model, *data, *evaluation));
        return Done;
    }
    const auto dataset = datasets.find(data->name);
    print(model, *data, *evaluation, dataset ? dataset->classNames : std::vector<std::string>(), console.out);
    return Done;
}

} // namespace bottega::cli
