// SPDX-License-Identifier: Apache-2.0
// One channel of a batch norm, over all blocks and positions. Columns beyond the last sample count for nothing.

/// Calls work(offset, 1 for samples and 0 beyond) for every vector of the channel.
template <class Work>
inline void forChannel(const ChannelNorm &c, const Work &work)
{
    for (std::ptrdiff_t b = 0; b < c.blocks; ++b) {
        for (std::ptrdiff_t n = 0; n < block; n += lanes) {
            const Vector mask = present(b * block + n, c.samples);
            for (std::ptrdiff_t position = 0; position < c.positions; ++position)
                work(b * c.blockStride + position * block + n, mask);
        }
    }
}

inline float meanOf(const ChannelNorm &c, float sum)
{
    return sum / static_cast<float>(c.samples * c.positions);
}

void channelMoments(const ChannelNorm &c, float &mean, float &variance)
{
    Vector sums = {};
    forChannel(c, [&](std::ptrdiff_t at, Vector mask) { sums += mask * load(c.input + at); });
    const float middle = meanOf(c, total(sums));
    Vector squared = {};
    forChannel(c, [&](std::ptrdiff_t at, Vector mask) {
        const Vector distance = mask * (load(c.input + at) - middle);
        squared += distance * distance;
    });
    mean = middle;
    variance = meanOf(c, total(squared));
}

void channelScale(const ChannelNorm &c, float mean, float factor, float offset)
{
    forChannel(c, [&](std::ptrdiff_t at, Vector) { store(c.output + at, (load(c.input + at) - mean) * factor + offset); });
}

void channelGradientSums(const ChannelNorm &c, float mean, float inverseDeviation, float &gradientSum, float &productSum)
{
    Vector gradients = {}, products = {};
    forChannel(c, [&](std::ptrdiff_t at, Vector mask) {
        const Vector gradient = mask * load(c.outputGradient + at);
        gradients += gradient;
        products += gradient * ((load(c.input + at) - mean) * inverseDeviation);
    });
    gradientSum = total(gradients);
    productSum = total(products);
}

void channelGradient(const ChannelNorm &c, float mean, float inverseDeviation, float meanGradient, float meanProduct,
                     float factor)
{
    forChannel(c, [&](std::ptrdiff_t at, Vector mask) {
        const Vector normal = (load(c.input + at) - mean) * inverseDeviation;
        const Vector gradient = mask * factor * (load(c.outputGradient + at) - meanGradient - normal * meanProduct);
        store(c.output + at, c.mask ? (load(c.mask + at) > Vector{} ? gradient : Vector{}) : gradient);
    });
}
