// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cuda/module/cublaslt.h"

#include "core/engine/backend/cuda/module/sharedlibrary.h"

#include <cublasLt.h>
#include <map>
#include <stdexcept>
#include <tuple>

namespace bottega::cudamodule {

namespace {

/// The functions that are used, by their own names.
struct Api
{
    SharedLibrary library{"libcublasLt.so.13", "libcublasLt.so.12"};
    decltype(::cublasLtGetVersion) *getVersion;
    decltype(::cublasLtGetStatusString) *getStatusString;
    decltype(::cublasLtCreate) *create;
    decltype(::cublasLtDestroy) *destroy;
    decltype(::cublasLtMatmul) *matmul;
    decltype(::cublasLtMatmulDescCreate) *matmulDescCreate;
    decltype(::cublasLtMatmulDescDestroy) *matmulDescDestroy;
    decltype(::cublasLtMatmulDescSetAttribute) *matmulDescSetAttribute;
    decltype(::cublasLtMatrixLayoutCreate) *matrixLayoutCreate;
    decltype(::cublasLtMatrixLayoutDestroy) *matrixLayoutDestroy;
    decltype(::cublasLtMatrixLayoutSetAttribute) *matrixLayoutSetAttribute;
    decltype(::cublasLtMatmulPreferenceCreate) *preferenceCreate;
    decltype(::cublasLtMatmulPreferenceDestroy) *preferenceDestroy;
    decltype(::cublasLtMatmulPreferenceSetAttribute) *preferenceSetAttribute;
    decltype(::cublasLtMatmulAlgoGetHeuristic) *getHeuristic;
    std::string text;

    Api()
    {
        library.bind(getVersion, "cublasLtGetVersion");
        library.bind(getStatusString, "cublasLtGetStatusString");
        library.bind(create, "cublasLtCreate");
        library.bind(destroy, "cublasLtDestroy");
        library.bind(matmul, "cublasLtMatmul");
        library.bind(matmulDescCreate, "cublasLtMatmulDescCreate");
        library.bind(matmulDescDestroy, "cublasLtMatmulDescDestroy");
        library.bind(matmulDescSetAttribute, "cublasLtMatmulDescSetAttribute");
        library.bind(matrixLayoutCreate, "cublasLtMatrixLayoutCreate");
        library.bind(matrixLayoutDestroy, "cublasLtMatrixLayoutDestroy");
        library.bind(matrixLayoutSetAttribute, "cublasLtMatrixLayoutSetAttribute");
        library.bind(preferenceCreate, "cublasLtMatmulPreferenceCreate");
        library.bind(preferenceDestroy, "cublasLtMatmulPreferenceDestroy");
        library.bind(preferenceSetAttribute, "cublasLtMatmulPreferenceSetAttribute");
        library.bind(getHeuristic, "cublasLtMatmulAlgoGetHeuristic");
        text = library.isLoaded() ? versionText(getVersion()) : library.why();
    }
};

Api &api()
{
    static Api loaded;
    return loaded;
}

void check(cublasStatus_t status, const char *call)
{
    if (status != CUBLAS_STATUS_SUCCESS)
        throw std::runtime_error(std::string(call) + " failed: " + api().getStatusString(status));
}

/// A matrix in memory; column-major unless `isRowMajor`.
class Layout
{
public:
    Layout() = default;
    Layout(std::int64_t rows, std::int64_t columns, std::int64_t leading, bool isRowMajor)
    {
        check(api().matrixLayoutCreate(&m_handle, CUDA_R_32F, static_cast<std::uint64_t>(rows),
                                       static_cast<std::uint64_t>(columns), leading),
              "cublasLtMatrixLayoutCreate");
        const cublasLtOrder_t order = isRowMajor ? CUBLASLT_ORDER_ROW : CUBLASLT_ORDER_COL;
        check(api().matrixLayoutSetAttribute(m_handle, CUBLASLT_MATRIX_LAYOUT_ORDER, &order, sizeof order),
              "cublasLtMatrixLayoutSetAttribute");
    }
    Layout(Layout &&other) noexcept { std::swap(m_handle, other.m_handle); }
    Layout &operator=(Layout &&other) noexcept
    {
        std::swap(m_handle, other.m_handle);
        return *this;
    }
    ~Layout()
    {
        if (m_handle)
            static_cast<void>(api().matrixLayoutDestroy(m_handle));
    }
    [[nodiscard]] cublasLtMatrixLayout_t get() const { return m_handle; }

private:
    cublasLtMatrixLayout_t m_handle = nullptr;
};

/// How one product is computed. d = op(a) · op(b).
struct Plan
{
    cublasLtMatmulDesc_t description = nullptr;
    Layout a, b, d;
    cublasLtMatmulAlgo_t algorithm = {};
    bool isFound = false;

    Plan() = default;
    Plan(const Plan &) = delete;
    Plan &operator=(const Plan &) = delete;
    ~Plan()
    {
        if (description)
            static_cast<void>(api().matmulDescDestroy(description));
    }

    template <class T>
    void set(cublasLtMatmulDescAttributes_t attribute, const T &value)
    {
        check(api().matmulDescSetAttribute(description, attribute, &value, sizeof value), "cublasLtMatmulDescSetAttribute");
    }
};

cublasComputeType_t computeType(int precision)
{
    switch (precision) {
    case bottegaTf32: return CUBLAS_COMPUTE_32F_FAST_TF32;
    case bottegaBfloat16: return CUBLAS_COMPUTE_32F_FAST_16BF;
    default: return CUBLAS_COMPUTE_32F;
    }
}

using Key = std::tuple<int, std::int64_t, std::int64_t, std::int64_t, int>;

Key keyOf(const BottegaLinear &linear)
{
    return {linear.product, linear.out, linear.in, linear.batch, linear.isRelu};
}

/// Our matrices are row-major, which are columns of their transposes. The forward product stays row-major, so that the bias
/// runs along the rows of the result, as the epilogue wants it; the gradients are computed transposed:
/// input gradientᵀ [N, in] = gradientᵀ [N, out] · weights [out, in], weight gradientᵀ [in, out] = input [in, N] · gradientᵀ.
void fill(const BottegaLinear &l, Plan &plan)
{
    const cublasOperation_t turned = CUBLAS_OP_T;
    switch (l.product) {
    case bottegaForward:
        plan.a = Layout(l.out, l.in, l.in, true);
        plan.b = Layout(l.in, l.batch, l.batch, true);
        plan.d = Layout(l.out, l.batch, l.batch, true);
        plan.set(CUBLASLT_MATMUL_DESC_EPILOGUE, l.isRelu ? CUBLASLT_EPILOGUE_RELU_BIAS : CUBLASLT_EPILOGUE_BIAS);
        plan.set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, l.bias);
        break;
    case bottegaInputGradient:
        plan.a = Layout(l.batch, l.out, l.batch, false);
        plan.b = Layout(l.in, l.out, l.in, false);
        plan.d = Layout(l.batch, l.in, l.batch, false);
        plan.set(CUBLASLT_MATMUL_DESC_TRANSB, turned);
        break;
    case bottegaWeightGradient:
        plan.a = Layout(l.batch, l.in, l.batch, false);
        plan.b = Layout(l.batch, l.out, l.batch, false);
        plan.d = Layout(l.in, l.out, l.in, false);
        plan.set(CUBLASLT_MATMUL_DESC_TRANSA, turned);
        plan.set(CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_BGRADB);
        break;
    }
}

const float *leftOf(const BottegaLinear &l)
{
    return l.product == bottegaForward ? l.weights : l.product == bottegaInputGradient ? l.gradient : l.input;
}

const float *rightOf(const BottegaLinear &l)
{
    return l.product == bottegaForward ? l.input : l.product == bottegaInputGradient ? l.weights : l.gradient;
}

} // namespace

struct CublasLt::State
{
    cublasLtHandle_t handle = nullptr;
    cudaStream_t stream = nullptr;
    int precision = bottegaFloat32;
    void *workspace = nullptr;
    std::size_t workspaceBytes = 0;
    std::map<Key, std::unique_ptr<Plan>> plans;

    ~State()
    {
        plans.clear();
        if (handle)
            static_cast<void>(api().destroy(handle));
    }

    Plan &planFor(const BottegaLinear &linear)
    {
        std::unique_ptr<Plan> &plan = plans[keyOf(linear)];
        if (!plan)
            plan = make(linear);
        return *plan;
    }

    std::unique_ptr<Plan> make(const BottegaLinear &linear)
    {
        auto plan = std::make_unique<Plan>();
        check(api().matmulDescCreate(&plan->description, computeType(precision), CUDA_R_32F), "cublasLtMatmulDescCreate");
        fill(linear, *plan);
        if (linear.product == bottegaWeightGradient)
            plan->set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, workspace); // any place: the real one follows with each run
        choose(*plan);
        return plan;
    }

    /// isFound stays false where the library has nothing for this shape and epilogue.
    void choose(Plan &plan)
    {
        cublasLtMatmulPreference_t preference = nullptr;
        check(api().preferenceCreate(&preference), "cublasLtMatmulPreferenceCreate");
        const std::unique_ptr<cublasLtMatmulPreferenceOpaque_t, cublasStatus_t (*)(cublasLtMatmulPreference_t)> owner(
            preference, api().preferenceDestroy);
        check(api().preferenceSetAttribute(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &workspaceBytes,
                                           sizeof workspaceBytes),
              "cublasLtMatmulPreferenceSetAttribute");
        cublasLtMatmulHeuristicResult_t result = {};
        int found = 0;
        const cublasStatus_t status = api().getHeuristic(handle, plan.description, plan.a.get(), plan.b.get(), plan.d.get(),
                                                         plan.d.get(), preference, 1, &result, &found);
        plan.isFound = status == CUBLAS_STATUS_SUCCESS && found > 0 && result.state == CUBLAS_STATUS_SUCCESS;
        plan.algorithm = result.algo;
    }

    void multiply(const BottegaLinear &l)
    {
        Plan &plan = planFor(l);
        if (l.product == bottegaForward)
            plan.set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, l.bias);
        if (l.product == bottegaWeightGradient)
            plan.set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, l.biasGradient);
        const float one = 1, zero = 0;
        check(api().matmul(handle, plan.description, &one, leftOf(l), plan.a.get(), rightOf(l), plan.b.get(), &zero,
                           l.result, plan.d.get(), l.result, plan.d.get(), &plan.algorithm, workspace, workspaceBytes,
                           stream),
              "cublasLtMatmul");
    }
};

const char *CublasLt::describe(bool &isLoaded)
{
    isLoaded = api().library.isLoaded();
    return api().text.c_str();
}

CublasLt::CublasLt(void *stream, int precision, void *workspace, std::size_t workspaceBytes)
    : m_state(std::make_unique<State>())
{
    m_state->stream = static_cast<cudaStream_t>(stream);
    m_state->precision = precision;
    m_state->workspace = workspace;
    m_state->workspaceBytes = workspaceBytes;
    check(api().create(&m_state->handle), "cublasLtCreate");
}

CublasLt::~CublasLt() = default;

int CublasLt::prepare(const BottegaLinear &linear, char *error)
{
    try {
        return m_state->planFor(linear).isFound ? bottegaDone : bottegaNotMine;
    } catch (const std::exception &exception) {
        tell(error, exception.what());
        return bottegaFailed;
    }
}

int CublasLt::run(const BottegaLinear &linear, char *error)
{
    try {
        m_state->multiply(linear);
        return bottegaDone;
    } catch (const std::exception &exception) {
        tell(error, exception.what());
        return bottegaFailed;
    }
}

} // namespace bottega::cudamodule
