// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/recipe.h"

#include <QHash>
#include <QWidget>

#include <vector>

class QComboBox;
class QVBoxLayout;

namespace bottega {

class ParamField;
class Section;

/// The parameters of a recipe: a preset to start from, then their groups as parts of the form that fold.
class RecipeParams : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(RecipeParams)
public:
    explicit RecipeParams(QWidget *parent = nullptr);

    /// What was changed stays, where the new recipe has a parameter of that name.
    void setRecipe(const engine::Recipe &recipe);
    [[nodiscard]] engine::Params params() const; // of every parameter, in the recipe's order
    void setParams(const engine::Params &params);

    /// Looks at all fields anew; false where one complains.
    bool check();
    [[nodiscard]] bool isAcceptable() const;
    void setNetworkError(const Error *error);

    /// What takes the focus, in order.
    [[nodiscard]] std::vector<QWidget *> focusChain() const;

Q_SIGNALS:
    void changed();

private:
    struct Group
    {
        Section *section = nullptr;
        std::vector<ParamField *> fields;
    };

    void addPresets();
    void addGroup(const std::string &name);
    void choosePreset();
    void showPreset();
    [[nodiscard]] ParamField *field(const std::string &name) const;

    engine::Recipe m_recipe;
    std::vector<ParamField *> m_fields;
    std::vector<Group> m_groups;
    QHash<QString, bool> m_isOpen; // by group, as the user left it
    QComboBox *m_preset = nullptr;
    QWidget *m_content = nullptr;
    QVBoxLayout *m_layout = nullptr;
    bool m_isSetting = false;
};

} // namespace bottega
