// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cuda/module/cudnn.h"

#include "core/engine/backend/cuda/module/sharedlibrary.h"

#include <algorithm>
#include <array>
#include <cudnn.h>
#include <map>
#include <stdexcept>
#include <vector>

namespace bottega::cudamodule {

namespace {

/// The functions that are used, by their own names.
struct Api
{
    SharedLibrary library{"libcudnn.so.9", "libcudnn_graph.so.9"};
    decltype(::cudnnGetVersion) *getVersion;
    decltype(::cudnnGetErrorString) *getErrorString;
    decltype(::cudnnCreate) *create;
    decltype(::cudnnDestroy) *destroy;
    decltype(::cudnnSetStream) *setStream;
    decltype(::cudnnBackendCreateDescriptor) *createDescriptor;
    decltype(::cudnnBackendDestroyDescriptor) *destroyDescriptor;
    decltype(::cudnnBackendSetAttribute) *setAttribute;
    decltype(::cudnnBackendGetAttribute) *getAttribute;
    decltype(::cudnnBackendFinalize) *finalize;
    decltype(::cudnnBackendExecute) *execute;
    std::string text;

    Api()
    {
        library.bind(getVersion, "cudnnGetVersion");
        library.bind(getErrorString, "cudnnGetErrorString");
        library.bind(create, "cudnnCreate");
        library.bind(destroy, "cudnnDestroy");
        library.bind(setStream, "cudnnSetStream");
        library.bind(createDescriptor, "cudnnBackendCreateDescriptor");
        library.bind(destroyDescriptor, "cudnnBackendDestroyDescriptor");
        library.bind(setAttribute, "cudnnBackendSetAttribute");
        library.bind(getAttribute, "cudnnBackendGetAttribute");
        library.bind(finalize, "cudnnBackendFinalize");
        library.bind(execute, "cudnnBackendExecute");
        text = library.isLoaded() ? versionText(getVersion()) : library.why();
    }
};

Api &api()
{
    static Api loaded;
    return loaded;
}

void check(cudnnStatus_t status, const char *call)
{
    if (status != CUDNN_STATUS_SUCCESS)
        throw std::runtime_error(std::string(call) + " failed: " + api().getErrorString(status));
}

class Descriptor
{
public:
    Descriptor() = default;
    explicit Descriptor(cudnnBackendDescriptorType_t type)
    {
        check(api().createDescriptor(type, &m_handle), "cudnnBackendCreateDescriptor");
    }
    Descriptor(Descriptor &&other) noexcept { std::swap(m_handle, other.m_handle); }
    Descriptor &operator=(Descriptor &&other) noexcept
    {
        std::swap(m_handle, other.m_handle);
        return *this;
    }
    ~Descriptor()
    {
        if (m_handle)
            static_cast<void>(api().destroyDescriptor(m_handle));
    }

    template <class T>
    void set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, const T &value)
    {
        check(api().setAttribute(m_handle, name, type, 1, &value), "cudnnBackendSetAttribute");
    }
    template <class T>
    void setAll(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, const std::vector<T> &values)
    {
        check(api().setAttribute(m_handle, name, type, static_cast<std::int64_t>(values.size()), values.data()),
              "cudnnBackendSetAttribute");
    }
    void set(cudnnBackendAttributeName_t name, const Descriptor &value)
    {
        set(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, value.m_handle);
    }
    void finalize() { check(api().finalize(m_handle), "cudnnBackendFinalize"); }
    [[nodiscard]] bool canFinalize() { return api().finalize(m_handle) == CUDNN_STATUS_SUCCESS; }
    [[nodiscard]] cudnnBackendDescriptor_t get() const { return m_handle; }

private:
    cudnnBackendDescriptor_t m_handle = nullptr;
};

enum Operand : std::int64_t { Input = 1, Weights = 2, Output = 3 };

/// Dense, outermost first.
Descriptor tensorOf(Operand id, const std::vector<std::int64_t> &extents)
{
    std::vector<std::int64_t> strides(extents.size(), 1);
    for (std::size_t i = extents.size() - 1; i > 0; --i)
        strides[i - 1] = strides[i] * extents[i];
    Descriptor tensor(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    tensor.set(CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT);
    tensor.setAll(CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, extents);
    tensor.setAll(CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, strides);
    tensor.set(CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, static_cast<std::int64_t>(id));
    tensor.set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, std::int64_t{16});
    tensor.finalize();
    return tensor;
}

Descriptor convolutionOf(const BottegaConvolution &c)
{
    const auto both = [](std::int64_t value) { return std::vector<std::int64_t>{value, value}; };
    Descriptor convolution(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
    convolution.set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT);
    convolution.set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, CUDNN_CROSS_CORRELATION);
    convolution.set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, std::int64_t{2});
    convolution.setAll(CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, both(1));
    convolution.setAll(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, both(c.stride));
    convolution.setAll(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, both(c.padding));
    convolution.setAll(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, both(c.padding));
    convolution.finalize();
    return convolution;
}

/// What the three directions call their operands.
struct Direction
{
    cudnnBackendDescriptorType_t type;
    cudnnBackendAttributeName_t alpha, beta, convolution, input, weights, output;
};

Direction directionOf(BottegaProduct product)
{
    switch (product) {
    case bottegaInputGradient:
        return {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
                CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
                CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA,
                CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
                CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
                CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
                CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY};
    case bottegaWeightGradient:
        return {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
                CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
                CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA,
                CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
                CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
                CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
                CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY};
    default:
        return {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
                CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
                CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA,
                CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
                CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
                CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
                CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y};
    }
}

/// A graph of one operation, with what it refers to.
struct OperationGraph
{
    Descriptor input, weights, output, convolution, operation, graph;

    OperationGraph(cudnnHandle_t handle, const BottegaConvolution &c)
        : input(tensorOf(Input, {c.batch, c.channels, c.height, c.width}))
        , weights(tensorOf(Weights, {c.out, c.channels, c.kernel, c.kernel}))
        , output(tensorOf(Output, {c.batch, c.out, c.outHeight, c.outWidth}))
        , convolution(convolutionOf(c))
    {
        const Direction direction = directionOf(c.product);
        operation = Descriptor(direction.type);
        operation.set(direction.alpha, CUDNN_TYPE_FLOAT, 1.0f);
        operation.set(direction.beta, CUDNN_TYPE_FLOAT, 0.0f);
        operation.set(direction.convolution, convolution);
        operation.set(direction.input, input);
        operation.set(direction.weights, weights);
        operation.set(direction.output, output);
        operation.finalize();
        graph = Descriptor(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
        graph.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, handle);
        graph.set(CUDNN_ATTR_OPERATIONGRAPH_OPS, operation);
        graph.finalize();
    }
};

/// The library's proposals, best first.
std::vector<Descriptor> enginesFor(const OperationGraph &graph)
{
    constexpr std::size_t most = 16;
    Descriptor heuristic(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
    heuristic.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph.graph);
    heuristic.set(CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, CUDNN_HEUR_MODE_A);
    if (!heuristic.canFinalize())
        return {};
    std::vector<Descriptor> engines;
    std::vector<cudnnBackendDescriptor_t> handles;
    for (std::size_t i = 0; i < most; ++i) {
        engines.emplace_back(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
        handles.push_back(engines.back().get());
    }
    std::int64_t count = 0;
    check(api().getAttribute(heuristic.get(), CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR,
                             static_cast<std::int64_t>(most), &count, handles.data()),
          "cudnnBackendGetAttribute");
    engines.resize(static_cast<std::size_t>(std::clamp<std::int64_t>(count, 0, most)));
    return engines;
}

bool isWanted(const Descriptor &configuration, int precision)
{
    const Descriptor engine(CUDNN_BACKEND_ENGINE_DESCRIPTOR);
    cudnnBackendDescriptor_t handle = engine.get();
    std::int64_t count = 0;
    check(api().getAttribute(configuration.get(), CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &count,
                             &handle),
          "cudnnBackendGetAttribute");
    std::array<cudnnBackendNumericalNote_t, CUDNN_NUMERICAL_NOTE_TYPE_COUNT> notes = {};
    check(api().getAttribute(handle, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE,
                             static_cast<std::int64_t>(notes.size()), &count, notes.data()),
          "cudnnBackendGetAttribute");
    return std::none_of(notes.begin(), notes.begin() + std::clamp<std::int64_t>(count, 0, notes.size()), [&](auto note) {
        return note == CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC ||
               (precision == bottegaFloat32 && note == CUDNN_NUMERICAL_NOTE_TENSOR_CORE);
    });
}

struct Plan
{
    Descriptor engine; // belongs to the plan below
    Descriptor plan;
    bool isFound = false;
};

struct PlanKey
{
    std::array<std::int64_t, 11> values;
    bool operator<(const PlanKey &other) const { return values < other.values; }
};

PlanKey keyOf(const BottegaConvolution &c)
{
    return {{c.product, c.batch, c.channels, c.height, c.width, c.out, c.outHeight, c.outWidth, c.kernel, c.stride, c.padding}};
}

} // namespace

struct Cudnn::State
{
    cudnnHandle_t handle = nullptr;
    int precision = bottegaFloat32;
    void *workspace = nullptr;
    std::size_t workspaceBytes = 0;
    std::map<PlanKey, Plan> plans;

    ~State()
    {
        plans.clear();
        if (handle)
            static_cast<void>(api().destroy(handle));
    }

    Plan &planFor(const BottegaConvolution &c)
    {
        const auto known = plans.find(keyOf(c));
        return known != plans.end() ? known->second : plans.emplace(keyOf(c), make(c)).first->second;
    }

    /// The first proposal that may be used, fits the workspace and can be made.
    Plan make(const BottegaConvolution &c)
    {
        const OperationGraph graph(handle, c);
        for (Descriptor &engine : enginesFor(graph)) {
            if (!isWanted(engine, precision))
                continue;
            Plan plan{std::move(engine), Descriptor(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR), false};
            plan.plan.set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, handle);
            plan.plan.set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, plan.engine);
            plan.isFound = plan.plan.canFinalize() && fits(plan.plan);
            if (plan.isFound)
                return plan;
        }
        return {};
    }

    bool fits(const Descriptor &plan) const
    {
        std::int64_t bytes = 0, count = 0;
        check(api().getAttribute(plan.get(), CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1, &count, &bytes),
              "cudnnBackendGetAttribute");
        return bytes <= static_cast<std::int64_t>(workspaceBytes);
    }

    void convolve(const BottegaConvolution &c)
    {
        const std::vector<const void *> pointers = {c.product == bottegaInputGradient ? c.result : c.input,
                                                    c.product == bottegaWeightGradient ? c.result : c.weights,
                                                    c.product == bottegaForward ? c.result : c.gradient};
        const std::vector<std::int64_t> ids = {Input, Weights, Output};
        Descriptor pack(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
        pack.setAll(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, pointers);
        pack.setAll(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, ids);
        pack.set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, workspace);
        pack.finalize();
        check(api().execute(handle, planFor(c).plan.get(), pack.get()), "cudnnBackendExecute");
    }
};

const char *Cudnn::describe(bool &isLoaded)
{
    isLoaded = api().library.isLoaded();
    return api().text.c_str();
}

Cudnn::Cudnn(void *stream, int precision, void *workspace, std::size_t workspaceBytes) : m_state(std::make_unique<State>())
{
    m_state->precision = precision;
    m_state->workspace = workspace;
    m_state->workspaceBytes = workspaceBytes;
    check(api().create(&m_state->handle), "cudnnCreate");
    check(api().setStream(m_state->handle, static_cast<cudaStream_t>(stream)), "cudnnSetStream");
}

Cudnn::~Cudnn() = default;

int Cudnn::prepare(const BottegaConvolution &convolution, char *error)
{
    try {
        return m_state->planFor(convolution).isFound ? bottegaDone : bottegaNotMine;
    } catch (const std::exception &exception) {
        tell(error, exception.what());
        return bottegaFailed;
    }
}

int Cudnn::run(const BottegaConvolution &convolution, char *error)
{
    try {
        m_state->convolve(convolution);
        return bottegaDone;
    } catch (const std::exception &exception) {
        tell(error, exception.what());
        return bottegaFailed;
    }
}

} // namespace bottega::cudamodule
