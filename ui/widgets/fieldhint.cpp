// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/fieldhint.h"

#include "ui/widgets/theme.h"

#include <QStyle>

namespace bottega {

namespace {

/// A property that the style sheet knows, of a widget that may have been shown already.
void setFlag(QWidget *widget, const char *name, bool isSet)
{
    widget->setProperty(name, isSet);
    widget->style()->unpolish(widget);
    widget->style()->polish(widget);
}

} // namespace

FieldHint::FieldHint(QWidget *field, QWidget *parent)
    : QLabel(parent)
    , m_field(field)
{
    setTextFormat(Qt::PlainText);
    setWordWrap(true);
    setFont(theme::font(-1));
    theme::setLook(this, theme::Look::Muted);
}

void FieldHint::setTexts(const QString &problem, const QString &hint)
{
    setText(problem.isEmpty() ? hint : problem);
    setVisible(!text().isEmpty());
    m_field->setAccessibleDescription(text());
    if (m_hasProblem == !problem.isEmpty())
        return;
    m_hasProblem = !problem.isEmpty();
    setFlag(this, "danger", m_hasProblem);
    setFlag(this, "muted", !m_hasProblem);
    setFlag(m_field, "invalid", m_hasProblem);
}

} // namespace bottega
