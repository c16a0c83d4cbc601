// SPDX-License-Identifier: Apache-2.0
#include "core/engine/selftest.h"

#include "core/engine/backend/reference/referencebackend.h"
#include "core/engine/network.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

namespace bottega::engine {

namespace {

constexpr double closeTo = 2e-5;       // float32 sums of up to 784 products against double
constexpr double differencesTo = 1e-2; // central differences of float32 losses

struct LinearSize
{
    std::int64_t in, out, batch;
};

/// With and without remainders for every width of vector and tile.
constexpr std::array linearSizes = {LinearSize{784, 100, 128}, LinearSize{100, 10, 128}, LinearSize{65, 33, 100},
                                    LinearSize{13, 7, 5},      LinearSize{16, 6, 16},    LinearSize{1, 1, 1}};

/// The same values on the backend under test and on the reference.
struct Twin
{
    Tensor tested;
    Tensor expected;
};

class Selftest
{
public:
    explicit Selftest(Backend &backend) : m_backend(backend) {}

    std::vector<SelfCheck> run()
    {
        for (const LinearSize &size : linearSizes) {
            checkGather(size);
            checkForward(size);
            checkInputGradient(size);
            checkWeightGradient(size);
            checkMomentum(size);
            checkSoftmax(size);
        }
        checkDifferences();
        return std::move(m_checks);
    }

private:
    Twin random(const Shape &shape)
    {
        Twin twin{m_backend.allocate(shape), m_reference.allocate(shape)};
        std::vector<float> values(static_cast<std::size_t>(elementCount(shape)));
        for (float &value : values)
            value = static_cast<float>(m_random.normal());
        m_backend.upload(values, twin.tested);
        m_reference.upload(values, twin.expected);
        return twin;
    }

    double deviation(const Twin &twin)
    {
        const auto count = static_cast<std::size_t>(elementCount(twin.expected.shape()));
        std::vector<float> tested(count), expected(count);
        m_backend.download(twin.tested, tested);
        m_reference.download(twin.expected, expected);
        double difference = 0, largest = 1e-6;
        for (std::size_t i = 0; i < count; ++i) {
            const double gap = std::abs(double(tested[i]) - double(expected[i]));
            difference = std::isnan(gap) ? HUGE_VAL : std::max(difference, gap);
            largest = std::max(largest, std::abs(double(expected[i])));
        }
        return difference / largest;
    }

    void note(const std::string &operation, const Shape &shape, std::initializer_list<const Twin *> results)
    {
        double worst = 0;
        for (const Twin *twin : results)
            worst = std::max(worst, deviation(*twin));
        m_checks.push_back({operation, shapeText(shape), "reference", worst, closeTo});
    }

    /// Random pictures with labels below `classes`, and indices into them that are neither sorted nor unique.
    void makeSamples(std::int64_t features, std::int64_t batch, std::int64_t classes)
    {
        const std::int64_t count = batch + 3;
        std::vector<std::uint8_t> pixels(static_cast<std::size_t>(count * features));
        std::vector<std::uint8_t> labels(static_cast<std::size_t>(count));
        for (std::uint8_t &pixel : pixels)
            pixel = static_cast<std::uint8_t>(m_random.below(256));
        for (std::uint8_t &label : labels)
            label = static_cast<std::uint8_t>(m_random.below(static_cast<std::uint32_t>(classes)));
        m_indices.resize(static_cast<std::size_t>(batch));
        for (std::int32_t &index : m_indices)
            index = static_cast<std::int32_t>(m_random.below(static_cast<std::uint32_t>(count)));
        m_tested = m_backend.hold(pixels, labels);
        m_expected = m_reference.hold(std::move(pixels), std::move(labels));
    }

    void checkGather(const LinearSize &size)
    {
        makeSamples(size.in, size.batch, 10);
        Twin result = random({size.in, size.batch});
        m_backend.gather({m_tested, m_indices}, 1.0f / 255, result.tested);
        m_reference.gather({m_expected, m_indices}, 1.0f / 255, result.expected);
        note("gather", {size.in, size.batch}, {&result});
    }

    void checkForward(const LinearSize &size)
    {
        const Twin w = random({size.out, size.in}), b = random({size.out}), x = random({size.in, size.batch});
        for (const Activation activation : {Activation::None, Activation::Relu}) {
            Twin y = random({size.out, size.batch});
            m_backend.linearForward({w.tested, b.tested, x.tested, y.tested, activation});
            m_reference.linearForward({w.expected, b.expected, x.expected, y.expected, activation});
            note(activation == Activation::Relu ? "linearForward, ReLU" : "linearForward",
                 {size.out, size.in, size.batch}, {&y});
        }
    }

    void checkInputGradient(const LinearSize &size)
    {
        const Twin w = random({size.out, size.in}), dy = random({size.out, size.batch});
        const Twin x = random({size.in, size.batch});
        for (const bool isMasked : {false, true}) {
            Twin dx = random({size.in, size.batch});
            m_backend.linearInputGradient({w.tested, dy.tested, isMasked ? &x.tested : nullptr, dx.tested});
            m_reference.linearInputGradient({w.expected, dy.expected, isMasked ? &x.expected : nullptr, dx.expected});
            note(isMasked ? "linearInputGradient, ReLU" : "linearInputGradient", {size.out, size.in, size.batch}, {&dx});
        }
    }

    void checkWeightGradient(const LinearSize &size)
    {
        const Twin x = random({size.in, size.batch}), dy = random({size.out, size.batch});
        Twin dw = random({size.out, size.in}), db = random({size.out});
        m_backend.linearWeightGradient({x.tested, dy.tested, dw.tested, db.tested});
        m_reference.linearWeightGradient({x.expected, dy.expected, dw.expected, db.expected});
        note("linearWeightGradient", {size.out, size.in, size.batch}, {&dw, &db});

        Twin w = random({size.out, size.in}), vw = random({size.out, size.in});
        Twin b = random({size.out}), vb = random({size.out});
        const MomentumRule rule = {0.01f, 0.9f};
        m_backend.linearMomentumStep({x.tested, dy.tested, w.tested, vw.tested, b.tested, vb.tested, rule});
        m_reference.linearMomentumStep({x.expected, dy.expected, w.expected, vw.expected, b.expected, vb.expected, rule});
        note("linearMomentumStep", {size.out, size.in, size.batch}, {&w, &vw, &b, &vb});
    }

    void checkMomentum(const LinearSize &size)
    {
        const Shape shape = {size.out, size.in};
        const Twin g = random(shape);
        Twin w = random(shape), v = random(shape);
        m_backend.momentumStep(g.tested, {0.1f, 0.9f}, w.tested, v.tested);
        m_reference.momentumStep(g.expected, {0.1f, 0.9f}, w.expected, v.expected);
        note("momentumStep", shape, {&w, &v});
    }

    void checkSoftmax(const LinearSize &size)
    {
        const Shape shape = {size.out, size.batch}, row = {size.batch};
        makeSamples(1, size.batch, size.out);
        const Twin logits = random(shape);
        Twin losses = random(row), gradient = random(shape), classes = random(row), confidences = random(row);
        const Batch tested = {m_tested, m_indices}, expected = {m_expected, m_indices};
        m_backend.softmaxCrossEntropy({logits.tested, tested, losses.tested, gradient.tested});
        m_reference.softmaxCrossEntropy({logits.expected, expected, losses.expected, gradient.expected});
        note("softmaxCrossEntropy", shape, {&losses, &gradient});
        m_backend.softmaxPrediction({logits.tested, tested, losses.tested, classes.tested, confidences.tested});
        m_reference.softmaxPrediction({logits.expected, expected, losses.expected, classes.expected, confidences.expected});
        note("softmaxPrediction", shape, {&losses, &classes, &confidences});
    }

    double meanLoss(const Network &network, const Batch &batch, Workspace &workspace)
    {
        network.predict(batch, workspace);
        std::vector<float> losses(batch.indices.size());
        m_backend.download(workspace.losses, losses);
        return std::accumulate(losses.begin(), losses.end(), 0.0) / static_cast<double>(losses.size());
    }

    /// One step with learning rate 1 and no momentum moves each weight by its gradient: held against the slope of the loss.
    void checkDifferences()
    {
        makeSamples(12, 16, 10);
        const Batch batch = {m_tested, m_indices};
        const std::vector<std::int64_t> extents = {12, 7, 6, 10};
        Network network(m_backend, extents), stepped(m_backend, extents);
        Random one(7), same(7);
        network.initialize(one);
        stepped.initialize(same);
        Workspace workspace = stepped.makeWorkspace(16, true);
        stepped.step(batch, {1, 0}, workspace);
        for (std::size_t layer = 0; layer < network.layers().size(); ++layer) {
            const std::string name = "network step, l" + std::to_string(layer + 1);
            LinearLayer &before = network.layers()[layer];
            const LinearLayer &after = stepped.layers()[layer];
            compareSlopes(name + "/W", network, batch, workspace, before.weights, after.weights);
            compareSlopes(name + "/b", network, batch, workspace, before.bias, after.bias);
        }
    }

    void compareSlopes(const std::string &name, const Network &network, const Batch &batch, Workspace &workspace,
                       Tensor &before, const Tensor &after)
    {
        constexpr float distance = 5e-4f; // small enough for few ReLU to switch, large enough against rounding
        std::vector<float> values(static_cast<std::size_t>(elementCount(before.shape()))), moved(values.size());
        m_backend.download(before, values);
        m_backend.download(after, moved);
        double difference = 0, largest = 0;
        for (std::size_t i = 0; i < values.size(); ++i) {
            const float kept = values[i];
            const auto lossAt = [&](float value) {
                values[i] = value;
                m_backend.upload(values, before);
                return meanLoss(network, batch, workspace);
            };
            const double slope = (lossAt(kept + distance) - lossAt(kept - distance)) / (2 * distance);
            const double gradient = double(kept) - double(moved[i]);
            const double gap = std::abs(slope - gradient);
            difference = std::isnan(gap) ? HUGE_VAL : std::max(difference, gap);
            largest = std::max(largest, std::abs(slope));
            values[i] = kept;
        }
        m_backend.upload(values, before);
        m_checks.push_back({name, shapeText(before.shape()), "differences", difference / largest, differencesTo});
    }

    Backend &m_backend;
    ReferenceBackend m_reference;
    Random m_random{1};
    Samples m_tested;
    Samples m_expected;
    std::vector<std::int32_t> m_indices;
    std::vector<SelfCheck> m_checks;
};

} // namespace

std::vector<SelfCheck> selftest(Backend &backend)
{
    return Selftest(backend).run();
}

std::string selftestTable(const std::vector<SelfCheck> &checks)
{
    std::string table;
    char line[160];
    std::size_t failed = 0;
    for (const SelfCheck &check : checks) {
        failed += check.isPassed() ? 0 : 1;
        std::snprintf(line, sizeof line, "%-6s %-28s %-16s against %-12s error %.1e of %.1e\n",
                      check.isPassed() ? "ok" : "FAILED", check.operation.c_str(), check.shape.c_str(),
                      check.against.c_str(), check.error, check.tolerance);
        table += line;
    }
    std::snprintf(line, sizeof line, "%zu passed, %zu failed\n", checks.size() - failed, failed);
    return table + line;
}

} // namespace bottega::engine
