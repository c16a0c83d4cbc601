// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobform/recipetexts.h"

#include <QCoreApplication>
#include <QLocale>

#include <cmath>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

// lupdate must meet the engine's texts somewhere; a test holds this list against the recipes.
[[maybe_unused]] constexpr const char *engineTexts[] = {
    QT_TRANSLATE_NOOP("bottega::Recipes", "MNIST digits, small network"),
    QT_TRANSLATE_NOOP("bottega::Recipes",
                      "Reads handwritten digits with two hidden layers of ReLU units (784-100-100-10), trained by "
                      "momentum SGD on softmax cross entropy. Takes any data set of small grey images in IDX files."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "How many times the training images are gone through."),
    QT_TRANSLATE_NOOP("bottega::Recipes",
                      "How many images make one step of the optimizer. At most as many as the training set has."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "Folder for model.npz, relative to the run's working folder."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "Learning rate: the size of each step."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "Share of the last step that is kept in the next one."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "Units in each of the two hidden layers."),
    QT_TRANSLATE_NOOP("bottega::Recipes", "Start of the random numbers. The same seed gives the same weights."),
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
    return translated(spec.help);
}

QString paramLimits(const engine::ParamSpec &spec)
{
    if (spec.type == engine::ParamType::Text)
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
    }
    Q_UNREACHABLE();
}

} // namespace bottega
