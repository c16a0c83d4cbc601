// SPDX-License-Identifier: Apache-2.0
#include "core/engine/selftest/checks.h"

#include <numeric>

namespace bottega::engine::selftesting {

namespace {

constexpr float distance = 1.0f / 64;  // large enough against the rounding of float32
constexpr double slopesCloseTo = 1e-3; // what the curvature of the smooth functions leaves over that distance
constexpr std::int64_t batch = 5;

/// What a layer's backward operations are given and give: dx is the slope of Σ dy · y.
struct Operands
{
    const Tensor *x, *y, *dy, *mask;
    Tensor *dx;
};

struct Layer
{
    std::string name;
    Shape input;
    Shape output;
    std::function<Op(const Tensor *x, Tensor *y)> forward;
    std::function<Program(const Operands &)> backward;
    std::vector<Parameter *> parameters; // with tensors for their gradients
    bool takesMask = true;
};

/// Holds what the tested backend's backward operations give against its own forward operation, without the
/// reference.
class Slopes
{
public:
    Slopes(Rig &rig, const Layer &layer, bool isMasked)
        : m_rig(rig)
        , m_layer(layer)
        , m_isMasked(isMasked)
        , m_z(allocate(layer.input))
        , m_x(allocate(layer.input))
        , m_y(allocate(layer.output))
        , m_dy(allocate(layer.output))
        , m_dx(allocate(layer.input))
        , m_r(rig.normals(static_cast<std::size_t>(m_dy.count())))
    {
        rig.tested().upload(spread(m_z.count()), m_z);
        rig.tested().upload(m_r, m_dy);
    }

    void compare()
    {
        Program whole = forward();
        for (const Op &op : m_layer.backward({&m_x, &m_y, &m_dy, m_isMasked ? &m_x : nullptr, &m_dx}))
            whole.push_back(op);
        m_rig.tested().compile(std::move(whole))->run(StepInputs());
        m_forward = m_rig.tested().compile(forward());
        compare(m_isMasked ? "input, masked" : "input", m_z, m_rig.valuesOf(m_dx));
        for (Parameter *parameter : m_layer.parameters)
            compare(parameter->name, parameter->value, m_rig.valuesOf(parameter->gradient));
    }

private:
    Tensor allocate(Shape shape) { return m_rig.tested().allocate(std::move(shape), Layout::Samples); }

    /// Shuffled and further apart than any is moved, also from zero: neither a ReLU nor a largest value
    /// changes sides.
    std::vector<float> spread(std::int64_t count)
    {
        std::vector<std::int32_t> places(static_cast<std::size_t>(count));
        std::iota(places.begin(), places.end(), 0);
        m_rig.random().shuffle(places);
        std::vector<float> values;
        for (const std::int32_t place : places)
            values.push_back((static_cast<float>(place) - static_cast<float>(count / 2) + 0.5f) / 16);
        return values;
    }

    Program forward()
    {
        return {ops::Activate{m_isMasked ? Activation::Relu : Activation::None, &m_z, &m_x},
                m_layer.forward(&m_x, &m_y)};
    }

    double sum()
    {
        m_forward->run(StepInputs());
        const std::vector<float> y = m_rig.valuesOf(m_y);
        return std::inner_product(y.begin(), y.end(), m_r.begin(), 0.0, std::plus<>(),
                                  [](float a, float b) { return double(a) * double(b); });
    }

    void compare(const std::string &operand, Tensor &moved, const std::vector<float> &given)
    {
        std::vector<float> values = m_rig.valuesOf(moved), slopes;
        for (float &value : values) {
            const float kept = value;
            const auto sumAt = [&](float there) {
                value = there;
                m_rig.tested().upload(values, moved);
                return sum();
            };
            const double above = sumAt(kept + distance), below = sumAt(kept - distance);
            slopes.push_back(static_cast<float>((above - below) / (2 * double(distance))));
            value = kept;
        }
        m_rig.tested().upload(values, moved);
        m_rig.note({m_layer.name + ", " + operand, shapeText(moved.shape()), "differences",
                    Rig::deviation(given, slopes), slopesCloseTo});
    }

    Rig &m_rig;
    const Layer &m_layer;
    const bool m_isMasked;
    Tensor m_z, m_x, m_y, m_dy, m_dx;
    std::vector<float> m_r;
    std::unique_ptr<Plan> m_forward;
};

void check(Rig &rig, const Layer &layer)
{
    Slopes(rig, layer, false).compare();
    if (layer.takesMask)
        Slopes(rig, layer, true).compare();
}

Parameter parameter(Rig &rig, const char *name, const Shape &shape)
{
    TwinParameter twin = rig.parameter(shape, UpdateRule(), true);
    twin.tested.name = name;
    return std::move(twin.tested);
}

void linearSlopes(Rig &rig)
{
    Parameter w = parameter(rig, "weights", {4, 7}), b = parameter(rig, "bias", {4});
    check(rig, {"Linear",
                {7, batch},
                {4, batch},
                [&](auto x, auto y) {
                    return ops::LinearForward{&w.value, &b.value, x, y};
                },
                [&](const Operands &o) {
                    return Program{ops::LinearInputGradient{&w.value, o.dy, o.mask, o.dx},
                                   ops::LinearWeights{o.x, o.dy, &w, &b, {}}};
                },
                {&w, &b}});
}

void convolutionSlopes(Rig &rig, const Window &window)
{
    Parameter w = parameter(rig, "weights", {3, window.channels, window.kernel, window.kernel});
    Parameter b = parameter(rig, "bias", {3});
    check(rig, {"Conv, k" + std::to_string(window.kernel) + " s" + std::to_string(window.stride) + " p" +
                    std::to_string(window.padding),
                {window.channels, window.height, window.width, batch},
                {3, window.outHeight(), window.outWidth(), batch},
                [&](auto x, auto y) {
                    return ops::ConvForward{window, &w.value, &b.value, x, y};
                },
                [&](const Operands &o) {
                    return Program{ops::ConvInputGradient{window, &w.value, o.dy, o.mask, o.dx},
                                   ops::ConvWeights{window, o.x, o.dy, &w, &b, {}}};
                },
                {&w, &b}});
}

void poolingSlopes(Rig &rig, const Window &window)
{
    const Shape input = {window.channels, window.height, window.width, batch};
    const Shape output = {window.channels, window.outHeight(), window.outWidth(), batch};
    const std::string of = ", k" + std::to_string(window.kernel) + " s" + std::to_string(window.stride) +
                           " p" + std::to_string(window.padding);
    check(rig, {"MaxPool" + of,
                input,
                output,
                [&](auto x, auto y) {
                    return ops::MaxPool{window, x, y};
                },
                [&](const Operands &o) {
                    return Program{ops::MaxPoolGradient{window, o.x, o.y, o.dy, o.mask, o.dx}};
                },
                {}});
    check(rig, {"AveragePool" + of,
                input,
                output,
                [&](auto x, auto y) {
                    return ops::AveragePool{window, x, y};
                },
                [&](const Operands &o) {
                    return Program{ops::AveragePoolGradient{window, o.dy, o.mask, o.dx}};
                },
                {}});
}

void activationSlopes(Rig &rig, const char *name, Activation activation)
{
    check(rig, {name,
                {11, batch},
                {11, batch},
                [=](auto x, auto y) {
                    return ops::Activate{activation, x, y};
                },
                [=](const Operands &o) {
                    return Program{ops::ActivateGradient{activation, o.x, o.y, o.dy, o.dx}};
                },
                {},
                false});
}

void dropoutSlopes(Rig &rig)
{
    check(rig, {"Dropout",
                {11, batch},
                {11, batch},
                [](auto x, auto y) {
                    return ops::Dropout{0.3f, 77, x, y};
                },
                [](const Operands &o) {
                    return Program{ops::Dropout{0.3f, 77, o.dy, o.dx}};
                },
                {},
                false});
}

void batchNormSlopes(Rig &rig)
{
    Parameter gamma = parameter(rig, "gamma", {3}), beta = parameter(rig, "beta", {3});
    std::vector<Tensor> each; // mean, inverse deviation, running mean, running variance
    for (int i = 0; i < 4; ++i)
        each.push_back(rig.tested().allocate({3}));
    check(rig, {"BatchNorm",
                {3, 4, batch},
                {3, 4, batch},
                [&](auto x, auto y) {
                    return ops::BatchNorm{3,        &gamma.value, &beta.value, x,       y,
                                          &each[0], &each[1],     &each[2],    &each[3]};
                },
                [&](const Operands &o) {
                    return Program{ops::BatchNormGradient{
                        3, o.x, &each[0], &each[1], o.dy, o.mask, o.dx, &gamma, &beta, {}}};
                },
                {&gamma, &beta}});
}

/// The loss has no dy: its gradient is that of the mean.
void lossSlopes(Rig &rig, float smoothing)
{
    constexpr std::int64_t classes = 10;
    const TwinSamples samples = rig.samples({1, 1, 1}, batch, classes);
    Backend &tested = rig.tested();
    Tensor logits = tested.allocate({classes, batch}, Layout::Samples);
    Tensor losses = tested.allocate({1, batch}, Layout::Samples);
    Tensor gradient = tested.allocate({classes, batch}, Layout::Samples);
    const auto plan =
        tested.compile({ops::SoftmaxCrossEntropy{&samples.tested, &logits, &losses, &gradient, smoothing}});
    std::vector<float> values = rig.normals(static_cast<std::size_t>(logits.count())), slopes;
    const auto meanLossHere = [&] {
        tested.upload(values, logits);
        plan->run(StepInputs{samples.indices, 1, 0});
        const std::vector<float> each = rig.valuesOf(losses);
        return std::accumulate(each.begin(), each.end(), 0.0) / static_cast<double>(batch);
    };
    meanLossHere();
    const std::vector<float> given = rig.valuesOf(gradient);
    for (float &value : values) {
        const float kept = value;
        value = kept + distance;
        const double above = meanLossHere();
        value = kept - distance;
        slopes.push_back(static_cast<float>((above - meanLossHere()) / (2 * double(distance))));
        value = kept;
    }
    rig.note({smoothing > 0 ? "SoftmaxCrossEntropy, smoothed" : "SoftmaxCrossEntropy",
              shapeText(logits.shape()), "differences", Rig::deviation(given, slopes), slopesCloseTo});
}

} // namespace

void checkSlopes(Rig &rig)
{
    linearSlopes(rig);
    for (const Window &window :
         {Window{2, 5, 4, 1, 1, 0}, Window{2, 5, 4, 3, 1, 0}, Window{2, 5, 4, 3, 1, 1},
          Window{2, 5, 4, 3, 2, 1}, Window{1, 4, 5, 2, 2, 1}, Window{1, 6, 5, 5, 1, 2}}) {
        convolutionSlopes(rig, window);
        poolingSlopes(rig, window);
    }
    activationSlopes(rig, "ReLU", Activation::Relu);
    activationSlopes(rig, "GELU", Activation::Gelu);
    activationSlopes(rig, "tanh", Activation::Tanh);
    dropoutSlopes(rig);
    batchNormSlopes(rig);
    lossSlopes(rig, 0);
    lossSlopes(rig, 0.1f);
}

} // namespace bottega::engine::selftesting
