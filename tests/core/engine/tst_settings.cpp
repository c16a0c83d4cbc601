// SPDX-License-Identifier: Apache-2.0
#include "core/engine/schedule.h"
#include "core/engine/settings.h"
#include "tests/support/testcase.h"

#include <cmath>

using namespace bottega;
using namespace bottega::engine;
using namespace Qt::StringLiterals;

namespace {

constexpr TrainingLength length = {1000, 100}; // ten epochs

Schedule schedule(ScheduleKind kind, double warmup = 0)
{
    return {kind, 0.4, warmup, 3, 0.5};
}

TrainSettings settings(const Params &given, const std::string &recipe = "mnist-mlp")
{
    return settingsOf(completeParams(*findRecipe(recipe).value(), given).value());
}

Json network(const std::string &recipe, const Params &given)
{
    const Recipe &found = *findRecipe(recipe).value();
    return networkToJson(networkOf(found, completeParams(found, given).value()).value());
}

} // namespace

class SettingsTest : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void schedules_data();
    void schedules();
    void warmUpRisesFromZero();
    void ratesNeverLeaveTheirRange();
    void stepsOfUnevenEpochs();
    void parametersBecomeSettings();
    void defaultsAreTheTutorials();
    void hiddenUnitsMakeLayers();
    void recipesHaveTheirNetworks();
};

void SettingsTest::schedules_data()
{
    QTest::addColumn<int>("kind");
    QTest::addColumn<int>("step");
    QTest::addColumn<double>("share");
    const auto row = [](const char *name, ScheduleKind kind, int step, double share) {
        QTest::addRow("%s %d", name, step) << int(kind) << step << share;
    };
    for (const int step : {1, 500, 1000})
        row("constant", ScheduleKind::Constant, step, 1);
    row("step", ScheduleKind::Step, 300, 1); // three epochs of 100
    row("step", ScheduleKind::Step, 301, 0.5);
    row("step", ScheduleKind::Step, 600, 0.5);
    row("step", ScheduleKind::Step, 601, 0.25);
    row("cosine", ScheduleKind::Cosine, 1, 1);
    row("cosine", ScheduleKind::Cosine, 251, 0.5 * (1 + std::sqrt(0.5)));
    row("cosine", ScheduleKind::Cosine, 501, 0.5);
    row("cosine", ScheduleKind::Cosine, 1000, 0.5 * (1 + std::cos(3.14159265358979 * 0.999)));
    row("one cycle", ScheduleKind::OneCycle, 1, 1.0 / 25);
    row("one cycle", ScheduleKind::OneCycle, 151, (1 + 1.0 / 25) / 2);
    row("one cycle", ScheduleKind::OneCycle, 301, 1);
    row("one cycle", ScheduleKind::OneCycle, 651, (1 + 1.0 / 250'000) / 2);
}

void SettingsTest::schedules()
{
    QFETCH(int, kind);
    QFETCH(int, step);
    QFETCH(double, share);
    const float rate = schedule(ScheduleKind(kind)).rateAt(step, length);
    QVERIFY2(std::abs(rate - 0.4 * share) < 1e-6, qPrintable(QString::number(rate)));
}

void SettingsTest::warmUpRisesFromZero()
{
    const Schedule warm = schedule(ScheduleKind::Constant, 2); // 200 steps
    QCOMPARE(warm.rateAt(1, length), 0.002f);
    QCOMPARE(warm.rateAt(100, length), 0.2f);
    QCOMPARE(warm.rateAt(200, length), 0.4f);
    QCOMPARE(warm.rateAt(201, length), 0.4f);
    const Schedule cosine = schedule(ScheduleKind::Cosine, 2); // which then has the other 800
    QCOMPARE(cosine.rateAt(201, length), 0.4f);
    QCOMPARE(cosine.rateAt(601, length), 0.2f);
    const Schedule steps = schedule(ScheduleKind::Step, 2);
    QCOMPARE(steps.rateAt(500, length), 0.4f);
    QCOMPARE(steps.rateAt(501, length), 0.2f);
}

void SettingsTest::ratesNeverLeaveTheirRange()
{
    for (const auto kind : {ScheduleKind::Constant, ScheduleKind::Step, ScheduleKind::Cosine, ScheduleKind::OneCycle}) {
        for (const double warmup : {0.0, 0.5, 9.999, 10.0, 500.0}) {
            for (const TrainingLength &tried : {length, TrainingLength{1, 0.3}, TrainingLength{3, 1.5}}) {
                for (std::int64_t step = 1; step <= tried.steps; ++step) {
                    const float rate = schedule(kind, warmup).rateAt(step, tried);
                    QVERIFY2(rate >= 0 && rate <= 0.4f, qPrintable(QString::number(rate)));
                }
            }
        }
    }
}

void SettingsTest::stepsOfUnevenEpochs()
{
    const Schedule steps = {ScheduleKind::Step, 1, 0, 1, 0.1};
    const TrainingLength uneven = {25, 2.5}; // the third step crosses the first epoch's end
    QCOMPARE(steps.rateAt(3, uneven), 1.0f);
    QCOMPARE(steps.rateAt(4, uneven), 0.1f);
    QCOMPARE(steps.rateAt(5, uneven), 0.1f);
    QCOMPARE(steps.rateAt(6, uneven), 0.01f);
}

void SettingsTest::parametersBecomeSettings()
{
    const TrainSettings s = settings({{"epochs", "7"}, {"batchsize", "64"}, {"seed", "4294967295"}, {"lr", "0.003"},
                                      {"momentum", "0.8"}, {"optimizer", "adamw"}, {"schedule", "onecycle"},
                                      {"warmup", "1.5"}, {"step_epochs", "4"}, {"step_factor", "0.3"},
                                      {"weight_decay", "0.01"}, {"label_smoothing", "0.1"}, {"clip_norm", "2"},
                                      {"average", "0.99"}, {"patience", "5"}, {"validation", "0.2"}, {"shift", "2"},
                                      {"rotate", "10"}, {"scale", "0.1"}, {"elastic", "1.5"}, {"output_dir", "here"}});
    QCOMPARE(s.epochs, 7);
    QCOMPARE(s.batchSize, 64);
    QCOMPARE(s.seed, 4'294'967'295u);
    QCOMPARE(s.options.seed, s.seed);
    QCOMPARE(s.patience, 5);
    QCOMPARE(s.validation, 0.2);
    QCOMPARE(s.schedule.kind, ScheduleKind::OneCycle);
    QCOMPARE(s.schedule.learningRate, 0.003);
    QCOMPARE(s.schedule.warmupEpochs, 1.5);
    QCOMPARE(s.schedule.stepEpochs, 4);
    QCOMPARE(s.schedule.stepFactor, 0.3);
    QCOMPARE(s.options.rule.kind, OptimizerKind::AdamW);
    QCOMPARE(s.options.rule.momentum, 0.8f);
    QCOMPARE(s.options.rule.weightDecay, 0.01f);
    QCOMPARE(s.options.rule.averageDecay, 0.99f);
    QCOMPARE(s.options.labelSmoothing, 0.1f);
    QCOMPARE(s.options.clipNorm, 2.0f);
    QCOMPARE(s.options.augmentation.shift, 2.0f);
    QCOMPARE(s.options.augmentation.rotate, 10.0f);
    QCOMPARE(s.options.augmentation.scale, 0.1f);
    QCOMPARE(s.options.augmentation.elastic, 1.5f);
    QCOMPARE(s.outputFolder, std::filesystem::path("here"));
    const std::pair<const char *, OptimizerKind> kinds[] = {{"sgd", OptimizerKind::Sgd},
                                                            {"momentum", OptimizerKind::Momentum},
                                                            {"nesterov", OptimizerKind::Nesterov},
                                                            {"adam", OptimizerKind::Adam}};
    for (const auto &[name, kind] : kinds)
        QCOMPARE(settings({{"optimizer", name}}).options.rule.kind, kind);
}

void SettingsTest::defaultsAreTheTutorials()
{
    const TrainSettings s = settings({});
    QCOMPARE(s.options.rule.kind, OptimizerKind::Momentum);
    QCOMPARE(s.schedule.rateAt(1, length), 0.01f);
    QCOMPARE(s.schedule.rateAt(1000, length), 0.01f);
    QVERIFY(!s.options.augmentation.isActive() && !s.options.keepsGradients());
    QVERIFY(s.options.rule.averageDecay == 0 && s.options.rule.weightDecay == 0 && s.options.labelSmoothing == 0);
}

void SettingsTest::hiddenUnitsMakeLayers()
{
    QVERIFY(network("mnist-mlp", {{"hidden", "100"}}) == networkToJson(mlpNetwork({100, 100})));
    QVERIFY(network("mnist-mlp", {{"hidden", "300,100"}}) == networkToJson(mlpNetwork({300, 100})));
    QVERIFY(network("mnist-mlp", {{"hidden", "7,8,9"}}) == networkToJson(mlpNetwork({7, 8, 9})));
}

void SettingsTest::recipesHaveTheirNetworks()
{
    QVERIFY(network("mnist-cnn", {}) == networkToJson(cnnNetwork()));
    QVERIFY(network("mnist-cnn-small", {}) == networkToJson(smallCnnNetwork()));
    for (const Recipe &recipe : recipes()) {
        const auto spec = networkOf(recipe, completeParams(recipe, {}).value());
        QVERIFY_RESULT(spec);
        QVERIFY_RESULT(planNetwork(*spec, {1, 28, 28}, 10));
        QVERIFY_RESULT(planNetwork(*spec, {3, 32, 32}, 10));
    }
}

BOTTEGA_TEST_MAIN(SettingsTest)
#include "tst_settings.moc"
