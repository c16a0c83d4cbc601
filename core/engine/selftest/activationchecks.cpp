// SPDX-License-Identifier: Apache-2.0
#include "core/engine/selftest/checks.h"

#include <utility>

namespace bottega::engine::selftesting {

namespace {

constexpr double exactly = 0;
constexpr double closeTo = 2e-6; // exponentials and error functions of float32

constexpr std::array functions = {std::tuple{Activation::None, "None", exactly, exactly},
                                  std::tuple{Activation::Relu, "ReLU", exactly, exactly},
                                  std::tuple{Activation::Gelu, "GELU", closeTo, closeTo},
                                  std::tuple{Activation::Tanh, "tanh", closeTo, closeTo}};

/// Wide enough to reach where the functions are flat; the first one is not, to measure the others by.
Twin wide(Rig &rig, const Shape &shape)
{
    std::vector<float> values = rig.normals(static_cast<std::size_t>(elementCount(shape)));
    for (float &value : values)
        value *= 4;
    values.front() = 2;
    return rig.make(shape, Layout::Samples, values);
}

void check(Rig &rig, const Shape &shape)
{
    for (const auto &[activation, name, tolerance, slopeTolerance] : functions) {
        const Activation function = activation;
        const Twin x = wide(rig, shape), dy = rig.gradients(shape);
        Twin y = rig.activations(shape), dx = rig.gradients(shape);
        rig.run([&](Side side) {
            return Program{ops::Activate{function, side(x), side(y)},
                           ops::ActivateGradient{function, side(x), side(y), side(dy), side(dx)}};
        });
        rig.compare("Activate, " + std::string(name), shapeText(shape), tolerance, {&y});
        rig.compare("ActivateGradient, " + std::string(name), shapeText(shape), slopeTolerance, {&dx});
    }
}

void checkInPlace(Rig &rig, const Shape &shape)
{
    for (const Activation function : {Activation::Relu, Activation::Tanh}) {
        Twin x = rig.activations(shape), dx = rig.gradients(shape);
        rig.run([&](Side side) {
            return Program{ops::Activate{function, side(x), side(x)},
                           ops::ActivateGradient{function, side(x), side(x), side(dx), side(dx)}};
        });
        rig.compare(function == Activation::Relu ? "Activate in place, ReLU" : "Activate in place, tanh",
                    shapeText(shape), function == Activation::Relu ? exactly : closeTo, {&x, &dx});
    }
}

void checkAdd(Rig &rig, const Shape &shape)
{
    const Twin one = rig.activations(shape), other = rig.activations(shape);
    Twin sum = rig.activations(shape), onto = rig.activations(shape);
    rig.run([&](Side side) {
        return Program{ops::Add{side(one), side(other), side(sum)},
                       ops::Add{side(onto), side(other), side(onto)},
                       ops::Add{side(one), side(onto), side(onto)}};
    });
    rig.compare("Add", shapeText(shape), exactly, {&sum, &onto});
}

} // namespace

void checkActivations(Rig &rig)
{
    for (const std::int64_t batch : batches) {
        for (const Shape &shape : {Shape{1, batch}, Shape{47, batch}, Shape{3, 5, 7, batch}}) {
            check(rig, shape);
            checkInPlace(rig, shape);
            checkAdd(rig, shape);
        }
    }
}

/// Bit by bit: which values survive is the same on every device.
void checkDropout(Rig &rig)
{
    for (const std::int64_t batch : batches) {
        for (const float rate : {0.0f, 0.1f, 0.5f, 0.9f}) {
            const Shape shape = {100, batch};
            const Twin x = rig.activations(shape);
            Twin one = rig.activations(shape), both = rig.activations(shape), gradient = rig.gradients(shape);
            const auto make = [&](Twin &output) {
                return [&](Side side) {
                    return Program{ops::Dropout{rate, 123456789012345, side(x), side(output)}};
                };
            };
            const std::array<StepInputs, 2> steps = {StepInputs{{}, 1, 0}, StepInputs{{}, 2, 0}};
            rig.run(make(one), {steps.data(), 1});
            rig.run(make(both), steps); // the second step's is what remains
            rig.run([&](Side side) {
                return Program{ops::Dropout{rate, 5, side(gradient), side(gradient)}};
            });
            rig.compare("Dropout, rate " + std::to_string(rate).substr(0, 3), shapeText(shape), exactly,
                        {&one, &both, &gradient});
        }
    }
}

} // namespace bottega::engine::selftesting
