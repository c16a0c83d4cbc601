// SPDX-License-Identifier: Apache-2.0
#include "core/engine/selftest/rig.h"

#include <algorithm>
#include <cmath>

namespace bottega::engine::selftesting {

namespace {

constexpr float spoiler = 1e4f;

/// Calls visit(value) for all that lies in the memory of a host tensor but is none of its values.
template <class AnyTensor, class Visit> void forEachBeyond(AnyTensor &tensor, Visit visit)
{
    if (tensor.layout() == Layout::Samples) {
        for (std::int64_t f = 0; f < tensor.features(); ++f) {
            for (std::int64_t n = tensor.samples(); n < tensor.blocks() * Tensor::blockSize; ++n)
                visit(tensor.block(n / Tensor::blockSize)[f * Tensor::blockSize + n % Tensor::blockSize]);
        }
        return;
    }
    for (std::int64_t r = 0; r < tensor.rows(); ++r) {
        for (std::int64_t c = tensor.columns(); c < tensor.stride(); ++c)
            visit(tensor.row(r)[c]);
    }
}

} // namespace

Rig::Rig(Backend &tested)
    : m_tested(tested)
    , m_isHost(dynamic_cast<HostBackend *>(&tested) != nullptr)
{
}

std::vector<float> Rig::normals(std::size_t count)
{
    constexpr std::uint64_t third = (1 << 21) - 1;
    std::vector<float> values(count);
    for (float &value : values) { // three even numbers make one near enough to normal, and many times faster
        const std::uint64_t bits = m_random.next();
        const auto sum = static_cast<double>((bits & third) + (bits >> 21 & third) + (bits >> 42 & third));
        value = static_cast<float>(2 * (sum / third - 1.5));
    }
    return values;
}

Twin Rig::make(const Shape &shape, Layout layout, std::span<const float> values, bool isGradient)
{
    Twin twin{m_tested.allocate(shape, layout), m_expected.allocate(shape, layout), isGradient};
    m_tested.upload(values, twin.tested);
    m_expected.upload(values, twin.expected);
    if (layout == Layout::Samples && !isGradient)
        spoilBeyondBatch(twin.tested);
    return twin;
}

Twin Rig::rows(const Shape &shape)
{
    return make(shape, Layout::Rows, normals(static_cast<std::size_t>(elementCount(shape))));
}

Twin Rig::activations(const Shape &shape)
{
    return make(shape, Layout::Samples, normals(static_cast<std::size_t>(elementCount(shape))));
}

Twin Rig::rectified(const Shape &shape)
{
    std::vector<float> values = normals(static_cast<std::size_t>(elementCount(shape)));
    for (float &value : values)
        value = std::max(value, 0.0f);
    return make(shape, Layout::Samples, values);
}

Twin Rig::gradients(const Shape &shape)
{
    return make(shape, Layout::Samples, normals(static_cast<std::size_t>(elementCount(shape))), true);
}

TwinParameter Rig::parameter(const Shape &shape, const UpdateRule &rule, bool keepsGradient, bool isFresh)
{
    const auto count = static_cast<std::size_t>(elementCount(shape));
    TwinParameter twin;
    const auto set = [&](Tensor Parameter::*member, std::span<const float> values) {
        Twin made = make(shape, Layout::Rows, values);
        twin.tested.*member = std::move(made.tested);
        twin.expected.*member = std::move(made.expected);
    };
    set(&Parameter::value, normals(count));
    std::vector<float> first(count), second(count);
    if (!isFresh) {
        first = normals(count);
        second = normals(count);
        for (float &value : second) // far enough from zero, where Adam's step would magnify every rounding
            value = value * value + 0.25f;
    }
    if (rule.hasFirst())
        set(&Parameter::first, first);
    if (rule.hasSecond())
        set(&Parameter::second, second);
    if (rule.averageDecay > 0)
        set(&Parameter::average, normals(count));
    if (keepsGradient)
        set(&Parameter::gradient, normals(count));
    twin.tested.name = twin.expected.name = "parameter";
    return twin;
}

TwinSamples Rig::samples(const Shape &pictureShape, std::int64_t batch, std::int64_t classes)
{
    const std::int64_t count = batch + 3;
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(count * elementCount(pictureShape)));
    std::vector<std::uint8_t> labels(static_cast<std::size_t>(count));
    for (std::uint8_t &pixel : pixels)
        pixel = static_cast<std::uint8_t>(m_random.below(256));
    for (std::uint8_t &label : labels)
        label = static_cast<std::uint8_t>(m_random.below(static_cast<std::uint32_t>(classes)));
    TwinSamples twin;
    twin.indices.resize(static_cast<std::size_t>(batch));
    for (std::int32_t &index : twin.indices)
        index = static_cast<std::int32_t>(m_random.below(static_cast<std::uint32_t>(count)));
    twin.tested = m_tested.hold(pixels, labels, pictureShape);
    twin.expected = m_expected.hold(std::move(pixels), std::move(labels), pictureShape);
    return twin;
}

void Rig::run(const std::function<Program(Side)> &make, std::span<const StepInputs> steps)
{
    m_tested.compile(make({true}))->run(steps, nullptr);
    m_expected.compile(make({false}))->run(steps, nullptr);
}

void Rig::run(const std::function<Program(Side)> &make, std::span<const std::int32_t> indices)
{
    const StepInputs step = {indices, 7, 0.5f};
    run(make, {&step, 1});
}

void Rig::compare(const std::string &operation, const std::string &shape, Tolerance tolerance,
                  std::initializer_list<const Twin *> results,
                  std::initializer_list<const TwinParameter *> parameters)
{
    double worst = 0;
    for (const Twin *twin : results)
        worst = std::max(worst, deviation(twin->tested, twin->expected, twin->isGradient, tolerance.least));
    for (const TwinParameter *twin : parameters)
        worst = std::max(worst, deviation(*twin, tolerance.least));
    note({operation, shape, "reference", worst, tolerance.relative});
}

std::vector<float> Rig::valuesOf(const Tensor &tested)
{
    std::vector<float> values(static_cast<std::size_t>(tested.count()));
    m_tested.download(tested, values);
    return values;
}

double Rig::deviation(std::span<const float> tested, std::span<const float> expected, double least)
{
    double difference = 0, largest = least;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const double gap = std::abs(double(tested[i]) - double(expected[i]));
        difference = std::isnan(gap) ? HUGE_VAL : std::max(difference, gap);
        largest = std::max(largest, std::abs(double(expected[i])));
    }
    return difference / largest;
}

double Rig::deviation(const Tensor &tested, const Tensor &expected, bool isGradient, double least)
{
    if (!isCleanBeyond(tested, isGradient))
        return HUGE_VAL;
    std::vector<float> values(static_cast<std::size_t>(expected.count()));
    m_expected.download(expected, values);
    return deviation(valuesOf(tested), values, least);
}

double Rig::deviation(const TwinParameter &parameter, double least)
{
    double worst = 0;
    for (const auto member : {&Parameter::value, &Parameter::first, &Parameter::second, &Parameter::average,
                              &Parameter::gradient}) {
        if (parameter.expected.*member)
            worst = std::max(worst,
                             deviation(parameter.tested.*member, parameter.expected.*member, false, least));
    }
    return worst;
}

void Rig::spoilBeyondBatch(Tensor &tensor)
{
    if (m_isHost)
        forEachBeyond(tensor, [](float &value) { value = spoiler; });
}

bool Rig::isCleanBeyond(const Tensor &tested, bool isGradient) const
{
    if (!m_isHost)
        return true;
    const bool mustBeZero = isGradient || tested.layout() == Layout::Rows;
    bool isClean = true;
    forEachBeyond(tested, [&](float value) { isClean &= mustBeZero ? value == 0 : std::isfinite(value); });
    return isClean;
}

} // namespace bottega::engine::selftesting
