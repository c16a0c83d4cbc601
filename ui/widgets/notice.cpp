// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/notice.h"

#include "ui/widgets/errortext.h"
#include "ui/widgets/format.h"
#include "ui/widgets/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

constexpr int iconSize = 18;
constexpr int iconLeft = theme::gap;

QLabel *textLabel(QWidget *parent, const QFont &font)
{
    auto *label = new QLabel(parent);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    label->setFocusPolicy(Qt::NoFocus);
    label->setWordWrap(true);
    label->setMinimumWidth(1); // a word that does not fit is cut, and does not widen the window
    label->setFont(font);
    return label;
}

} // namespace

Notice::Notice(QWidget *parent)
    : QFrame(parent)
    , m_title(textLabel(this, theme::font(0, true)))
    , m_text(textLabel(this, theme::font(0)))
    , m_action(new QPushButton(this))
{
    auto *texts = new QVBoxLayout;
    texts->setSpacing(theme::tight);
    texts->addWidget(m_title);
    texts->addWidget(m_text);
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(iconLeft + iconSize + theme::gap, theme::gap, theme::gap, theme::gap);
    row->setSpacing(theme::gap);
    row->addLayout(texts, 1);
    row->addWidget(m_action, 0, Qt::AlignTop);
    m_action->hide();
    connect(m_action, &QPushButton::clicked, this, &Notice::actionTriggered);
    hide();
}

void Notice::showError(const Error &error)
{
    show(Kind::Error, errorTitle(error.code), errorDetails(error));
}

void Notice::showSuccess(const QString &text)
{
    show(Kind::Success, {}, text);
}

void Notice::showHint(const QString &text)
{
    show(Kind::Hint, {}, text);
}

void Notice::setAction(const QString &text)
{
    m_action->setText(text);
    m_action->setVisible(!text.isEmpty());
}

void Notice::clear()
{
    setAction({});
    m_title->clear();
    m_text->clear();
    hide();
}

QString Notice::text() const
{
    return m_title->text().isEmpty() ? m_text->text() : m_title->text() + u'\n' + m_text->text();
}

void Notice::show(Kind kind, const QString &title, const QString &text)
{
    m_kind = kind;
    m_icon = kind == Kind::Error     ? theme::icon(u"warning"_s, theme::Color::Danger)
             : kind == Kind::Success ? theme::icon(u"check"_s, theme::Color::Success)
                                     : theme::icon(u"info"_s, theme::Color::Muted);
    m_title->setText(shownText(title));
    m_title->setVisible(!title.isEmpty());
    m_text->setText(shownText(text));
    setAccessibleName(this->text());
    setVisible(true);
    update();
}

void Notice::paintEvent(QPaintEvent *)
{
    const QColor color = theme::color(m_kind == Kind::Error     ? theme::Color::Danger
                                      : m_kind == Kind::Success ? theme::Color::Success
                                                                : theme::Color::Border);
    QColor fill = color;
    fill.setAlphaF(m_kind == Kind::Hint ? 0.3F : 0.1F);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(color, 1));
    painter.setBrush(fill);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme::radius, theme::radius);
    // Beside the first line, which is in the middle where the button is higher than the text.
    const bool isLow = m_title->isHidden() && height() <= m_action->sizeHint().height() + 2 * theme::gap;
    m_icon.paint(&painter, QRect(iconLeft, isLow ? (height() - iconSize) / 2 : theme::gap, iconSize, iconSize));
}

} // namespace bottega
