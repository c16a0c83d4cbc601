// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/recipe.h"
#include "ui/jobform/formfield.h"

#include <QString>

namespace bottega {

/// The field of one parameter of a recipe, by its type: a line, a choice, or the editor of a network. The editor's object
/// name is "param_" and the parameter's name.
class ParamField : public FormField
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ParamField)
public:
    explicit ParamField(const engine::ParamSpec &spec, QWidget *parent = nullptr);

    [[nodiscard]] const engine::ParamSpec &spec() const { return m_spec; }
    [[nodiscard]] std::string value() const; // an empty line means the default
    void setValue(const std::string &value);
    [[nodiscard]] bool isDefault() const;

    /// Checks the value and complains, or not.
    void check();
    /// What a network described here lacks when it meets the data; null: nothing.
    void setNetworkError(const Error *error);
    /// A parameter that others make meaningless stays as it is but can't be changed.
    void setRelevant(bool relevant);

Q_SIGNALS:
    void changed();

private:
    QWidget *makeEditor(const engine::ParamSpec &spec);

    engine::ParamSpec m_spec;
    QWidget *m_editor = nullptr;
};

/// Whether a parameter has any effect beside the others: momentum has none with Adam. `valueOf` gives any parameter's value.
template <class ValueOf>
[[nodiscard]] bool isRelevant(const std::string &name, const ValueOf &valueOf)
{
    const std::string optimizer = valueOf("optimizer"), schedule = valueOf("schedule");
    if (name == "momentum")
        return optimizer.empty() || optimizer == "momentum" || optimizer == "nesterov";
    if (name == "step_epochs" || name == "step_factor")
        return schedule == "step";
    return true;
}

} // namespace bottega
