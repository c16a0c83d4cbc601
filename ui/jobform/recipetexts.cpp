// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobform/recipetexts.h"

#include "ui/widgets/errortext.h"

#include <QCoreApplication>
#include <QLocale>

#include <cmath>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

// lupdate must meet the engine's texts somewhere; a test holds this list against the recipes.
[[maybe_unused]] constexpr const char *engineTexts[] = {
    QT_TRANSLATE_NOOP("bottega::Recipes", "How many times the training images are gone through."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "How many images make one step of the optimizer. At most as many as the training set has."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "Folder for model.npz, relative to the run's working folder."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "Learning rate: the size of each step."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "Share of the last step that is kept in the next one."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "Start of the random numbers. The same seed gives the same weights."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "Stops after so many epochs without a better validation accuracy. 0 never stops early."),
    QT_TRANSLATE_NOOP("bottega::Recipes",
                      "Share of the training images that is held out for validation. 0 validates on the test "
                      "images."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "How the weights follow their gradients. Adam and AdamW want a small lr such as 0.001."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "How the learning rate changes over the training."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "Epochs over which the learning rate rises from 0 before the schedule starts."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "Schedule step: epochs after which the learning rate is multiplied by step_factor."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "Schedule step: what the learning rate is multiplied by."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "Pulls the weights towards 0; biases and batch norm are left alone."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "Share of the target that is spread evenly over all classes."),
    QT_TRANSLATE_NOOP("bottega::Recipes",
                      "Longest gradient of a step, all weights together; longer ones are shortened. 0 never clips."),
    QT_TRANSLATE_NOOP("bottega::Recipes",
                      "Decay of a moving average of the weights, such as 0.999; validation and model.npz use it. 0 "
                      "keeps none."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "Moves each training image by up to so many pixels each way."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "Turns each training image by up to so many degrees either way."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "Makes each training image up to this share larger or smaller."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "Bends each training image smoothly by up to so many pixels."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "MNIST digits, small network"),
    QT_TRANSLATE_NOOP("bottega::Recipes",
                      "Reads handwritten digits with two hidden layers of ReLU units (784-100-100-10), trained by "
                      "momentum SGD on softmax cross entropy. Takes any data set of small images."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "Units of the hidden layers, such as 300,100. One number makes two layers of it."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "MNIST digits, convolutional network"),
    QT_TRANSLATE_NOOP("bottega::Recipes",
                      "Reads handwritten digits with two convolutions of 5 × 5 (20 and 50 channels), each with "
                      "pooling, and a hidden layer of 500 units: about 99.3 % of the test digits right. Takes any "
                      "data set of small images."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "Most digits right: moved images, averaged weights, 20 epochs"),
    QT_TRANSLATE_NOOP("bottega::Recipes", "MNIST digits, convolutional network for teaching"),
    QT_TRANSLATE_NOOP("bottega::Recipes",
                      "Two convolutions of 3 × 3 (8 and 16 channels), each with pooling, and one linear layer: "
                      "small enough to look at every weight. Takes any data set of small images."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "A network of your own"),
    QT_TRANSLATE_NOOP("bottega::Recipes",
                      "Trains any network of convolutions, pooling, linear layers, batch norm, dropout and "
                      "additions that you describe in JSON. Takes any data set of small images."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "The layers in JSON, from the images to the classes; or the name of a .json file."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "Training"),
    QT_TRANSLATE_NOOP("bottega::Recipes", "Optimizer"),
    QT_TRANSLATE_NOOP("bottega::Recipes", "Regularization"),
    QT_TRANSLATE_NOOP("bottega::Recipes", "Augmentation"),
};

QString translated(const std::string &text)
{
    return QCoreApplication::translate("bottega::Recipes", text.c_str());
}

QString limitText(double limit)
{
    const bool whole = limit == std::trunc(limit);
    return whole ? QLocale().toString(static_cast<qlonglong>(limit)) : QLocale().toString(limit);
}

struct ParamTexts
{
    Q_DECLARE_TR_FUNCTIONS(bottega::ParamTexts)
};

} // namespace

QString recipeTitle(const engine::Recipe &recipe)
{
    return translated(recipe.title);
}

QString recipeDescription(const engine::Recipe &recipe)
{
    return translated(recipe.description);
}

QString paramHelp(const engine::ParamSpec &spec)
{
    if (spec.type == engine::ParamType::Network) // the engine's text offers files, which the editor has no use for
        return ParamTexts::tr("The layers in JSON, from the images to the classes.");
    return translated(spec.help);
}

QString groupTitle(const std::string &group)
{
    return translated(group);
}

QString presetTitle(const engine::Preset &preset)
{
    return translated(preset.title);
}

QString choiceText(const std::string &parameter, const std::string &choice)
{
    struct Choice
    {
        const char *parameter;
        const char *choice;
        QString text;
    };
    const Choice choices[] = {
        {"optimizer", "sgd", ParamTexts::tr("SGD, plain")},
        {"optimizer", "momentum", ParamTexts::tr("SGD with momentum")},
        {"optimizer", "nesterov", ParamTexts::tr("SGD with Nesterov's momentum")},
        {"optimizer", "adam", u"Adam"_s},
        {"optimizer", "adamw", u"AdamW"_s},
        {"schedule", "constant", ParamTexts::tr("Constant", "learning rate")},
        {"schedule", "step", ParamTexts::tr("Falls in steps", "learning rate")},
        {"schedule", "cosine", ParamTexts::tr("Falls as a cosine", "learning rate")},
        {"schedule", "onecycle", ParamTexts::tr("One cycle: up, then down", "learning rate")},
    };
    for (const Choice &one : choices) {
        if (parameter == one.parameter && choice == one.choice)
            return one.text;
    }
    return toQString(choice);
}

QString paramLimits(const engine::ParamSpec &spec)
{
    if (spec.type != engine::ParamType::Integer && spec.type != engine::ParamType::Real
        && spec.type != engine::ParamType::Integers)
        return {};
    return ParamTexts::tr("%1 to %2", "limits of a number").arg(limitText(spec.minimum), limitText(spec.maximum));
}

QString paramNeeds(const engine::ParamSpec &spec)
{
    switch (spec.type) {
    case engine::ParamType::Integer:
        return ParamTexts::tr("A whole number is needed: %1.").arg(paramLimits(spec));
    case engine::ParamType::Real:
        return ParamTexts::tr("A number is needed: %1.").arg(paramLimits(spec));
    case engine::ParamType::Text:
        return ParamTexts::tr("A text without line breaks is needed, at most 1,000 bytes long.");
    case engine::ParamType::Integers:
        return ParamTexts::tr("Whole numbers with commas between are needed, such as 300,100: %1.").arg(paramLimits(spec));
    case engine::ParamType::Choice:
        return ParamTexts::tr("One of the choices is needed.");
    case engine::ParamType::Network:
        return ParamTexts::tr("The description of a network is needed.");
    }
    Q_UNREACHABLE();
}

} // namespace bottega
