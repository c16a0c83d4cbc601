// SPDX-License-Identifier: Apache-2.0
#include "core/engine/train.h"

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/engine/checkpoint.h"
#include "core/engine/checkpointkeeper.h"
#include "core/engine/dataset.h"
#include "core/engine/guard.h"
#include "core/engine/network.h"
#include "core/engine/sampler.h"
#include "core/engine/settings.h"
#include "core/engine/validation.h"
#include "core/formats/tfevents/eventwriter.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <unistd.h>

namespace bottega::engine {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t weightStream = 1;
constexpr std::uint64_t orderStream = 2;

/// Makes the folder and a file in it: permissions alone do not tell of read-only and full disks.
Result<void> makeWritable(const fs::path &folder)
{
    if (auto made = makeFolder(folder); !made)
        return made;
    std::string probe = (folder / ".write-test.XXXXXX").string();
    const UniqueFd fd(::mkstemp(probe.data()));
    if (!fd)
        return fail(systemError(errno, "The output folder cannot be written to", folder.string()));
    ::unlink(probe.c_str());
    return {};
}

class Training
{
public:
    Training(const TrainJob &job, Backend &backend, TrainObserver &observer)
        : m_job(job)
        , m_settings(settingsOf(job.params))
        , m_backend(backend)
        , m_observer(observer)
        , m_started(steadyTime())
        , m_keeper(job.runFolder.empty() ? m_settings.outputFolder : job.runFolder / "checkpoints", m_settings.epochs)
    {
    }

    Result<TrainSummary> run()
    {
        for (const auto phase : {&Training::prepareFolders, &Training::prepareData, &Training::prepareNetwork,
                                 &Training::prepareMetrics, &Training::runSteps, &Training::finish}) {
            if (auto done = (this->*phase)(); !done)
                return fail(done.error());
        }
        m_summary.seconds = steadyTime() - m_started;
        m_summary.epochs = m_epoch;
        m_summary.steps = m_step;
        m_summary.imagesPerSecond = m_trainedSeconds > 0 ? m_trainedImages / m_trainedSeconds : 0;
        return std::move(m_summary);
    }

private:
    Result<void> prepareFolders()
    {
        if (auto made = makeWritable(m_settings.outputFolder); !made || m_job.runFolder.empty())
            return made;
        if (auto made = makeWritable(m_job.runFolder / "metrics"); !made)
            return made;
        return makeWritable(m_job.runFolder / "checkpoints");
    }

    Result<void> prepareData()
    {
        auto data = readDatasets(m_job.data);
        if (!data)
            return fail(data.error());
        Dataset &train = data->train;
        Result<Dataset> validation = std::move(data->test);
        if (m_settings.validation > 0)
            validation = holdOut(train, m_settings.validation, m_settings.seed);
        if (!validation)
            return fail(validation.error());
        if (m_settings.batchSize > train.count)
            return fail(ErrorCode::Usage,
                        "batchsize=" + std::to_string(m_settings.batchSize) + " is larger than the training set of " +
                            std::to_string(train.count) + " pictures",
                        m_job.data.string(), "nothing was trained",
                        "Give a batchsize of at most " + std::to_string(train.count));
        auto spec = networkOf(*m_job.recipe, m_job.params);
        if (!spec)
            return fail(spec.error());
        auto plan = planNetwork(*spec, train.pictureShape(), std::max(train.classes, validation->classes));
        if (!plan)
            return fail(plan.error());
        m_plan = std::move(*plan);
        if (auto fits = checkFits(*validation, train.features(), m_plan.classes); !fits)
            return fits;
        m_fingerprint = fingerprint(train);
        m_train = m_backend.hold(std::move(train.pixels), std::move(train.labels), m_plan.picture);
        m_validation = m_backend.hold(std::move(validation->pixels), std::move(validation->labels), m_plan.picture);
        m_length = {(m_train.count * m_settings.epochs + m_settings.batchSize - 1) / m_settings.batchSize,
                    static_cast<double>(m_train.count) / static_cast<double>(m_settings.batchSize)};
        return {};
    }

    Result<void> prepareNetwork()
    {
        m_network.emplace(m_backend, m_plan, m_settings.options);
        m_pass = m_network->makeTraining(m_train, m_settings.batchSize);
        if (!m_job.resumeFrom.empty())
            return resume();
        Random weights(m_settings.seed, weightStream);
        m_network->initialize(weights);
        m_sampler.emplace(m_train.count, m_settings.batchSize, Random(m_settings.seed, orderStream));
        return {};
    }

    Result<void> resume()
    {
        auto checkpoint = readCheckpoint(m_job.resumeFrom);
        if (!checkpoint)
            return fail(checkpoint.error());
        auto fits = checkResumable(*checkpoint, m_job.recipe->name, m_job.params, m_fingerprint);
        if (fits)
            fits = m_network->loadWeights(checkpoint->arrays);
        if (fits)
            fits = m_network->loadState(checkpoint->arrays);
        if (!fits) {
            fits.error().where = m_job.resumeFrom.string();
            return fits;
        }
        m_step = checkpoint->step;
        m_epoch = checkpoint->epoch;
        m_keeper.setBest(checkpoint->bestAccuracy);
        m_sampler.emplace(m_settings.batchSize, std::move(checkpoint->sampler));
        return {};
    }

    Result<void> prepareMetrics()
    {
        if (m_job.runFolder.empty())
            return {};
        auto writer = EventWriter::create(m_job.runFolder / "metrics", m_job.attempt, "trainer");
        if (!writer)
            return fail(writer.error());
        m_writer.emplace(std::move(*writer));
        return m_writer->append(m_step, {{"Batch size", static_cast<double>(m_settings.batchSize)},
                                         {"Epochs", static_cast<double>(m_settings.epochs)}});
    }

    Result<void> runSteps()
    {
        m_observer.started(m_step, report());
        m_epochStarted = steadyTime();
        while (m_step < m_length.steps && !m_summary.isCanceled) {
            if (auto done = runChunk(); !done)
                return done;
            if (m_sampler->isEpochEnd() && !m_isCutShort) {
                if (auto done = endEpoch(); !done)
                    return done;
            }
        }
        return {};
    }

    /// Hands the backend as many steps as it likes, but none beyond the end of the epoch; the one that crosses it goes alone.
    Result<void> runChunk()
    {
        const std::int64_t within = m_sampler->batchesWithinEpoch();
        const std::int64_t most = std::min<std::int64_t>(static_cast<std::int64_t>(m_backend.stepsAtOnce()), m_length.steps - m_step);
        const std::int64_t count = std::clamp<std::int64_t>(within, 1, most);
        std::vector<std::int32_t> indices;
        std::vector<StepInputs> steps;
        indices.reserve(static_cast<std::size_t>(count * m_settings.batchSize)); // spans point into it
        for (std::int64_t i = 0; i < count; ++i) {
            const auto batch = m_sampler->next();
            indices.insert(indices.end(), batch.begin(), batch.end());
            const std::int64_t number = m_step + i + 1;
            steps.push_back({{indices.end() - m_settings.batchSize, indices.end()},
                             number,
                             m_settings.schedule.rateAt(number, m_length)});
        }
        std::int64_t done = 0;
        Result<void> result;
        m_pass.plan->run(steps, [&](std::size_t, double loss) {
            ++done;
            if (result)
                result = endStep(loss);
            m_summary.isCanceled |= m_observer.isCanceled();
            return result && !m_summary.isCanceled;
        });
        m_isCutShort = done < count;
        if (m_isCutShort)
            m_sampler->giveBack(count - done);
        return result;
    }

    Result<void> endStep(double loss)
    {
        ++m_step;
        m_epochImages += m_settings.batchSize;
        m_loss = loss;
        if (m_writer) {
            if (auto written = m_writer->append(m_step, {{"train/loss", m_loss}}); !written)
                return written;
        }
        m_observer.stepFinished(report());
        return checkFinite(m_loss, "training loss");
    }

    [[nodiscard]] StepReport report() const
    {
        const std::int64_t running = std::min(m_epoch + 1, m_settings.epochs);
        return {m_step, m_length.steps, running, m_settings.epochs, m_loss};
    }

    Result<void> checkFinite(double value, const std::string &name) const
    {
        if (std::isfinite(value))
            return {};
        const fs::path last = m_keeper.last();
        return fail(ErrorCode::Failed,
                    "The " + name + " is " + (std::isnan(value) ? "NaN" : "infinite") + " at step " + std::to_string(m_step) +
                        " of " + std::to_string(m_length.steps) + " (epoch " + std::to_string(report().epoch) + ")",
                    {}, last.empty() ? "no checkpoint was written yet" : "the last checkpoint is " + last.string(),
                    "Try a smaller lr; this training ran with lr=" + paramOf(m_job.params, "lr"));
    }

    Result<void> endEpoch()
    {
        const double seconds = steadyTime() - m_epochStarted;
        ++m_epoch;
        m_trainedSeconds += seconds;
        m_trainedImages += static_cast<double>(m_epochImages);
        const auto isCanceled = [this] { return m_step < m_length.steps && m_observer.isCanceled(); };
        const auto evaluation = evaluateSamples(*m_network, m_validation, isCanceled, true);
        if (!evaluation) { // canceled in mid-validation: the step's own checkpoint is what counts
            m_summary.isCanceled = true;
            return {};
        }
        const EpochReport done = {m_epoch, m_step, m_loss, evaluation->loss, evaluation->accuracy,
                                  seconds > 0 ? static_cast<double>(m_epochImages) / seconds : 0};
        m_summary.accuracy = evaluation->accuracy;
        m_summary.loss = evaluation->loss;
        auto recorded = record(done);
        if (recorded)
            recorded = checkFinite(evaluation->loss, "validation loss");
        if (recorded)
            recorded = m_job.runFolder.empty() ? Result<void>() : m_keeper.saveEpoch(checkpoint(), evaluation->accuracy);
        m_observer.epochFinished(done);
        m_epochImages = 0;
        m_epochStarted = steadyTime();
        return recorded;
    }

    Result<void> record(const EpochReport &done)
    {
        if (!m_writer)
            return {};
        return m_writer->append(done.step, {{"epoch", static_cast<double>(done.epoch)},
                                            {"val/loss", done.valLoss},
                                            {"val/accuracy", done.valAccuracy},
                                            {"Accuracy", done.valAccuracy},
                                            {"images/s", done.imagesPerSecond}});
    }

    [[nodiscard]] Checkpoint checkpoint() const
    {
        Checkpoint state;
        state.recipe = m_job.recipe->name;
        state.params = m_job.params;
        state.data = m_fingerprint;
        state.step = m_step;
        state.epoch = m_epoch;
        state.sampler = m_sampler->state();
        m_network->saveWeights(state.arrays);
        m_network->saveState(state.arrays);
        return state;
    }

    Result<void> finish()
    {
        if (m_summary.isCanceled && m_step < m_length.steps) {
            if (auto saved = m_keeper.saveStep(checkpoint()); !saved)
                return saved;
        } else {
            m_summary.isCanceled = false; // too late: everything was done
            NpzArrays weights;
            m_network->saveWeights(weights, true);
            const fs::path model = m_settings.outputFolder / "model.npz";
            if (auto written = writeNpz(model, weights); !written)
                return written;
            m_summary.files.push_back(model);
        }
        if (!m_keeper.last().empty())
            m_summary.files.push_back(m_keeper.last());
        return m_writer ? m_writer->sync() : Result<void>();
    }

    const TrainJob &m_job;
    const TrainSettings m_settings;
    Backend &m_backend;
    TrainObserver &m_observer;
    const double m_started;
    CheckpointKeeper m_keeper;
    Samples m_train;
    Samples m_validation;
    NetworkPlan m_plan;
    TrainingLength m_length;
    std::uint32_t m_fingerprint = 0;
    std::optional<Network> m_network;
    std::optional<Sampler> m_sampler;
    std::optional<EventWriter> m_writer;
    Pass m_pass;
    std::int64_t m_step = 0;
    std::int64_t m_epoch = 0; // finished
    bool m_isCutShort = false; // the last chunk of steps was not run to its end
    double m_loss = 0;
    double m_epochStarted = 0;
    std::int64_t m_epochImages = 0;
    double m_trainedImages = 0;
    double m_trainedSeconds = 0;
    TrainSummary m_summary;
};

} // namespace

Result<TrainSummary> train(const TrainJob &job, Backend &backend, TrainObserver &observer)
{
    return guarded([&] { return Training(job, backend, observer).run(); });
}

} // namespace bottega::engine
