// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/backend/reference/referencebackend.h"
#include "core/engine/random.h"
#include "core/engine/selftest.h"

#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

namespace bottega::engine::selftesting {

/// The same values on the backend under test and on the reference.
struct Twin
{
    Tensor tested;
    Tensor expected;
    bool isGradient = false; // whose columns beyond the batch must stay zero
};

struct TwinParameter
{
    Parameter tested;
    Parameter expected;
};

struct TwinSamples
{
    Samples tested;
    Samples expected;
    std::vector<std::int32_t> indices; // of one batch, neither sorted nor unique
};

/// Picks one of two: programs are written once and made for each.
struct Side
{
    bool isTested;

    Tensor *operator()(Twin &twin) const { return isTested ? &twin.tested : &twin.expected; }
    const Tensor *operator()(const Twin &twin) const { return isTested ? &twin.tested : &twin.expected; }
    Parameter *operator()(TwinParameter &twin) const { return isTested ? &twin.tested : &twin.expected; }
    const Samples *operator()(const TwinSamples &twin) const
    {
        return isTested ? &twin.tested : &twin.expected;
    }
};

struct Tolerance
{
    double relative;
    double least = 1e-6; // no result is measured by less: sums may happen to cancel out, their terms do not

    Tolerance(double relativeDeviation)
        : relative(relativeDeviation)
    {
    }
    Tolerance(double relativeDeviation, double leastMeasure)
        : relative(relativeDeviation)
        , least(leastMeasure)
    {
    }
};

/// A backend under test beside the reference: makes random operands of fixed seed, runs programs on both,
/// notes how far the results are apart. On host backends the columns of activations beyond the batch are
/// filled with numbers that spoil every result they leak into.
class Rig
{
public:
    explicit Rig(Backend &tested);

    [[nodiscard]] Backend &tested() { return m_tested; }
    [[nodiscard]] Backend &expected() { return m_expected; }
    [[nodiscard]] Random &random() { return m_random; }
    [[nodiscard]] std::vector<SelfCheck> takeChecks() { return std::move(m_checks); }

    [[nodiscard]] std::vector<float> normals(std::size_t count); // about: mean 0, variance 1, within 3
    [[nodiscard]] Twin make(const Shape &shape, Layout layout, std::span<const float> values,
                            bool isGradient = false);
    [[nodiscard]] Twin rows(const Shape &shape);        // normal
    [[nodiscard]] Twin activations(const Shape &shape); // normal
    [[nodiscard]] Twin
    rectified(const Shape &shape); // normal, zero where that is negative: what a ReLU gives
    [[nodiscard]] Twin gradients(const Shape &shape); // normal
    /// Normal, with what the rule needs beside the values; `isFresh`: that is zero, as before the first step.
    [[nodiscard]] TwinParameter parameter(const Shape &shape, const UpdateRule &rule, bool keepsGradient,
                                          bool isFresh = false);
    [[nodiscard]] TwinSamples samples(const Shape &pictureShape, std::int64_t batch, std::int64_t classes);

    /// Makes the program for both and runs the steps; indices are of no matter where no operation uses them.
    void run(const std::function<Program(Side)> &make, std::span<const StepInputs> steps);
    void run(const std::function<Program(Side)> &make, std::span<const std::int32_t> indices = {});

    /// Notes how far all results are off, each by its own largest value.
    void compare(const std::string &operation, const std::string &shape, Tolerance tolerance,
                 std::initializer_list<const Twin *> results,
                 std::initializer_list<const TwinParameter *> parameters = {});

    void note(SelfCheck check) { m_checks.push_back(std::move(check)); }
    [[nodiscard]] std::vector<float> valuesOf(const Tensor &tested);

    /// The largest deviation of what was tested, relative to the largest value expected, or to `least` where
    /// that is larger; infinite for NaN.
    [[nodiscard]] static double deviation(std::span<const float> tested, std::span<const float> expected,
                                          double least = 1e-6);

private:
    [[nodiscard]] double deviation(const Tensor &tested, const Tensor &expected, bool isGradient,
                                   double least);
    [[nodiscard]] double deviation(const TwinParameter &parameter, double least);
    void spoilBeyondBatch(Tensor &tensor);
    [[nodiscard]] bool isCleanBeyond(const Tensor &tested, bool isGradient) const;

    Backend &m_tested;
    ReferenceBackend m_expected;
    const bool m_isHost; // whether the tested tensors lie in this process' memory
    Random m_random{1};
    std::vector<SelfCheck> m_checks;
};

} // namespace bottega::engine::selftesting
