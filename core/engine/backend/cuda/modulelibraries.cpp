// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cuda/cudaerror.h"
#include "core/engine/backend/cuda/devicecommunicator.h"
#include "core/engine/backend/cuda/module.h"
#include "core/engine/backend/cuda/turn.h"

#include <optional>

namespace bottega::engine::cuda {

namespace {

constexpr std::size_t workspaceBytes = std::size_t{32} << 20; // what cuBLAS takes for itself on large devices

BottegaLinear shapeOf(BottegaProduct product, const Tensor &weights, std::int64_t batch)
{
    BottegaLinear linear = {};
    linear.product = product;
    linear.out = weights.rows();
    linear.in = weights.columns();
    linear.batch = batch;
    return linear;
}

BottegaConvolution shapeOf(BottegaProduct product, const Window &window, const Tensor &weights, std::int64_t batch)
{
    BottegaConvolution c = {};
    c.product = product;
    c.batch = batch;
    c.channels = window.channels;
    c.height = window.height;
    c.width = window.width;
    c.out = weights.rows();
    c.outHeight = window.outHeight();
    c.outWidth = window.outWidth();
    c.kernel = window.kernel;
    c.stride = window.stride;
    c.padding = window.padding;
    return c;
}

std::optional<BottegaLinear> linearOf(const Op &op)
{
    if (const auto *forward = std::get_if<ops::LinearForward>(&op)) {
        BottegaLinear linear = shapeOf(bottegaForward, *forward->weights, forward->input->samples());
        linear.weights = forward->weights->data();
        linear.bias = forward->bias->data();
        linear.input = forward->input->data();
        linear.result = forward->output->data();
        linear.isRelu = forward->activation == Activation::Relu;
        return linear;
    }
    if (const auto *back = std::get_if<ops::LinearInputGradient>(&op)) {
        BottegaLinear linear = shapeOf(bottegaInputGradient, *back->weights, back->outputGradient->samples());
        linear.weights = back->weights->data();
        linear.gradient = back->outputGradient->data();
        linear.result = back->inputGradient->data();
        return linear;
    }
    if (const auto *weights = std::get_if<ops::LinearWeights>(&op)) {
        BottegaLinear linear = shapeOf(bottegaWeightGradient, weights->weights->value, weights->input->samples());
        linear.input = weights->input->data();
        linear.gradient = weights->outputGradient->data();
        linear.result = weights->weights->gradient.data();
        linear.biasGradient = weights->bias->gradient.data();
        return linear;
    }
    return {};
}

std::optional<BottegaConvolution> convolutionOf(const Op &op)
{
    if (const auto *forward = std::get_if<ops::ConvForward>(&op)) {
        BottegaConvolution c = shapeOf(bottegaForward, forward->window, *forward->weights, forward->input->samples());
        c.weights = forward->weights->data();
        return c;
    }
    if (const auto *back = std::get_if<ops::ConvInputGradient>(&op)) {
        BottegaConvolution c =
            shapeOf(bottegaInputGradient, back->window, *back->weights, back->outputGradient->samples());
        c.weights = back->weights->data();
        return c;
    }
    if (const auto *weights = std::get_if<ops::ConvWeights>(&op))
        return shapeOf(bottegaWeightGradient, weights->window, weights->weights->value, weights->input->samples());
    return {};
}

double work(const BottegaLinear &linear)
{
    return static_cast<double>(linear.out) * static_cast<double>(linear.in) * static_cast<double>(linear.batch);
}

double work(const BottegaConvolution &c)
{
    return static_cast<double>(c.out * c.channels * c.kernel * c.kernel) *
           static_cast<double>(c.outHeight * c.outWidth * c.batch);
}

std::int64_t inputs(const BottegaConvolution &c)
{
    return c.batch * c.channels * c.height * c.width;
}

std::int64_t outputs(const BottegaConvolution &c)
{
    return c.batch * c.out * c.outHeight * c.outWidth;
}

std::int64_t weightsOf(const BottegaConvolution &c)
{
    return c.out * c.channels * c.kernel * c.kernel;
}

/// Whole multiples of what the device's memory is aligned to.
std::int64_t padded(std::int64_t count)
{
    return (count + 63) / 64 * 64;
}

class ModuleLibraries final : public Libraries
{
public:
    ModuleLibraries(const BottegaCudaModule &module, std::shared_ptr<Queue> queue, Precision precision,
                    double worthwhile)
        : m_module(module), m_queue(std::move(queue)), m_precision(precision), m_worthwhile(worthwhile)
        , m_workspace(Buffer<std::byte>::onDevice(m_queue, workspaceBytes)), m_context(nullptr, module.close)
    {
        char error[bottegaErrorSize] = "";
        m_context.reset(m_module.open(m_queue->stream(), static_cast<int>(precision), m_workspace.data(),
                                      m_workspace.bytes(), error));
        if (!m_context)
            throw callFailed("opening the vendor libraries", m_queue->facts(), error);
    }

    std::string description() const override
    {
        std::string text;
        for (const auto &[library, name] : {std::pair{bottegaCublasLt, "cuBLASLt "}, {bottegaCudnn, "cuDNN "}}) {
            int isLoaded = 0;
            const char *version = m_module.describe(library, &isLoaded);
            if (isLoaded)
                text += (text.empty() ? "" : ", ") + std::string(name) + version;
        }
        if (text.empty())
            return "own kernels";
        return m_precision == Precision::Float32 ? text : text + ", " + std::string(nameOf(m_precision));
    }

    bool canJoin() const override
    {
        int isLoaded = 0;
        m_module.describe(bottegaNccl, &isLoaded);
        return isLoaded != 0;
    }

    std::unique_ptr<Communicator> join(Communicator &host) override { return joinDevices(m_module, host, m_queue); }

    std::size_t scratchFloats(const Op &op) override
    {
        if (const auto linear = linearOf(op); linear && takes(*linear))
            return static_cast<std::size_t>(padded(linear->out * linear->in) + linear->out);
        if (const auto c = convolutionOf(op); c && takes(*c))
            return static_cast<std::size_t>(padded(inputs(*c)) + padded(outputs(*c)) + padded(weightsOf(*c)) + c->out);
        return 0;
    }

    bool launch(const Op &op, const LaunchContext &context) override
    {
        if (auto linear = linearOf(op); linear && takes(*linear)) {
            runLinear(op, *linear, context);
            return true;
        }
        if (auto c = convolutionOf(op); c && takes(*c)) {
            runConvolution(op, *c, context);
            return true;
        }
        return false;
    }

private:
    bool takes(const BottegaLinear &linear)
    {
        return work(linear) >= m_worthwhile && isMine(&BottegaCudaModule::prepareLinear, linear);
    }
    bool takes(const BottegaConvolution &c)
    {
        return work(c) >= m_worthwhile && isMine(&BottegaCudaModule::prepareConvolution, c);
    }

    template <class Function, class Work>
    bool isMine(Function function, const Work &work)
    {
        char error[bottegaErrorSize] = "";
        const int outcome = (m_module.*function)(m_context.get(), &work, error);
        if (outcome == bottegaFailed)
            throw callFailed("planning a product", m_queue->facts(), error);
        return outcome == bottegaDone;
    }

    template <class Function, class Work>
    void run(const char *name, Function function, const Work &work)
    {
        char error[bottegaErrorSize] = "";
        if ((m_module.*function)(m_context.get(), &work, error) != bottegaDone)
            throw callFailed(name, m_queue->facts(), error);
    }

    void runLinear(const Op &op, BottegaLinear &linear, const LaunchContext &context)
    {
        const auto *weights = std::get_if<ops::LinearWeights>(&op);
        const bool isApplied = weights && !weights->weights->gradient;
        if (isApplied) {
            linear.result = context.scratch;
            linear.biasGradient = context.scratch + padded(linear.out * linear.in);
        }
        run("cublasLtMatmul", &BottegaCudaModule::runLinear, linear);
        if (const auto *back = std::get_if<ops::LinearInputGradient>(&op); back && back->mask)
            launchMask(*back->mask, *back->inputGradient, context.queue);
        if (isApplied) {
            launchUpdate(*weights->weights, linear.result, context.rule, context);
            launchUpdate(*weights->bias, linear.biasGradient, context.secondRule, context);
        }
    }

    void runConvolution(const Op &op, BottegaConvolution &c, const LaunchContext &context)
    {
        float *input = context.scratch, *output = input + padded(inputs(c));
        if (const auto *forward = std::get_if<ops::ConvForward>(&op)) {
            launchTurn(forward->input->data(), forward->input->features(), c.batch, input, context.queue);
            c.input = input;
            c.result = output;
            run("the forward convolution", &BottegaCudaModule::runConvolution, c);
            launchTurnWithBias(output, *forward->bias, forward->activation, *forward->output, context.queue);
        } else if (const auto *back = std::get_if<ops::ConvInputGradient>(&op)) {
            launchTurn(back->outputGradient->data(), back->outputGradient->features(), c.batch, output, context.queue);
            c.gradient = output;
            c.result = input;
            run("the convolution's input gradient", &BottegaCudaModule::runConvolution, c);
            launchTurn(input, c.batch, back->inputGradient->features(), back->inputGradient->data(), context.queue);
            if (back->mask)
                launchMask(*back->mask, *back->inputGradient, context.queue);
        } else if (const auto *weights = std::get_if<ops::ConvWeights>(&op)) {
            runConvWeights(*weights, c, input, output, context);
        }
    }

    void runConvWeights(const ops::ConvWeights &op, BottegaConvolution &c, float *input, float *output,
                        const LaunchContext &context)
    {
        const bool isApplied = !op.weights->gradient;
        float *slopes = isApplied ? output + padded(outputs(c)) : op.weights->gradient.data();
        float *biasSlopes = isApplied ? slopes + padded(weightsOf(c)) : op.bias->gradient.data();
        launchTurn(op.input->data(), op.input->features(), c.batch, input, context.queue);
        launchTurn(op.outputGradient->data(), op.outputGradient->features(), c.batch, output, context.queue);
        c.input = input;
        c.gradient = output;
        c.result = slopes;
        run("the convolution's weight gradient", &BottegaCudaModule::runConvolution, c);
        launchRowSums(op.outputGradient->data(), c.out, c.outHeight * c.outWidth * c.batch, biasSlopes, context.queue);
        if (isApplied) {
            launchUpdate(*op.weights, slopes, context.rule, context);
            launchUpdate(*op.bias, biasSlopes, context.secondRule, context);
        }
    }

    const BottegaCudaModule &m_module;
    std::shared_ptr<Queue> m_queue;
    Precision m_precision;
    double m_worthwhile;
    Buffer<std::byte> m_workspace;
    std::unique_ptr<BottegaContext, void (*)(BottegaContext *)> m_context;
};

} // namespace

std::shared_ptr<Libraries> makeLibraries(const BottegaCudaModule &module, const std::shared_ptr<Queue> &queue,
                                         Precision precision, double worthwhile)
{
    return std::make_shared<ModuleLibraries>(module, queue, precision, worthwhile);
}

} // namespace bottega::engine::cuda
