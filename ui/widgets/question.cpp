// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/question.h"

#include <QLabel>
#include <QMessageBox>
#include <QPushButton>

#include <utility>

namespace bottega {

using namespace Qt::StringLiterals;

void askBefore(QWidget *parent, const QString &text, const QString &details, const QString &action,
               std::function<void()> then)
{
    auto *box = new QMessageBox(QMessageBox::Warning, QString(), text, QMessageBox::Cancel, parent);
    box->setObjectName(u"question"_s);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText);
    box->setInformativeText(details);
    // The informative text has a label of its own that doesn't inherit the format.
    for (QLabel *label : box->findChildren<QLabel *>())
        label->setTextFormat(Qt::PlainText);
    if (auto *label = box->findChild<QLabel *>(u"qt_msgbox_informativelabel"_s))
        label->setMinimumWidth(340);
    const auto *button = box->addButton(action, QMessageBox::DestructiveRole);
    box->setDefaultButton(QMessageBox::Cancel);
    box->setEscapeButton(QMessageBox::Cancel);
    QObject::connect(button, &QPushButton::clicked, parent, std::move(then));
    box->open();
}

} // namespace bottega
