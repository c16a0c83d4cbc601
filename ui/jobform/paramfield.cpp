// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobform/paramfield.h"

#include "core/engine/networkspec.h"
#include "ui/jobform/recipetexts.h"
#include "ui/network/networkeditor.h"
#include "ui/widgets/errortext.h"

#include <QComboBox>
#include <QLineEdit>
#include <QPlainTextEdit>

namespace bottega {

using namespace Qt::StringLiterals;
using engine::ParamType;

namespace {

QWidget *editorFor(const engine::ParamSpec &spec, QWidget *parent)
{
    if (spec.type == ParamType::Network) {
        auto *editor = new NetworkEditor(parent);
        editor->setText(toQString(spec.defaultValue));
        return editor;
    }
    if (spec.type == ParamType::Choice) {
        auto *combo = new QComboBox(parent);
        for (const std::string &choice : spec.choices)
            combo->addItem(choiceText(spec.name, choice), toQString(choice));
        combo->setCurrentIndex(combo->findData(toQString(spec.defaultValue)));
        return combo;
    }
    auto *line = new QLineEdit(toQString(spec.defaultValue), parent);
    line->setPlaceholderText(toQString(spec.defaultValue));
    return line;
}

QWidget *namedEditor(const engine::ParamSpec &spec, QWidget *parent)
{
    QWidget *editor = editorFor(spec, parent);
    editor->setObjectName(u"param_"_s + toQString(spec.name));
    return editor;
}

/// Spaces and line breaks mean nothing in JSON.
std::string compact(const std::string &json)
{
    const auto spec = engine::parseNetwork(json);
    return spec ? dumpJson(engine::networkToJson(*spec)) : json;
}

} // namespace

ParamField::ParamField(const engine::ParamSpec &spec, QWidget *parent)
    : FormField(toQString(spec.name), namedEditor(spec, parent), paramHelp(spec), paramLimits(spec), parent)
    , m_spec(spec)
    , m_editor(editor())
{
    if (auto *line = qobject_cast<QLineEdit *>(m_editor))
        connect(line, &QLineEdit::textChanged, this, &ParamField::changed);
    else if (auto *combo = qobject_cast<QComboBox *>(m_editor))
        connect(combo, &QComboBox::currentIndexChanged, this, &ParamField::changed);
    auto *network = qobject_cast<NetworkEditor *>(m_editor);
    if (!network)
        return;
    network->edit()->setAccessibleName(toQString(spec.name));
    connect(network, &NetworkEditor::textChanged, this, &ParamField::changed);
}

std::string ParamField::value() const
{
    QString text;
    if (auto *line = qobject_cast<QLineEdit *>(m_editor))
        text = line->text().trimmed();
    else if (auto *combo = qobject_cast<QComboBox *>(m_editor))
        text = combo->currentData().toString();
    else if (auto *network = qobject_cast<NetworkEditor *>(m_editor))
        return network->text().trimmed().isEmpty() ? m_spec.defaultValue : compact(toStdString(network->text()));
    if (m_spec.type == ParamType::Integers)
        text.remove(u' ');
    return text.isEmpty() ? m_spec.defaultValue : toStdString(text);
}

void ParamField::setValue(const std::string &value)
{
    if (auto *line = qobject_cast<QLineEdit *>(m_editor))
        line->setText(toQString(value));
    else if (auto *combo = qobject_cast<QComboBox *>(m_editor))
        combo->setCurrentIndex(qMax(0, combo->findData(toQString(value))));
    else if (auto *network = qobject_cast<NetworkEditor *>(m_editor))
        network->setText(toQString(value));
}

bool ParamField::isDefault() const
{
    return m_spec.type == ParamType::Network ? value() == compact(m_spec.defaultValue) : value() == m_spec.defaultValue;
}

void ParamField::check()
{
    const auto checked = engine::checkParam(m_spec, value());
    if (m_spec.type == ParamType::Network)
        setNetworkError(checked ? nullptr : &checked.error());
    else
        setComplaint(checked ? QString() : paramNeeds(m_spec));
}

void ParamField::setNetworkError(const Error *error)
{
    auto *network = qobject_cast<NetworkEditor *>(m_editor);
    if (!network)
        return;
    setComplaint(network->setError(error));
    network->edit()->setAccessibleDescription(m_editor->accessibleDescription());
}

void ParamField::setRelevant(bool relevant)
{
    m_editor->setEnabled(relevant);
}

} // namespace bottega
