// SPDX-License-Identifier: Apache-2.0
#include "core/engine/settings.h"

#include <cstdlib>
#include <stdexcept>

namespace bottega::engine {

namespace {

/// Parameters by name. A missing one is a recipe that lacks it: a mistake of ours.
class Values
{
public:
    explicit Values(const Params &params)
        : m_params(params)
    {
    }

    [[nodiscard]] std::string text(const std::string &name) const
    {
        std::string value = paramOf(m_params, name);
        if (value.empty())
            throw std::invalid_argument("the recipe has no parameter " + name);
        return value;
    }
    [[nodiscard]] std::int64_t whole(const std::string &name) const { return std::stoll(text(name)); }
    [[nodiscard]] double real(const std::string &name) const
    {
        return std::strtod(text(name).c_str(), nullptr);
    }
    // Straight from the text: through double some would round twice.
    [[nodiscard]] float single(const std::string &name) const
    {
        return std::strtof(text(name).c_str(), nullptr);
    }

private:
    const Params &m_params;
};

template <class T> struct Named
{
    const char *name;
    T value;
};

template <class T, std::size_t N> T named(const Named<T> (&known)[N], const std::string &name)
{
    for (const auto &candidate : known) {
        if (name == candidate.name)
            return candidate.value;
    }
    throw std::invalid_argument("nothing is called " + name);
}

constexpr Named<OptimizerKind> optimizers[] = {{"momentum", OptimizerKind::Momentum},
                                               {"sgd", OptimizerKind::Sgd},
                                               {"nesterov", OptimizerKind::Nesterov},
                                               {"adam", OptimizerKind::Adam},
                                               {"adamw", OptimizerKind::AdamW}};
constexpr Named<ScheduleKind> schedules[] = {{"constant", ScheduleKind::Constant},
                                             {"step", ScheduleKind::Step},
                                             {"cosine", ScheduleKind::Cosine},
                                             {"onecycle", ScheduleKind::OneCycle}};

UpdateRule ruleOf(const Values &values)
{
    UpdateRule rule;
    rule.kind = named(optimizers, values.text("optimizer"));
    rule.momentum = values.single("momentum");
    rule.weightDecay = values.single("weight_decay");
    rule.averageDecay = values.single("average");
    return rule;
}

Schedule scheduleOf(const Values &values)
{
    return {named(schedules, values.text("schedule")), values.real("lr"), values.real("warmup"),
            values.whole("step_epochs"), values.real("step_factor")};
}

TrainingOptions optionsOf(const Values &values, std::uint64_t seed)
{
    TrainingOptions options;
    options.rule = ruleOf(values);
    options.labelSmoothing = values.single("label_smoothing");
    options.clipNorm = values.single("clip_norm");
    options.augmentation = {values.single("shift"), values.single("rotate"), values.single("scale"),
                            values.single("elastic")};
    options.seed = seed;
    return options;
}

} // namespace

TrainSettings settingsOf(const Params &params)
{
    const Values values(params);
    TrainSettings settings;
    settings.epochs = values.whole("epochs");
    settings.batchSize = values.whole("batchsize");
    settings.seed = static_cast<std::uint64_t>(values.whole("seed"));
    settings.patience = values.whole("patience");
    settings.validation = values.real("validation");
    settings.schedule = scheduleOf(values);
    settings.options = optionsOf(values, settings.seed);
    settings.outputFolder = values.text("output_dir");
    return settings;
}

Result<NetworkSpec> networkOf(const Recipe &recipe, const Params &params)
{
    if (recipe.name == "mnist-cnn")
        return cnnNetwork();
    if (recipe.name == "mnist-cnn-small")
        return smallCnnNetwork();
    if (recipe.name == "network")
        return parseNetwork(paramOf(params, "network"));
    std::vector<std::int64_t> hidden = integersOf(paramOf(params, "hidden"));
    if (hidden.size() == 1)
        hidden.push_back(hidden.front()); // as the tutorial's script has it
    return mlpNetwork(hidden);
}

} // namespace bottega::engine
