// SPDX-License-Identifier: Apache-2.0
// PyTorch's C++ library. Variants: index, slice, channels-last, as in torch_peer.py.
#include "peer.h"

#include <torch/torch.h>
#include <torch/version.h>

#include <iostream>

namespace {

torch::nn::Sequential makeModel(bool isMlp)
{
    using namespace torch::nn;
    if (isMlp)
        return Sequential(Linear(784, 100), ReLU(), Linear(100, 100), ReLU(), Linear(100, 10));
    return Sequential(Conv2d(Conv2dOptions(1, 20, 5)), ReLU(), MaxPool2d(2), Conv2d(Conv2dOptions(20, 50, 5)), ReLU(),
                      MaxPool2d(2), Flatten(), Linear(800, 500), ReLU(), Linear(500, 10));
}

torch::Tensor inputs(peer::Split &split, bool isMlp)
{
    const auto count = static_cast<std::int64_t>(split.count());
    const auto pixels = torch::from_blob(split.pixels.data(), {count, 784}, torch::kUInt8).to(torch::kFloat32) / 255;
    return isMlp ? pixels : pixels.view({count, 1, 28, 28});
}

torch::Tensor targets(peer::Split &split)
{
    return torch::from_blob(split.labels.data(), {static_cast<std::int64_t>(split.count())}, torch::kUInt8)
        .to(torch::kInt64);
}

void run(const peer::Arguments &arguments)
{
    torch::set_num_threads(arguments.threads);
    at::globalContext().setFlushDenormal(true);
    torch::manual_seed(1);
    const bool isMlp = arguments.net == "mlp";
    peer::Split train = peer::readSplit(arguments.data, "train");
    torch::Tensor x = inputs(train, isMlp);
    const torch::Tensor y = targets(train);
    torch::nn::Sequential model = makeModel(isMlp);
    if (arguments.variant == "channels-last") {
        x = x.contiguous(torch::MemoryFormat::ChannelsLast);
        const torch::NoGradGuard guard;
        for (torch::Tensor &weights : model->parameters())
            if (weights.dim() == 4)
                weights.set_data(weights.contiguous(torch::MemoryFormat::ChannelsLast));
    }
    torch::optim::SGD optimizer(model->parameters(),
                                torch::optim::SGDOptions(peer::learningRate).momentum(peer::momentum));
    const auto step = [&](const torch::Tensor &input, const torch::Tensor &target) {
        optimizer.zero_grad();
        torch::nn::functional::cross_entropy(model->forward(input), target).backward();
        optimizer.step();
    };
    const auto count = static_cast<std::int64_t>(train.count());
    for (int epoch = 1; epoch <= arguments.epochs; ++epoch) {
        const auto started = peer::Clock::now();
        const torch::Tensor order = torch::randperm(count);
        if (arguments.variant == "slice") {
            const auto orderedX = x.index_select(0, order).split(peer::batch);
            const auto orderedY = y.index_select(0, order).split(peer::batch);
            for (std::size_t i = 0; i < orderedX.size(); ++i)
                step(orderedX[i], orderedY[i]);
        } else {
            for (const torch::Tensor &chosen : order.split(peer::batch))
                step(x.index_select(0, chosen), y.index_select(0, chosen));
        }
        peer::reportEpoch(epoch, train.count(), started);
    }
    const torch::NoGradGuard guard;
    peer::Split test = peer::readSplit(arguments.data, "t10k");
    std::int64_t right = 0;
    const auto parts = inputs(test, isMlp).split(1000), wanted = targets(test).split(1000);
    for (std::size_t i = 0; i < parts.size(); ++i)
        right += model->forward(parts[i]).argmax(1).eq(wanted[i]).sum().item<std::int64_t>();
    peer::reportEnd(static_cast<double>(right) / static_cast<double>(test.count()), "libtorch", TORCH_VERSION);
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
