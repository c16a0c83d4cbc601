// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/copybutton.h"

#include "ui/widgets/format.h"
#include "ui/widgets/theme.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QTimer>

namespace bottega {

using namespace Qt::StringLiterals;

CopyButton::CopyButton(const QString &what, QWidget *parent)
    : QToolButton(parent)
    , m_what(what)
{
    setAutoRaise(true);
    theme::setLook(this, theme::Look::Compact);
    setAccessibleName(what);
    setFocusPolicy(Qt::TabFocus);
    setIconSize({14, 14});
    showCopied(false);
    connect(this, &QToolButton::clicked, this, &CopyButton::copy);
}

void CopyButton::setCopiedText(const QString &text)
{
    m_text = text;
    setEnabled(!text.isEmpty());
}

void CopyButton::copy()
{
    QGuiApplication::clipboard()->setText(m_text);
    showCopied(true);
    QTimer::singleShot(1500, this, [this] { showCopied(false); });
}

void CopyButton::showCopied(bool copied)
{
    setIcon(copied ? theme::icon(u"check"_s, theme::Color::Success) : theme::icon(u"copy"_s));
    setToolTip(copied ? tr("Copied") : plainToolTip(m_what));
}

QString shortHash(const QString &sha256)
{
    constexpr int shown = 12;
    return sha256.size() > shown ? sha256.left(shown) + u'…' : sha256;
}

} // namespace bottega
