// SPDX-License-Identifier: Apache-2.0
#include "core/engine/recipe.h"

namespace bottega::engine {

namespace {

using Type = ParamType;

/// What the classic MNIST tutorial asks for comes first, in its order.
std::vector<ParamSpec> tutorialParams(const std::string &learningRate)
{
    const std::string group = "Training";
    return {
        {"epochs",
         Type::Integer,
         "10",
         1,
         100'000,
         "How many times the training images are gone through.",
         group,
         {}},
        {"batchsize",
         Type::Integer,
         "128",
         1,
         65'536,
         "How many images make one step of the optimizer. At most as many as the training set has.",
         group,
         {}},
        {"output_dir",
         Type::Text,
         "./outputs",
         0,
         0,
         "Folder for model.npz, relative to the run's working folder.",
         group,
         {}},
        {"lr", Type::Real, learningRate, 0, 1'000, "Learning rate: the size of each step.", group, {}},
        {"momentum",
         Type::Real,
         "0.9",
         0,
         1,
         "Share of the last step that is kept in the next one.",
         group,
         {}},
        {"seed",
         Type::Integer,
         "0",
         0,
         4'294'967'295.0,
         "Start of the random numbers. The same seed gives the same weights.",
         group,
         {}},
    };
}

std::vector<ParamSpec> trainingParams()
{
    const std::string group = "Training";
    return {
        {"patience",
         Type::Integer,
         "0",
         0,
         100'000,
         "Stops after so many epochs without a better validation accuracy. 0 never stops early.",
         group,
         {}},
        {"validation",
         Type::Real,
         "0",
         0,
         0.9,
         "Share of the training images that is held out for validation. 0 validates on the test images.",
         group,
         {}},
    };
}

std::vector<ParamSpec> optimizerParams(const std::string &schedule)
{
    const std::string group = "Optimizer";
    return {
        {"optimizer",
         Type::Choice,
         "momentum",
         0,
         0,
         "How the weights follow their gradients. Adam and AdamW want a small lr such as 0.001.",
         group,
         {"momentum", "sgd", "nesterov", "adam", "adamw"}},
        {"schedule",
         Type::Choice,
         schedule,
         0,
         0,
         "How the learning rate changes over the training.",
         group,
         {"constant", "step", "cosine", "onecycle"}},
        {"warmup",
         Type::Real,
         "0",
         0,
         100'000,
         "Epochs over which the learning rate rises from 0 before the schedule starts.",
         group,
         {}},
        {"step_epochs",
         Type::Integer,
         "10",
         1,
         100'000,
         "Schedule step: epochs after which the learning rate is multiplied by step_factor.",
         group,
         {}},
        {"step_factor",
         Type::Real,
         "0.1",
         0,
         1,
         "Schedule step: what the learning rate is multiplied by.",
         group,
         {}},
    };
}

std::vector<ParamSpec> regularizationParams()
{
    const std::string group = "Regularization";
    return {
        {"weight_decay",
         Type::Real,
         "0",
         0,
         1,
         "Pulls the weights towards 0; biases and batch norm are left alone.",
         group,
         {}},
        {"label_smoothing",
         Type::Real,
         "0",
         0,
         0.99,
         "Share of the target that is spread evenly over all classes.",
         group,
         {}},
        {"clip_norm",
         Type::Real,
         "0",
         0,
         1'000'000,
         "Longest gradient of a step, all weights together; longer ones are shortened. 0 never clips.",
         group,
         {}},
        {"average",
         Type::Real,
         "0",
         0,
         0.999999,
         "Decay of a moving average of the weights, such as 0.999; validation and model.npz use it. 0 keeps "
         "none.",
         group,
         {}},
    };
}

std::vector<ParamSpec> augmentationParams()
{
    const std::string group = "Augmentation";
    return {
        {"shift",
         Type::Real,
         "0",
         0,
         64,
         "Moves each training image by up to so many pixels each way.",
         group,
         {}},
        {"rotate",
         Type::Real,
         "0",
         0,
         180,
         "Turns each training image by up to so many degrees either way.",
         group,
         {}},
        {"scale",
         Type::Real,
         "0",
         0,
         0.9,
         "Makes each training image up to this share larger or smaller.",
         group,
         {}},
        {"elastic",
         Type::Real,
         "0",
         0,
         32,
         "Bends each training image smoothly by up to so many pixels.",
         group,
         {}},
    };
}

/// `own` goes before the seed.
std::vector<ParamSpec> allParams(const std::string &learningRate, const std::string &schedule,
                                 const std::vector<ParamSpec> &own = {})
{
    std::vector<ParamSpec> params = tutorialParams(learningRate);
    params.insert(params.end() - 1, own.begin(), own.end());
    for (const auto &more :
         {trainingParams(), optimizerParams(schedule), regularizationParams(), augmentationParams()})
        params.insert(params.end(), more.begin(), more.end());
    return params;
}

constexpr const char *exampleNetwork =
    R"({"layers": [{"type": "conv2d", "channels": 8, "kernel": 3}, {"type": "relu"}, {"type": "maxpool", "kernel": 2}, )"
    R"({"type": "flatten"}, {"type": "linear", "units": 64}, {"type": "relu"}, {"type": "dropout", "rate": 0.25}, )"
    R"({"type": "linear"}]})";

Recipe mlp()
{
    return {"mnist-mlp",
            "MNIST digits, small network",
            "Reads handwritten digits with two hidden layers of ReLU units (784-100-100-10), trained by "
            "momentum SGD on "
            "softmax cross entropy. Takes any data set of small images.",
            allParams("0.01", "constant",
                      {{"hidden",
                        Type::Integers,
                        "100",
                        1,
                        4'096,
                        "Units of the hidden layers, such as 300,100. One number makes two layers of it.",
                        "Training",
                        {}}}),
            {}};
}

Recipe cnn()
{
    return {"mnist-cnn",
            "MNIST digits, convolutional network",
            "Reads handwritten digits with two convolutions of 5 × 5 (20 and 50 channels), each with "
            "pooling, and a hidden "
            "layer of 500 units: about 99.3 % of the test digits right. Takes any data set of small images.",
            allParams("0.05", "cosine"),
            {{"accurate",
              "Most digits right: moved images, averaged weights, 20 epochs",
              {{"epochs", "20"},
               {"schedule", "onecycle"},
               {"weight_decay", "0.0005"},
               {"average", "0.999"},
               {"shift", "2"},
               {"rotate", "10"},
               {"scale", "0.1"},
               {"elastic", "1"}}}}};
}

Recipe smallCnn()
{
    return {"mnist-cnn-small",
            "MNIST digits, convolutional network for teaching",
            "Two convolutions of 3 × 3 (8 and 16 channels), each with pooling, and one linear layer: small "
            "enough to look at "
            "every weight. Takes any data set of small images.",
            allParams("0.05", "cosine"),
            {}};
}

Recipe network()
{
    return {"network",
            "A network of your own",
            "Trains any network of convolutions, pooling, linear layers, batch norm, dropout and additions "
            "that you describe "
            "in JSON. Takes any data set of small images.",
            allParams("0.01", "constant",
                      {{"network",
                        Type::Network,
                        exampleNetwork,
                        0,
                        0,
                        "The layers in JSON, from the images to the classes; or the name of a .json file.",
                        "Training",
                        {}}}),
            {}};
}

} // namespace

std::span<const Recipe> recipes()
{
    static const std::vector<Recipe> all = {mlp(), cnn(), smallCnn(), network()};
    return all;
}

} // namespace bottega::engine
