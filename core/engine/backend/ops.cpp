// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/ops.h"

#include <array>
#include <initializer_list>
#include <stdexcept>
#include <utility>

namespace bottega::engine {

namespace {

constexpr std::array names = { // in the order of Op
    "Gather",
    "LinearForward",
    "LinearInputGradient",
    "LinearWeights",
    "ConvForward",
    "ConvInputGradient",
    "ConvWeights",
    "MaxPool",
    "MaxPoolGradient",
    "AveragePool",
    "AveragePoolGradient",
    "Activate",
    "ActivateGradient",
    "Dropout",
    "BatchNorm",
    "BatchNormGradient",
    "BatchNormFixed",
    "Add",
    "SoftmaxCrossEntropy",
    "SoftmaxPrediction",
    "AllReduce",
    "ClipNorm",
    "Update"};
static_assert(names.size() == std::variant_size_v<Op>);

/// Speaks in the name of one operation.
class Operands
{
public:
    explicit Operands(const char *operation)
        : m_operation(operation)
    {
    }

    void require(bool holds, const std::string &otherwise) const
    {
        if (!holds)
            throw std::invalid_argument(std::string(m_operation) + ": " + otherwise);
    }

    void given(std::initializer_list<std::pair<const char *, const Tensor *>> operands) const
    {
        for (const auto &[operand, tensor] : operands)
            require(tensor && *tensor, "no " + std::string(operand));
    }

    void rows(const char *operand, const Tensor &tensor, const Shape &shape) const
    {
        expect(operand, tensor, Layout::Rows, shape, tensor.shape() == shape);
    }

    /// How the features are arranged is the layers' matter: [C, H, W, N] is as good as [C·H·W, N].
    void samples(const char *operand, const Tensor &tensor, const Shape &shape) const
    {
        const bool isFitting = tensor.count() == elementCount(shape) && tensor.samples() == shape.back();
        expect(operand, tensor, Layout::Samples, shape, isFitting);
    }

    void mask(const Tensor *mask, const Shape &shape) const
    {
        if (mask)
            samples("mask", *mask, shape);
    }

    void state(const char *operand, const Parameter &parameter, const UpdateRule &rule) const
    {
        for (const auto &[isNeeded, part, tensor] :
             {std::tuple{rule.hasFirst(), "first moment", &parameter.first},
              std::tuple{rule.hasSecond(), "second moment", &parameter.second},
              std::tuple{rule.averageDecay > 0, "average", &parameter.average}}) {
            if (isNeeded)
                beside(operand, part, *tensor, parameter.value.shape());
        }
    }

    /// A parameter whose gradient the operation stores or applies.
    void trained(const char *operand, const Parameter *parameter, const Shape &shape,
                 const UpdateRule &rule) const
    {
        require(parameter, "no " + std::string(operand));
        given({{operand, &parameter->value}});
        rows(operand, parameter->value, shape);
        if (parameter->gradient)
            beside(operand, "gradient", parameter->gradient, shape);
        else
            state(operand, *parameter, rule);
    }

    void gradients(const std::vector<Parameter *> &parameters) const
    {
        for (const Parameter *parameter : parameters) {
            require(parameter && parameter->value, "no parameter");
            beside(parameter->name.c_str(), "gradient", parameter->gradient, parameter->value.shape());
        }
    }

    void window(const Window &w) const
    {
        require(w.channels > 0 && w.height > 0 && w.width > 0,
                "no window slides over " + shapeText({w.channels, w.height, w.width}));
        require(w.kernel > 0, "a kernel of " + std::to_string(w.kernel));
        require(w.stride > 0, "a stride of " + std::to_string(w.stride));
        require(w.padding >= 0 && w.padding < w.kernel,
                "a padding of " + std::to_string(w.padding) + " for a kernel of " + std::to_string(w.kernel));
        require(w.kernel - w.height <= 2 * w.padding && w.kernel - w.width <= 2 * w.padding,
                "a kernel of " + std::to_string(w.kernel) + " does not fit " + std::to_string(w.height) +
                    " × " + std::to_string(w.width) + " with a padding of " + std::to_string(w.padding));
    }

    void labelled(const Samples *samples) const
    {
        require(samples && samples->pixels && samples->labels && samples->count > 0, "no samples");
    }

private:
    void beside(const char *operand, const char *part, const Tensor &tensor, const Shape &shape) const
    {
        require(bool(tensor), std::string(operand) + " has no " + part);
        rows((std::string(operand) + ": " + part).c_str(), tensor, shape);
    }

    void expect(const char *operand, const Tensor &tensor, Layout layout, const Shape &shape,
                bool isFitting) const
    {
        require(bool(tensor), "no " + std::string(operand));
        require(isFitting,
                std::string(operand) + " is " + shapeText(tensor.shape()) + ", not " + shapeText(shape));
        require(tensor.layout() == layout,
                std::string(operand) + " " + shapeText(tensor.shape()) + " is laid out in " +
                    (layout == Layout::Rows ? "samples, not in rows" : "rows, not in samples"));
    }

    const char *m_operation;
};

Shape inputOf(const Window &w, std::int64_t samples)
{
    return {w.channels, w.height, w.width, samples};
}

Shape outputOf(const Window &w, std::int64_t channels, std::int64_t samples)
{
    return {channels, w.outHeight(), w.outWidth(), samples};
}

void verify(const ops::Gather &op, const Operands &o)
{
    o.labelled(op.samples);
    o.given({{"input", op.input}});
    o.samples("input", *op.input,
              {op.samples->channels, op.samples->height, op.samples->width, op.input->samples()});
}

void verify(const ops::LinearForward &op, const Operands &o)
{
    o.given({{"weights", op.weights}, {"bias", op.bias}, {"input", op.input}, {"output", op.output}});
    const std::int64_t out = op.output->features(), in = op.input->features(), samples = op.output->samples();
    o.rows("weights", *op.weights, {out, in});
    o.rows("bias", *op.bias, {out});
    o.samples("input", *op.input, {in, samples});
    o.samples("output", *op.output, {out, samples});
    o.require(op.activation == Activation::None || op.activation == Activation::Relu,
              "only ReLU can be part of it");
    o.require(op.output != op.input, "output is input");
}

void verify(const ops::LinearInputGradient &op, const Operands &o)
{
    o.given({{"weights", op.weights},
             {"outputGradient", op.outputGradient},
             {"inputGradient", op.inputGradient}});
    const std::int64_t out = op.outputGradient->features(), in = op.inputGradient->features();
    const std::int64_t samples = op.inputGradient->samples();
    o.rows("weights", *op.weights, {out, in});
    o.samples("outputGradient", *op.outputGradient, {out, samples});
    o.samples("inputGradient", *op.inputGradient, {in, samples});
    o.mask(op.mask, {in, samples});
    o.require(op.inputGradient != op.outputGradient, "inputGradient is outputGradient");
}

void verify(const ops::LinearWeights &op, const Operands &o)
{
    o.given({{"input", op.input}, {"outputGradient", op.outputGradient}});
    const std::int64_t out = op.outputGradient->features(), in = op.input->features(),
                       samples = op.input->samples();
    o.samples("input", *op.input, {in, samples});
    o.samples("outputGradient", *op.outputGradient, {out, samples});
    o.trained("weights", op.weights, {out, in}, op.rule);
    o.trained("bias", op.bias, {out}, op.rule);
}

void verify(const ops::ConvForward &op, const Operands &o)
{
    o.window(op.window);
    o.given({{"weights", op.weights}, {"bias", op.bias}, {"input", op.input}, {"output", op.output}});
    const std::int64_t out = op.weights->shape().front(), samples = op.output->samples();
    o.rows("weights", *op.weights, {out, op.window.channels, op.window.kernel, op.window.kernel});
    o.rows("bias", *op.bias, {out});
    o.samples("input", *op.input, inputOf(op.window, samples));
    o.samples("output", *op.output, outputOf(op.window, out, samples));
    o.require(op.activation == Activation::None || op.activation == Activation::Relu,
              "only ReLU can be part of it");
    o.require(op.output != op.input, "output is input");
}

void verify(const ops::ConvInputGradient &op, const Operands &o)
{
    o.window(op.window);
    o.given({{"weights", op.weights},
             {"outputGradient", op.outputGradient},
             {"inputGradient", op.inputGradient}});
    const std::int64_t out = op.weights->shape().front(), samples = op.inputGradient->samples();
    o.rows("weights", *op.weights, {out, op.window.channels, op.window.kernel, op.window.kernel});
    o.samples("outputGradient", *op.outputGradient, outputOf(op.window, out, samples));
    o.samples("inputGradient", *op.inputGradient, inputOf(op.window, samples));
    o.mask(op.mask, inputOf(op.window, samples));
    o.require(op.inputGradient != op.outputGradient, "inputGradient is outputGradient");
}

void verify(const ops::ConvWeights &op, const Operands &o)
{
    o.window(op.window);
    o.given({{"input", op.input}, {"outputGradient", op.outputGradient}});
    o.require(op.weights && op.weights->value, "no weights");
    const std::int64_t out = op.weights->value.shape().front(), samples = op.input->samples();
    o.samples("input", *op.input, inputOf(op.window, samples));
    o.samples("outputGradient", *op.outputGradient, outputOf(op.window, out, samples));
    o.trained("weights", op.weights, {out, op.window.channels, op.window.kernel, op.window.kernel}, op.rule);
    o.trained("bias", op.bias, {out}, op.rule);
}

void verifyPool(const Window &window, const Tensor *input, const Tensor *output, const Operands &o)
{
    o.window(window);
    o.given({{"input", input}, {"output", output}});
    o.samples("input", *input, inputOf(window, output->samples()));
    o.samples("output", *output, outputOf(window, window.channels, output->samples()));
    o.require(output != input, "output is input");
}

void verify(const ops::MaxPool &op, const Operands &o)
{
    verifyPool(op.window, op.input, op.output, o);
}

void verify(const ops::MaxPoolGradient &op, const Operands &o)
{
    verifyPool(op.window, op.input, op.output, o);
    o.given({{"outputGradient", op.outputGradient}, {"inputGradient", op.inputGradient}});
    const std::int64_t samples = op.input->samples();
    o.samples("outputGradient", *op.outputGradient, outputOf(op.window, op.window.channels, samples));
    o.samples("inputGradient", *op.inputGradient, inputOf(op.window, samples));
    o.mask(op.mask, inputOf(op.window, samples));
    o.require(op.inputGradient != op.outputGradient, "inputGradient is outputGradient");
}

void verify(const ops::AveragePool &op, const Operands &o)
{
    verifyPool(op.window, op.input, op.output, o);
}

void verify(const ops::AveragePoolGradient &op, const Operands &o)
{
    o.window(op.window);
    o.given({{"outputGradient", op.outputGradient}, {"inputGradient", op.inputGradient}});
    const std::int64_t samples = op.inputGradient->samples();
    o.samples("outputGradient", *op.outputGradient, outputOf(op.window, op.window.channels, samples));
    o.samples("inputGradient", *op.inputGradient, inputOf(op.window, samples));
    o.mask(op.mask, inputOf(op.window, samples));
    o.require(op.inputGradient != op.outputGradient, "inputGradient is outputGradient");
}

/// Operands of one and the same shape, the first one's.
void verifyAlike(std::initializer_list<std::pair<const char *, const Tensor *>> operands, const Operands &o)
{
    o.given(operands);
    const Tensor &first = *operands.begin()->second;
    for (const auto &[operand, tensor] : operands)
        o.samples(operand, *tensor, {first.features(), first.samples()});
}

void verify(const ops::Activate &op, const Operands &o)
{
    verifyAlike({{"input", op.input}, {"output", op.output}}, o);
}

void verify(const ops::ActivateGradient &op, const Operands &o)
{
    const bool looksAtInput = op.activation == Activation::Gelu;
    verifyAlike({{looksAtInput ? "input" : "output", looksAtInput ? op.input : op.output},
                 {"outputGradient", op.outputGradient},
                 {"inputGradient", op.inputGradient}},
                o);
}

void verify(const ops::Dropout &op, const Operands &o)
{
    verifyAlike({{"input", op.input}, {"output", op.output}}, o);
    o.require(op.rate >= 0 && op.rate < 1,
              "a rate of " + std::to_string(op.rate) + "; it goes from 0 to below 1");
}

/// input [C·positions, N] and [C] of each
void verifyChannels(std::int64_t channels, const Tensor &input,
                    std::initializer_list<std::pair<const char *, const Tensor *>> perChannel,
                    const Operands &o)
{
    o.require(channels > 0 && input.features() % channels == 0, std::to_string(input.features()) +
                                                                    " values a sample do not make " +
                                                                    std::to_string(channels) + " channels");
    o.given(perChannel);
    for (const auto &[operand, tensor] : perChannel)
        o.rows(operand, *tensor, {channels});
}

void verify(const ops::BatchNorm &op, const Operands &o)
{
    verifyAlike({{"input", op.input}, {"output", op.output}}, o);
    verifyChannels(op.channels, *op.input,
                   {{"gamma", op.gamma},
                    {"beta", op.beta},
                    {"mean", op.mean},
                    {"inverseDeviation", op.inverseDeviation},
                    {"runningMean", op.runningMean},
                    {"runningVariance", op.runningVariance}},
                   o);
}

void verify(const ops::BatchNormGradient &op, const Operands &o)
{
    verifyAlike({{"input", op.input}, {"outputGradient", op.outputGradient}}, o);
    verifyChannels(op.channels, *op.input, {{"mean", op.mean}, {"inverseDeviation", op.inverseDeviation}}, o);
    const Shape shape = {op.input->features(), op.input->samples()};
    if (op.inputGradient)
        o.samples("inputGradient", *op.inputGradient, shape);
    o.mask(op.mask, shape);
    o.trained("gamma", op.gamma, {op.channels}, op.rule);
    o.trained("beta", op.beta, {op.channels}, op.rule);
}

void verify(const ops::BatchNormFixed &op, const Operands &o)
{
    verifyAlike({{"input", op.input}, {"output", op.output}}, o);
    verifyChannels(op.channels, *op.input,
                   {{"gamma", op.gamma},
                    {"beta", op.beta},
                    {"runningMean", op.runningMean},
                    {"runningVariance", op.runningVariance}},
                   o);
}

void verify(const ops::Add &op, const Operands &o)
{
    verifyAlike({{"one", op.one}, {"other", op.other}, {"output", op.output}}, o);
}

void verify(const ops::SoftmaxCrossEntropy &op, const Operands &o)
{
    o.labelled(op.samples);
    verifyAlike({{"logits", op.logits}, {"gradient", op.gradient}}, o);
    o.given({{"losses", op.losses}});
    o.samples("losses", *op.losses, {1, op.logits->samples()});
    o.require(op.smoothing >= 0 && op.smoothing < 1,
              "a smoothing of " + std::to_string(op.smoothing) + "; it goes from 0 to below 1");
}

void verify(const ops::SoftmaxPrediction &op, const Operands &o)
{
    o.labelled(op.samples);
    verifyAlike({{"logits", op.logits}, {"probabilities", op.probabilities}}, o);
    o.given({{"losses", op.losses}});
    o.samples("losses", *op.losses, {1, op.logits->samples()});
}

void verify(const ops::AllReduce &op, const Operands &o)
{
    o.require(op.communicator, "no communicator");
    o.gradients(op.parameters);
}

void verify(const ops::ClipNorm &op, const Operands &o)
{
    o.require(op.limit > 0, "a limit of " + std::to_string(op.limit));
    o.gradients(op.parameters);
}

void verify(const ops::Update &op, const Operands &o)
{
    o.gradients({op.parameter});
    o.state("parameter", *op.parameter, op.rule);
}

} // namespace

Split splitOf(const Op &op)
{
    return std::visit([](const auto &operation) { return operation.split; }, op);
}

const char *nameOf(const Op &op)
{
    return names[op.index()];
}

void check(const Op &op)
{
    std::visit([&](const auto &operation) { verify(operation, Operands(nameOf(op))); }, op);
}

} // namespace bottega::engine
