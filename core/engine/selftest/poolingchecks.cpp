// SPDX-License-Identifier: Apache-2.0
#include "core/engine/selftest/checks.h"

#include <cmath>

namespace bottega::engine::selftesting {

namespace {

constexpr double closeTo = 1e-6; // sums of at most 25 values

/// Whole numbers, few of them: many windows have several largest values, and some only negative ones.
Twin withTies(Rig &rig, const Shape &shape)
{
    std::vector<float> values = rig.normals(static_cast<std::size_t>(elementCount(shape)));
    for (float &value : values)
        value = std::round(value) - 1;
    return rig.make(shape, Layout::Samples, values);
}

void check(Rig &rig, const Window &w, std::int64_t batch, bool isMasked)
{
    const Shape inside = {w.channels, w.height, w.width, batch};
    const Shape outside = {w.channels, w.outHeight(), w.outWidth(), batch};
    const std::string text = windowText(w) + ", " + std::to_string(batch);
    const std::string masked = isMasked ? ", masked" : "";
    const Twin x = isMasked ? rig.rectified(inside) : withTies(rig, inside), dy = rig.gradients(outside);
    Twin y = rig.activations(outside), dx = rig.gradients(inside);
    rig.run([&](Side side) {
        return Program{
            ops::MaxPool{w, side(x), side(y)},
            ops::MaxPoolGradient{w, side(x), side(y), side(dy), isMasked ? side(x) : nullptr, side(dx)}};
    });
    rig.compare("MaxPool", text, 0, {&y});
    rig.compare("MaxPoolGradient" + masked, text, closeTo, {&dx});

    Twin mean = rig.activations(outside), meanGradient = rig.gradients(inside);
    rig.run([&](Side side) {
        return Program{
            ops::AveragePool{w, side(x), side(mean)},
            ops::AveragePoolGradient{w, side(dy), isMasked ? side(x) : nullptr, side(meanGradient)}};
    });
    rig.compare("AveragePool", text, closeTo, {&mean});
    rig.compare("AveragePoolGradient" + masked, text, closeTo, {&meanGradient});
}

} // namespace

void checkPooling(Rig &rig)
{
    constexpr std::array<std::int64_t, 4> channels = {1, 3, 20, 50};
    std::size_t turn = 0;
    for (const std::int64_t kernel : {1, 2, 3, 5}) {
        for (const std::int64_t stride : {1, 2, 3}) {
            for (std::int64_t padding = 0; padding < std::min<std::int64_t>(kernel, 3); ++padding) {
                const std::int64_t batch = batches[turn % batches.size()];
                check(rig, {channels[turn % channels.size()], 7, 6, kernel, stride, padding}, batch, false);
                check(rig, {channels[(turn + 1) % channels.size()], 6, 8, kernel, stride, padding}, batch,
                      true);
                ++turn;
            }
        }
    }
    for (const std::int64_t batch : batches)
        check(rig, {20, 24, 24, 2, 2, 0}, batch, batch % 2 == 1);
}

} // namespace bottega::engine::selftesting
