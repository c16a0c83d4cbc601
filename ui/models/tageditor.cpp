// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/tageditor.h"

#include "core/base/safename.h"
#include "ui/models/flowlayout.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/format.h"
#include "ui/widgets/theme.h"

#include <QFrame>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>

#include <memory>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

constexpr int chipHeight = 28;
constexpr int widestText = 260;

QLabel *chipLabel(const QString &key, const QString &value, QWidget *parent)
{
    const QString whole = shownText(printable(toStdString(value.isEmpty() ? key : key + u": "_s + value), 1200));
    auto *label = new QLabel(parent);
    label->setTextFormat(Qt::PlainText);
    label->setText(label->fontMetrics().elidedText(whole, Qt::ElideRight, widestText));
    if (label->text() != whole)
        label->setToolTip(plainToolTip(whole));
    return label;
}

} // namespace

TagEditor::TagEditor(QWidget *parent)
    : QWidget(parent)
    , m_layout(new FlowLayout(this))
    , m_field(new QLineEdit(this))
{
    m_field->setObjectName(u"newTag"_s);
    m_field->setAccessibleName(tr("New tag"));
    m_field->setPlaceholderText(tr("Add a tag: key=value"));
    m_field->setMaxLength(1101);
    m_field->setMinimumWidth(qMax(200, m_field->fontMetrics().horizontalAdvance(m_field->placeholderText()) + 2 * theme::wide));
    m_layout->insertWidget(0, m_field);
    connect(m_field, &QLineEdit::returnPressed, this, &TagEditor::commitPending);
}

void TagEditor::setTags(const Tags &tags)
{
    m_tags = tags;
    while (m_layout->count() > 1) {
        const std::unique_ptr<QLayoutItem> item(m_layout->takeAt(0));
        item->widget()->hide();
        item->widget()->deleteLater(); // its own button may be what called us
    }
    for (const auto &[key, value] : tags)
        m_layout->insertWidget(m_layout->count() - 1, makeChip(toQString(key), toQString(value)));
    updateGeometry();
}

void TagEditor::commitPending()
{
    const QString text = m_field->text().trimmed();
    const QString key = text.section(u'=', 0, 0).trimmed();
    if (key.isEmpty())
        return;
    m_field->clear();
    Q_EMIT tagAdded(key, text.section(u'=', 1).trimmed());
}

void TagEditor::keyPressEvent(QKeyEvent *event)
{
    // Enter in the field adds a tag; it must not go on and press a dialog's default button.
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        return event->accept();
    QWidget::keyPressEvent(event);
}

QWidget *TagEditor::makeChip(const QString &key, const QString &value)
{
    auto *chip = new QFrame(this);
    chip->setObjectName(u"tagChip"_s);
    theme::setLook(chip, theme::Look::Card);
    auto *remove = new QToolButton(chip);
    remove->setIcon(theme::icon(u"close"_s, theme::Color::Muted));
    remove->setIconSize({12, 12});
    theme::setLook(remove, theme::Look::Compact);
    remove->setAccessibleName(tr("Remove tag %1").arg(key));
    remove->setToolTip(plainToolTip(remove->accessibleName()));
    connect(remove, &QToolButton::clicked, this, [this, key] { Q_EMIT tagRemoved(key); });
    auto *layout = new QHBoxLayout(chip);
    layout->setContentsMargins(theme::gap, 0, theme::tight, 0);
    layout->setSpacing(theme::tight);
    layout->addWidget(chipLabel(key, value, chip));
    layout->addWidget(remove);
    chip->setFixedHeight(chipHeight);
    chip->show();
    return chip;
}

} // namespace bottega
