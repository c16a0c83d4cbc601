// SPDX-License-Identifier: Apache-2.0
// Pooling, window by window. Where windows neither overlap nor leave gaps (stride = kernel, no padding) each input value
// belongs to one of them, so that gradients are written once instead of being added up.

/// The part of a window that lies inside the input.
struct Inside
{
    std::ptrdiff_t top;
    std::ptrdiff_t bottom; // one beyond
    std::ptrdiff_t left;
    std::ptrdiff_t right;

    Inside(const Pooling &p, std::ptrdiff_t y, std::ptrdiff_t x)
        : top(y * p.stride - p.padding)
        , bottom(top + p.kernel < p.height ? top + p.kernel : p.height)
        , left(x * p.stride - p.padding)
        , right(left + p.kernel < p.width ? left + p.kernel : p.width)
    {
        top = top < 0 ? 0 : top;
        left = left < 0 ? 0 : left;
    }
};

/// Calls work(window, offset of the channel's input plane, offset of the output value) for every vector of every window.
template <class Work>
inline void forWindows(const Pooling &p, const Work &work)
{
    for (std::ptrdiff_t c = 0; c < p.channels; ++c) {
        const std::ptrdiff_t plane = c * p.height * p.width * block;
        for (std::ptrdiff_t y = 0; y < p.outHeight; ++y) {
            for (std::ptrdiff_t x = 0; x < p.outWidth; ++x) {
                const Inside window(p, y, x);
                const std::ptrdiff_t output = ((c * p.outHeight + y) * p.outWidth + x) * block;
                for (std::ptrdiff_t n = 0; n < block; n += lanes)
                    work(window, plane + n, output + n);
            }
        }
    }
}

template <class Work>
inline void forInside(const Pooling &p, const Inside &window, std::ptrdiff_t plane, const Work &work)
{
    for (std::ptrdiff_t y = window.top; y < window.bottom; ++y) {
        for (std::ptrdiff_t x = window.left; x < window.right; ++x)
            work(plane + (y * p.width + x) * block);
    }
}

void maxPool(const Pooling &p)
{
    forWindows(p, [&p](const Inside &window, std::ptrdiff_t plane, std::ptrdiff_t output) {
        Vector largest = load(p.input + plane + (window.top * p.width + window.left) * block);
        forInside(p, window, plane, [&](std::ptrdiff_t at) {
            const Vector value = load(p.input + at);
            largest = value > largest || value != value ? value : largest; // a NaN replaces any number, and stays
        });
        store(p.output + output, largest);
    });
}

inline bool isTiling(const Pooling &p)
{
    return p.stride == p.kernel && p.padding == 0;
}

inline Vector masked(const Pooling &p, std::ptrdiff_t at, Vector gradient)
{
    return p.mask ? (load(p.mask + at) > Vector{} ? gradient : Vector{}) : gradient;
}

inline std::ptrdiff_t inputCount(const Pooling &p)
{
    return p.channels * p.height * p.width * block;
}

inline void clearInputGradient(const Pooling &p)
{
    for (std::ptrdiff_t i = 0; i < inputCount(p); i += lanes)
        store(p.inputGradient + i, Vector{});
}

/// Gradients of windows that overlap are added up first and masked at the end.
inline void maskInputGradient(const Pooling &p)
{
    for (std::ptrdiff_t i = 0; p.mask && i < inputCount(p); i += lanes)
        store(p.inputGradient + i, masked(p, i, load(p.inputGradient + i)));
}

inline bool coversInput(const Pooling &p)
{
    return isTiling(p) && p.outHeight * p.kernel == p.height && p.outWidth * p.kernel == p.width;
}

void maxPoolGradient(const Pooling &p)
{
    if (!coversInput(p))
        clearInputGradient(p);
    const bool isOnce = isTiling(p);
    forWindows(p, [&p, isOnce](const Inside &window, std::ptrdiff_t plane, std::ptrdiff_t output) {
        const Vector largest = load(p.output + output);
        Vector gradient = load(p.outputGradient + output); // until its place is found
        forInside(p, window, plane, [&](std::ptrdiff_t at) {
            const Integers isPlace = load(p.input + at) == largest;
            const Vector share = isPlace ? gradient : Vector{};
            gradient = isPlace ? Vector{} : gradient;
            store(p.inputGradient + at, isOnce ? masked(p, at, share) : load(p.inputGradient + at) + share);
        });
    });
    if (!isOnce)
        maskInputGradient(p);
}

void averagePool(const Pooling &p)
{
    const float share = 1.0f / static_cast<float>(p.kernel * p.kernel);
    forWindows(p, [&p, share](const Inside &window, std::ptrdiff_t plane, std::ptrdiff_t output) {
        Vector sum = {};
        forInside(p, window, plane, [&](std::ptrdiff_t at) { sum += load(p.input + at); });
        store(p.output + output, sum * share);
    });
}

void averagePoolGradient(const Pooling &p)
{
    const float share = 1.0f / static_cast<float>(p.kernel * p.kernel);
    clearInputGradient(p);
    forWindows(p, [&p, share](const Inside &window, std::ptrdiff_t plane, std::ptrdiff_t output) {
        const Vector gradient = share * load(p.outputGradient + output);
        forInside(p, window, plane,
                  [&](std::ptrdiff_t at) { store(p.inputGradient + at, load(p.inputGradient + at) + gradient); });
    });
    maskInputGradient(p);
}
