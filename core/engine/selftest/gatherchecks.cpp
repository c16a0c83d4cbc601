// SPDX-License-Identifier: Apache-2.0
#include "core/engine/selftest/checks.h"

namespace bottega::engine::selftesting {

namespace {

constexpr double closeTo = 3e-7;      // one rounding
constexpr double movedCloseTo = 1e-5; // places between pixels are rounded too, and their sines by each device

void check(Rig &rig, const std::string &name, const Shape &picture, std::int64_t batch,
           const Augmentation &augmentation)
{
    const TwinSamples samples = rig.samples(picture, batch, 10);
    Twin input = rig.activations({picture[0], picture[1], picture[2], batch});
    rig.run(
        [&](Side side) {
            return Program{ops::Gather{side(samples), side(input), augmentation, 9}};
        },
        samples.indices);
    rig.compare(name, shapeText(input.expected.shape()), augmentation.isActive() ? movedCloseTo : closeTo,
                {&input});
}

} // namespace

void checkGather(Rig &rig)
{
    for (const std::int64_t batch : batches) {
        check(rig, "Gather", {1, 28, 28}, batch, {});
        check(rig, "Gather", {3, 5, 7}, batch, {});
        check(rig, "Gather, moved", {1, 28, 28}, batch, {2, 10, 0.1f, 0});
        check(rig, "Gather, moved and bent", {3, 9, 8}, batch, {1, 15, 0.2f, 2});
    }
}

} // namespace bottega::engine::selftesting
