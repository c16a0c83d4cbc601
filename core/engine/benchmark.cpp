// SPDX-License-Identifier: Apache-2.0
#include "core/engine/benchmark.h"

#include "core/engine/dataset.h"
#include "core/engine/settings.h"
#include "core/engine/train.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>

namespace bottega::engine {

namespace fs = std::filesystem;

namespace {

/// Takes what a training writes, and is gone with it.
class TemporaryFolder
{
public:
    TemporaryFolder()
    {
        std::error_code ignored;
        std::string path = (fs::temp_directory_path(ignored) / "bottega-bench.XXXXXX").string();
        if (::mkdtemp(path.data()))
            m_path = path;
    }
    ~TemporaryFolder()
    {
        std::error_code ignored;
        if (!m_path.empty())
            fs::remove_all(m_path, ignored);
    }
    TemporaryFolder(const TemporaryFolder &) = delete;
    TemporaryFolder &operator=(const TemporaryFolder &) = delete;

    [[nodiscard]] const fs::path &path() const { return m_path; }

private:
    fs::path m_path; // empty: it could not be made
};

class SpeedObserver final : public TrainObserver
{
public:
    SpeedObserver(std::vector<double> &speeds, const std::function<bool()> &isCanceled)
        : m_speeds(speeds)
        , m_isCanceled(isCanceled)
    {
    }
    void epochFinished(const EpochReport &report) override { m_speeds.push_back(report.imagesPerSecond); }
    [[nodiscard]] bool isCanceled() override { return m_isCanceled && m_isCanceled(); }

private:
    std::vector<double> &m_speeds;
    const std::function<bool()> &m_isCanceled;
};

Result<double> countFlops(const Recipe &recipe, const Params &params, const fs::path &data)
{
    const auto test = readDataset(data, DataPart::Test);
    if (!test)
        return fail(test.error());
    const auto network = networkOf(recipe, params);
    if (!network)
        return fail(network.error());
    const auto plan = planNetwork(*network, test->pictureShape(), test->classes);
    if (!plan)
        return fail(plan.error());
    return plan->trainingFlops;
}

} // namespace

double BenchmarkResult::median() const
{
    if (imagesPerSecond.empty())
        return 0;
    std::vector<double> sorted = imagesPerSecond;
    std::sort(sorted.begin(), sorted.end());
    return (sorted[(sorted.size() - 1) / 2] + sorted[sorted.size() / 2]) / 2;
}

Result<BenchmarkResult> benchmark(const Recipe &recipe, const fs::path &data, std::int64_t epochs,
                                  Backend &backend, const std::function<bool()> &isCanceled)
{
    const TemporaryFolder folder;
    if (folder.path().empty())
        return fail(systemError(errno, "The folder for temporary files cannot be written to", "TMPDIR"));
    const auto params = completeParams(recipe, {{"epochs", std::to_string(epochs)},
                                                {"batchsize", "128"},
                                                {"output_dir", folder.path().string()},
                                                {"optimizer", "momentum"},
                                                {"lr", "0.01"},
                                                {"momentum", "0.9"},
                                                {"schedule", "constant"}});
    if (!params)
        return fail(params.error());
    const auto flops = countFlops(recipe, *params, data);
    if (!flops)
        return fail(flops.error());
    BenchmarkResult result;
    result.flopsPerImage = *flops;
    SpeedObserver observer(result.imagesPerSecond, isCanceled);
    const auto summary = train({&recipe, *params, data, {}, 1, {}, nullptr}, backend, observer);
    if (!summary)
        return fail(summary.error());
    result.accuracy = summary->accuracy;
    return result;
}

} // namespace bottega::engine
