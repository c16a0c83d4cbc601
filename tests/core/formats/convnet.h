// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/formats/onnx/onnx.h"

#include <random>
#include <vector>

namespace bottega::test {

/// A small network with every operation that our networks need, as an ONNX model and as plain loops in double:
/// x [2, 2, 8, 8] → Conv 3×3×4, BatchNormalization, Relu, MaxPool 2 → Conv 3×3×3, Tanh, AveragePool 2 → Flatten →
/// Gemm 6, Gelu → Gemm 6, GELU by Erf, Dropout, Add to the former → Gemm 5, Mul by scales → Softmax [2, 5].
class ConvNet
{
public:
    ConvNet();
    [[nodiscard]] const OnnxModel &model() const { return m_model; }
    [[nodiscard]] NpyArray input() const;
    [[nodiscard]] std::vector<double> forward() const;

private:
    using Values = std::vector<double>;
    void addWeights(const std::string &name, std::vector<std::uint64_t> shape, float low = -0.7f, float high = 0.7f);
    void add(const std::string &opType, const std::string &name, std::vector<std::string> inputs,
             std::map<std::string, OnnxAttribute> attributes = {});
    [[nodiscard]] Values weights(const std::string &name) const;
    [[nodiscard]] Values conv(const Values &x, const std::string &name, std::size_t channels, std::size_t size,
                              std::size_t pad) const;
    [[nodiscard]] Values gemm(const Values &x, const std::string &name, std::size_t outputs) const;

    OnnxModel m_model;
    std::vector<float> m_input;
    std::mt19937 m_random{7};
};

} // namespace bottega::test
