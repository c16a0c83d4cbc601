// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/aboutbox.h"

#include "ui/widgets/theme.h"

#include <QCoreApplication>
#include <QMessageBox>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

struct AboutBox
{
    Q_DECLARE_TR_FUNCTIONS(bottega::AboutBox)
};

} // namespace

void showAbout(QWidget *parent)
{
    auto *box = new QMessageBox(QMessageBox::NoIcon, AboutBox::tr("About Bottega"),
                                AboutBox::tr("Bottega %1").arg(QStringLiteral(BOTTEGA_VERSION)), QMessageBox::Close, parent);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText);
    box->setIconPixmap(theme::icon(u"bottega"_s, theme::Color::Accent).pixmap(QSize(48, 48), parent->devicePixelRatioF()));
    box->setInformativeText(AboutBox::tr("A native studio for training experiments. No server, no account, no browser.\n\n"
                                         "The studio is free software under the GNU General Public License, version 3 or later. "
                                         "It is built with Qt %1.")
                                .arg(QString::fromLatin1(qVersion())));
    box->open();
}

} // namespace bottega
