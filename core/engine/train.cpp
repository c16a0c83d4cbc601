// SPDX-License-Identifier: Apache-2.0
#include "core/engine/train.h"

#include "core/base/clock.h"
#include "core/base/crc32c.h"
#include "core/base/file.h"
#include "core/engine/checkpointwriter.h"
#include "core/engine/comm/communicator.h"
#include "core/engine/guard.h"
#include "core/engine/network.h"
#include "core/engine/resumable.h"
#include "core/engine/sampler.h"
#include "core/engine/trainingdata.h"
#include "core/engine/trainlog.h"
#include "core/engine/validation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <unistd.h>

namespace bottega::engine {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t weightStream = 1;
constexpr std::uint64_t orderStream = 2;
constexpr const char *bestPrefix = "best/"; // in checkpoints: the weights of the best epoch

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

/// The best epoch so far; its weights are kept only where patience may end the training with them.
struct Best
{
    std::int64_t epoch = 0;
    double accuracy = 0;
    double loss = 0;
    NpzArrays weights;
};

TrainSettings settingsFor(const TrainJob &job)
{
    TrainSettings settings = settingsOf(job.params);
    settings.options.communicator = job.communicator;
    return settings;
}

class Training
{
public:
    Training(const TrainJob &job, Backend &backend, TrainObserver &observer)
        : m_job(job)
        , m_settings(settingsFor(job))
        , m_backend(backend)
        , m_observer(observer)
        , m_ranks(job.communicator ? job.communicator->ranks() : 1)
        , m_rank(job.communicator ? job.communicator->rank() : 0)
        , m_started(steadyTime())
        , m_checkpoints(job.runFolder.empty() ? m_settings.outputFolder : job.runFolder / "checkpoints",
                        m_settings.epochs)
    {
    }

    Result<TrainSummary> run()
    {
        for (const auto phase : {&Training::checkRanks, &Training::prepareFolders, &Training::prepareData,
                                 &Training::prepareNetwork, &Training::prepareMetrics, &Training::runSteps,
                                 &Training::finish}) {
            if (auto done = (this->*phase)(); !done)
                return fail(done.error());
        }
        m_summary.seconds = steadyTime() - m_started;
        m_summary.epochs = m_epoch;
        m_summary.steps = m_step;
        m_summary.bestEpoch = m_best.epoch;
        m_summary.bestAccuracy = m_best.accuracy;
        m_summary.imagesPerSecond = m_trainedSeconds > 0 ? m_trainedImages / m_trainedSeconds : 0;
        return std::move(m_summary);
    }

private:
    Result<void> checkRanks()
    {
        m_ownBatch = m_settings.batchSize / m_ranks;
        if (m_ownBatch * m_ranks == m_settings.batchSize)
            return {};
        return fail(ErrorCode::Usage,
                    "batchsize=" + std::to_string(m_settings.batchSize) + " cannot be shared evenly by " +
                        std::to_string(m_ranks) + " ranks",
                    {}, "nothing was trained", "Give a batchsize that is a multiple of " + std::to_string(m_ranks));
    }

    Result<void> prepareFolders()
    {
        if (!isFirst())
            return {};
        if (auto made = makeWritable(m_settings.outputFolder); !made || m_job.runFolder.empty())
            return made;
        if (auto made = makeWritable(m_job.runFolder / "metrics"); !made)
            return made;
        return makeWritable(m_job.runFolder / "checkpoints");
    }

    Result<void> prepareData()
    {
        auto data = prepareTrainingData(m_job.data, *m_job.recipe, m_job.params, m_settings);
        if (!data)
            return fail(data.error());
        m_plan = std::move(data->plan);
        m_fingerprint = fingerprint(data->train);
        m_train = hold(std::move(data->train));
        if (isFirst())
            m_validation = hold(std::move(data->validation));
        if (isFirst() && data->test)
            m_test = hold(std::move(*data->test));
        m_length = {(m_train.count * m_settings.epochs + m_settings.batchSize - 1) / m_settings.batchSize,
                    static_cast<double>(m_train.count) / static_cast<double>(m_settings.batchSize)};
        return {};
    }

    Samples hold(Dataset data)
    {
        return m_backend.hold(std::move(data.pixels), std::move(data.labels), m_plan.picture);
    }

    Result<void> prepareNetwork()
    {
        m_network.emplace(m_backend, m_plan, m_settings.options);
        m_pass = m_network->makeTraining(m_train, m_ownBatch);
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
        auto fits = checkResumable(*checkpoint, *m_job.recipe, m_job.params, m_fingerprint);
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
        resumeBest(*checkpoint);
        m_sampler.emplace(m_settings.batchSize, std::move(checkpoint->sampler));
        return {};
    }

    void resumeBest(const Checkpoint &checkpoint)
    {
        m_best = {checkpoint.bestEpoch, checkpoint.bestAccuracy, checkpoint.bestLoss, {}};
        const std::string prefix = bestPrefix;
        for (const auto &[key, array] : checkpoint.arrays) {
            if (m_settings.patience > 0 && key.starts_with(prefix))
                m_best.weights[key.substr(prefix.size())] = array;
        }
        if (m_settings.patience > 0 && m_best.weights.empty()) // it had no patience before: the best is yet to come
            m_best = {};
    }

    Result<void> prepareMetrics()
    {
        if (!isFirst())
            return {};
        if (auto opened = m_log.open(m_job); !opened)
            return opened;
        m_log.addStart(m_step, m_settings.batchSize, m_settings.epochs);
        return {};
    }

    Result<void> runSteps()
    {
        m_observer.started(m_step, report());
        m_epochStarted = steadyTime();
        while (m_step < m_length.steps && !m_summary.isCanceled && !m_summary.isStoppedEarly) {
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
        const std::int64_t firstPlace = m_rank * m_ownBatch;
        std::vector<std::int32_t> indices;
        std::vector<StepInputs> steps;
        indices.reserve(static_cast<std::size_t>(count * m_ownBatch)); // spans point into it
        for (std::int64_t i = 0; i < count; ++i) {
            const auto batch = m_sampler->next().subspan(static_cast<std::size_t>(firstPlace), static_cast<std::size_t>(m_ownBatch));
            indices.insert(indices.end(), batch.begin(), batch.end());
            const std::int64_t number = m_step + i + 1;
            steps.push_back({{indices.end() - m_ownBatch, indices.end()},
                             number,
                             m_settings.schedule.rateAt(number, m_length),
                             firstPlace});
        }
        std::int64_t done = 0;
        Result<void> result;
        m_pass.plan->run(steps, [&](std::size_t index, double ownLoss) {
            ++done;
            const auto [loss, isAnyCanceled] = agreed(ownLoss, m_ranks > 1 && m_observer.isCanceled());
            if (result && std::isfinite(m_loss)) // what a device does beyond a broken step tells nothing
                result = endStep(loss, steps[index].learningRate);
            m_summary.isCanceled |= isAnyCanceled || (m_ranks == 1 && m_observer.isCanceled());
            return result && std::isfinite(m_loss) && !m_summary.isCanceled;
        });
        m_isCutShort = done < count;
        if (m_isCutShort)
            m_sampler->giveBack(count - done);
        return result ? checkFinite(m_loss, "training loss") : result;
    }

    /// The loss over all ranks, and whether any of them is to stop: all of them stop at the same step.
    [[nodiscard]] std::pair<double, bool> agreed(double loss, bool stops)
    {
        if (m_ranks == 1)
            return {loss, stops};
        std::array<float, 2> shared = {static_cast<float>(loss), stops ? 1.0f : 0.0f};
        m_job.communicator->allReduceMean(shared);
        return {shared[0], shared[1] > 0};
    }

    Result<void> endStep(double loss, float learningRate)
    {
        ++m_step;
        m_epochImages += m_settings.batchSize;
        m_loss = loss;
        m_log.addStep(m_step, m_loss, learningRate);
        tellNews();
        m_observer.stepFinished(report());
        return {};
    }

    [[nodiscard]] StepReport report() const
    {
        const std::int64_t running = std::min(m_epoch + 1, m_settings.epochs);
        return {m_step, m_length.steps, running, m_settings.epochs, m_loss};
    }

    Result<void> checkFinite(double value, const std::string &name)
    {
        if (std::isfinite(value))
            return {};
        const std::string layer = m_network->firstBrokenLayer(m_pass);
        if (auto finished = m_checkpoints.finish(); !finished)
            return finished;
        const fs::path last = m_checkpoints.last().empty() ? m_job.resumeFrom : m_checkpoints.last();
        return fail(ErrorCode::Failed,
                    "The " + name + " is " + (std::isnan(value) ? "NaN" : "infinite") + " at step " + std::to_string(m_step) +
                        " of " + std::to_string(m_length.steps) + " (epoch " + std::to_string(report().epoch) + ")" +
                        (layer.empty() ? "" : ", first in the layer " + layer),
                    {},
                    !last.empty()              ? "the last checkpoint is " + last.string()
                    : m_job.runFolder.empty() ? "checkpoints are written in a run folder only"
                                              : "no checkpoint was written yet",
                    "Try a smaller lr; this training ran with lr=" + paramOf(m_job.params, "lr"));
    }

    Result<void> endEpoch()
    {
        const double seconds = steadyTime() - m_epochStarted;
        ++m_epoch;
        m_trainedSeconds += seconds;
        m_trainedImages += static_cast<double>(m_epochImages);
        m_network->shareRunningValues();
        expectSameWeights();
        if (isFirst()) {
            if (auto validated = validate(seconds); !validated)
                return validated;
        }
        if (m_ranks > 1) {
            m_summary.isCanceled = agreed(0, m_summary.isCanceled).second;
            m_summary.isStoppedEarly = agreed(0, m_summary.isStoppedEarly).second;
        }
        m_epochImages = 0;
        m_epochStarted = steadyTime();
        return {};
    }

    Result<void> validate(double seconds)
    {
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
        m_log.addEpoch(done);
        if (auto finite = checkFinite(evaluation->loss, "validation loss"); !finite)
            return finite;
        compareWithBest(*evaluation);
        if (!m_job.runFolder.empty()) {
            if (auto saved = saveEpoch(); !saved)
                return saved;
        }
        m_observer.epochFinished(done);
        return {};
    }

    /// Fails for the checkpoint before, whose writing went on beside the training.
    Result<void> saveEpoch()
    {
        auto saved = m_checkpoints.saveEpoch(checkpoint());
        return saved || !warnOf(saved.error()) ? saved : m_checkpoints.saveEpoch(checkpoint());
    }

    /// True where the disk refused it: room may come back, and what was computed is worth more than a checkpoint.
    bool warnOf(const Error &error)
    {
        if (error.code != ErrorCode::DiskFull && error.code != ErrorCode::Io && error.code != ErrorCode::Permission)
            return false;
        m_observer.warned("The training goes on without a checkpoint: " + describe(error));
        return true;
    }

    void tellNews()
    {
        if (const auto news = m_log.takeNews())
            m_observer.warned(*news);
    }

    void compareWithBest(const Evaluation &evaluation)
    {
        if (m_best.epoch == 0 || evaluation.accuracy > m_best.accuracy) {
            m_best = {m_epoch, evaluation.accuracy, evaluation.loss, {}};
            if (m_settings.patience > 0)
                m_network->saveWeights(m_best.weights, true);
        }
        m_summary.isStoppedEarly = m_settings.patience > 0 && m_step < m_length.steps &&
                                   m_epoch - m_best.epoch >= m_settings.patience;
    }

    /// Ranks that have drifted apart would train on for hours and save what one of them has.
    void expectSameWeights() const
    {
        if (m_ranks == 1)
            return;
        NpzArrays weights;
        m_network->saveWeights(weights);
        std::uint32_t sum = 0;
        for (const auto &[key, array] : weights)
            sum = crc32c(array.bytes, sum);
        std::vector<float> sums(static_cast<std::size_t>(2 * m_ranks)); // halves, which floats hold exactly
        const auto own = static_cast<std::size_t>(2 * m_rank);
        sums[own] = static_cast<float>(sum >> 16) * static_cast<float>(m_ranks);
        sums[own + 1] = static_cast<float>(sum & 0xffff) * static_cast<float>(m_ranks);
        m_job.communicator->allReduceMean(sums);
        for (std::size_t i = 2; i < sums.size(); ++i) {
            if (sums[i] != sums[i % 2])
                throw std::runtime_error("Rank " + std::to_string(i / 2) + " has other weights than rank 0 after epoch " +
                                         std::to_string(m_epoch));
        }
    }

    [[nodiscard]] Checkpoint checkpoint() const
    {
        Checkpoint state;
        state.recipe = m_job.recipe->name;
        state.params = m_job.params;
        state.data = m_fingerprint;
        state.step = m_step;
        state.epoch = m_epoch;
        state.bestEpoch = m_best.epoch;
        state.bestAccuracy = m_best.accuracy;
        state.bestLoss = m_best.loss;
        state.sampler = m_sampler->state();
        m_network->saveWeights(state.arrays);
        m_network->saveState(state.arrays);
        for (const auto &[key, array] : m_best.weights)
            state.arrays[bestPrefix + key] = array;
        return state;
    }

    Result<void> finish()
    {
        if (m_step >= m_length.steps || m_summary.isStoppedEarly)
            m_summary.isCanceled = false; // too late: everything was done
        if (m_summary.isCanceled)
            m_network->shareRunningValues();
        if (!isFirst())
            return {};
        auto saved = m_summary.isCanceled ? m_checkpoints.saveStep(checkpoint()) : saveModel();
        if (saved)
            saved = m_checkpoints.finish();
        if (!saved && (m_summary.isCanceled || !warnOf(saved.error())))
            return saved;
        if (!m_checkpoints.last().empty())
            m_summary.files.push_back(m_checkpoints.last());
        m_log.finish();
        tellNews();
        return {};
    }

    Result<void> saveModel()
    {
        if (!m_best.weights.empty()) {
            if (auto loaded = m_network->loadWeights(m_best.weights); !loaded)
                return loaded;
            m_summary.accuracy = m_best.accuracy;
            m_summary.loss = m_best.loss;
        }
        if (auto tested = test(); !tested)
            return tested;
        NpzArrays weights;
        m_network->saveWeights(weights, true);
        const fs::path model = m_settings.outputFolder / "model.npz";
        if (auto written = writeNpz(model, weights); !written)
            return written;
        m_summary.files.push_back(model);
        return {};
    }

    Result<void> test()
    {
        if (m_test.count == 0)
            return {};
        const auto evaluation = evaluateSamples(*m_network, m_test, {}, true);
        if (!evaluation)
            return fail(evaluation.error());
        m_summary.testAccuracy = evaluation->accuracy;
        m_summary.testLoss = evaluation->loss;
        m_log.addTest(m_step, *evaluation);
        return {};
    }

    [[nodiscard]] bool isFirst() const { return m_rank == 0; }

    const TrainJob &m_job;
    const TrainSettings m_settings;
    Backend &m_backend;
    TrainObserver &m_observer;
    const int m_ranks;
    const int m_rank;
    const double m_started;
    std::int64_t m_ownBatch = 0; // this rank's share of each batch
    CheckpointWriter m_checkpoints;
    Samples m_train;
    Samples m_validation;
    Samples m_test; // only where a validation share is held out
    NetworkPlan m_plan;
    TrainingLength m_length;
    std::uint32_t m_fingerprint = 0;
    std::optional<Network> m_network;
    std::optional<Sampler> m_sampler;
    TrainLog m_log;
    Pass m_pass;
    std::int64_t m_step = 0;
    std::int64_t m_epoch = 0; // finished
    Best m_best;
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
