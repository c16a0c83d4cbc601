// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobform/recipeparams.h"

#include "ui/jobform/formgrid.h"
#include "ui/jobform/paramfield.h"
#include "ui/jobform/recipetexts.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/section.h"
#include "ui/widgets/theme.h"

#include <QComboBox>
#include <QGridLayout>
#include <QScopedValueRollback>
#include <QStandardItemModel>
#include <QToolButton>

#include <algorithm>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

constexpr const char *openGroup = "Training"; // what everybody looks at

} // namespace

RecipeParams::RecipeParams(QWidget *parent)
    : QWidget(parent)
    , m_layout(new QVBoxLayout(this))
{
    m_layout->setContentsMargins(0, 0, 0, 0);
}

void RecipeParams::setRecipe(const engine::Recipe &recipe)
{
    engine::Params kept;
    for (const ParamField *one : m_fields) {
        if (!one->isDefault())
            kept.emplace_back(one->spec().name, one->value());
    }
    delete m_content;
    m_preset = nullptr;
    m_fields.clear();
    m_groups.clear();
    m_recipe = recipe;
    m_content = new QWidget(this);
    auto *column = new QVBoxLayout(m_content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(theme::wide);
    m_layout->addWidget(m_content);
    addPresets();
    for (const engine::ParamSpec &spec : m_recipe.params) {
        const auto isNamed = [&](const Group &group) { return group.section->objectName() == u"group_"_s + toQString(spec.group); };
        if (std::none_of(m_groups.begin(), m_groups.end(), isNamed))
            addGroup(spec.group);
    }
    setParams(kept);
}

void RecipeParams::addPresets()
{
    if (m_recipe.presets.empty())
        return;
    m_preset = new QComboBox(m_content);
    m_preset->setObjectName(u"presetField"_s);
    m_preset->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_preset->addItem(tr("Own values"), u"own"_s);
    qobject_cast<QStandardItemModel *>(m_preset->model())->item(0)->setEnabled(false);
    m_preset->addItem(tr("The recipe's defaults"), QString());
    for (const engine::Preset &preset : m_recipe.presets)
        m_preset->addItem(presetTitle(preset), toQString(preset.name));
    m_content->layout()->addWidget(new FormField(tr("&Preset"), m_preset, tr("Values that go well together, to start from."), {}, m_content));
    connect(m_preset, &QComboBox::activated, this, &RecipeParams::choosePreset);
}

void RecipeParams::addGroup(const std::string &name)
{
    Group group;
    const QString key = toQString(name);
    group.section = new Section(groupTitle(name), m_content);
    group.section->setObjectName(u"group_"_s + key);
    group.section->button()->setObjectName(u"groupButton_"_s + key);
    group.section->setOpen(m_isOpen.value(key, name == openGroup));
    QGridLayout *grid = twoColumns();
    int place = 0;
    for (const engine::ParamSpec &spec : m_recipe.params) {
        if (spec.group != name)
            continue;
        auto *added = new ParamField(spec, group.section->body());
        if (spec.type == engine::ParamType::Network) {
            place += place % 2; // a row of its own
            grid->addWidget(added, place / 2, 0, 1, 2);
            ++place;
        } else {
            grid->addWidget(added, place / 2, place % 2);
        }
        ++place;
        connect(added, &ParamField::changed, this, [this] {
            if (!m_isSetting)
                Q_EMIT changed();
        });
        group.fields.push_back(added);
    }
    group.section->body()->setLayout(grid);
    connect(group.section->button(), &QToolButton::clicked, this,
            [this, key, section = group.section] { m_isOpen[key] = section->isOpen(); });
    m_content->layout()->addWidget(group.section);
    m_groups.push_back(group);
    m_fields.insert(m_fields.end(), group.fields.begin(), group.fields.end());
}

ParamField *RecipeParams::field(const std::string &name) const
{
    const auto found = std::find_if(m_fields.begin(), m_fields.end(),
                                    [&name](const ParamField *one) { return one->spec().name == name; });
    return found == m_fields.end() ? nullptr : *found;
}

engine::Params RecipeParams::params() const
{
    engine::Params params;
    for (const engine::ParamSpec &spec : m_recipe.params)
        params.emplace_back(spec.name, field(spec.name)->value());
    return params;
}

void RecipeParams::setParams(const engine::Params &params)
{
    {
        const QScopedValueRollback setting(m_isSetting, true);
        for (const auto &[name, value] : params) {
            if (ParamField *one = field(name))
                one->setValue(value);
        }
    }
    Q_EMIT changed();
}

bool RecipeParams::check()
{
    const auto valueOf = [this](const char *name) {
        const ParamField *one = field(name);
        return one ? one->value() : std::string();
    };
    for (ParamField *one : m_fields) {
        one->check();
        one->setRelevant(isRelevant(one->spec().name, valueOf));
    }
    for (const Group &group : m_groups) {
        const auto count = std::count_if(group.fields.begin(), group.fields.end(), [](const ParamField *one) { return !one->isDefault(); });
        group.section->setNote(count > 0 ? tr("%n changed", "number of parameters", static_cast<int>(count)) : QString());
        if (std::any_of(group.fields.begin(), group.fields.end(), [](const ParamField *one) { return !one->complaint().isEmpty(); }))
            group.section->setOpen(true);
    }
    showPreset();
    return isAcceptable();
}

bool RecipeParams::isAcceptable() const
{
    return std::all_of(m_fields.begin(), m_fields.end(), [](const ParamField *one) { return one->complaint().isEmpty(); });
}

void RecipeParams::setNetworkError(const Error *error)
{
    for (ParamField *one : m_fields) {
        if (one->spec().type == engine::ParamType::Network)
            one->setNetworkError(error);
    }
}

void RecipeParams::choosePreset()
{
    engine::Params params;
    for (const engine::ParamSpec &spec : m_recipe.params)
        params.emplace_back(spec.name, spec.defaultValue);
    for (const engine::Preset &preset : m_recipe.presets) {
        if (toQString(preset.name) == m_preset->currentData().toString())
            params.insert(params.end(), preset.params.begin(), preset.params.end());
    }
    setParams(params);
}

/// The one whose values these are.
void RecipeParams::showPreset()
{
    if (!m_preset)
        return;
    int index = 0;
    for (int i = 1; i < m_preset->count() && index == 0; ++i) {
        const std::string name = toStdString(m_preset->itemData(i).toString());
        const auto wanted = name.empty() ? engine::Params() : engine::withPreset(m_recipe, name, {}).value_or(engine::Params());
        const bool fits = std::all_of(m_fields.begin(), m_fields.end(), [&wanted](const ParamField *one) {
            const std::string value = engine::paramOf(wanted, one->spec().name);
            return value.empty() ? one->isDefault() : one->value() == value;
        });
        index = fits ? i : 0;
    }
    m_preset->setCurrentIndex(index);
}

std::vector<QWidget *> RecipeParams::focusChain() const
{
    std::vector<QWidget *> chain;
    if (m_preset)
        chain.push_back(m_preset);
    for (const Group &group : m_groups) {
        chain.push_back(group.section->button());
        for (const ParamField *one : group.fields)
            chain.push_back(one->editor());
    }
    return chain;
}

} // namespace bottega
