// SPDX-License-Identifier: Apache-2.0
// tiny-dnn, with its AVX kernels and OpenMP. One variant; the number of threads comes from the environment.
#include "peer.h"

#include <tiny_dnn/tiny_dnn.h>

#include <algorithm>
#include <iostream>
#include <numeric>
#include <random>

namespace {

using namespace tiny_dnn;

network<sequential> makeModel(bool isMlp)
{
    network<sequential> model;
    if (isMlp)
        model << fully_connected_layer<relu>(784, 100) << fully_connected_layer<relu>(100, 100)
              << fully_connected_layer<softmax>(100, 10);
    else
        model << convolutional_layer<relu>(28, 28, 5, 1, 20) << max_pooling_layer<identity>(24, 24, 20, 2)
              << convolutional_layer<relu>(12, 12, 5, 20, 50) << max_pooling_layer<identity>(8, 8, 50, 2)
              << fully_connected_layer<relu>(800, 500) << fully_connected_layer<softmax>(500, 10);
    return model;
}

/// Goes on with its momentum where the library would forget it at every call of train().
struct LastingMomentum : momentum
{
    LastingMomentum()
    {
        alpha = static_cast<tiny_dnn::float_t>(peer::learningRate);
        mu = static_cast<tiny_dnn::float_t>(peer::momentum);
    }
    void reset() override {}
};

vec_t inputOf(const peer::Split &split, std::size_t index)
{
    vec_t input(784);
    std::transform(split.pixels.begin() + static_cast<std::ptrdiff_t>(index * 784),
                   split.pixels.begin() + static_cast<std::ptrdiff_t>((index + 1) * 784), input.begin(),
                   [](std::uint8_t pixel) { return static_cast<float>(pixel) / 255; });
    return input;
}

std::size_t countRight(network<sequential> &model, const peer::Split &test)
{
    std::size_t right = 0;
    for (std::size_t i = 0; i < test.count(); ++i)
        right += model.predict_label(inputOf(test, i)) == test.labels[i];
    return right;
}

void run(const peer::Arguments &arguments)
{
    const peer::Split train = peer::readSplit(arguments.data, "train");
    std::vector<vec_t> x(train.count());
    std::vector<label_t> y(train.count());
    std::vector<std::size_t> order(train.count());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::mt19937 random(1);
    set_random_seed(1);
    network<sequential> model = makeModel(arguments.net == "mlp");
    LastingMomentum optimizer;
    for (int epoch = 1; epoch <= arguments.epochs; ++epoch) {
        std::shuffle(order.begin(), order.end(), random);
        for (std::size_t i = 0; i < order.size(); ++i) {
            x[i] = inputOf(train, order[i]);
            y[i] = train.labels[order[i]];
        }
        const auto started = peer::Clock::now();
        model.train<cross_entropy_multiclass>(optimizer, x, y, peer::batch, 1);
        peer::reportEpoch(epoch, train.count(), started);
    }
    const peer::Split test = peer::readSplit(arguments.data, "t10k");
    peer::reportEnd(static_cast<double>(countRight(model, test)) / static_cast<double>(test.count()), "tiny-dnn",
                    TINY_DNN_PACKAGE);
}

} // namespace

int main(int argc, char **argv)
{
    try {
        run(peer::Arguments(argc, argv));
    } catch (const std::exception &error) {
        std::cerr << error.what() << "\n";
        return 1;
    }
}
