// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/question.h"

#include <QMessageBox>
#include <QPushButton>

#include <utility>

namespace bottega {

void askBefore(QWidget *parent, const QString &text, const QString &details, const QString &action,
               std::function<void()> then)
{
    auto *box = new QMessageBox(QMessageBox::Warning, QString(), text, QMessageBox::Cancel, parent);
    box->setObjectName(QStringLiteral("question"));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText);
    box->setInformativeText(details);
    const auto *button = box->addButton(action, QMessageBox::DestructiveRole);
    box->setDefaultButton(QMessageBox::Cancel);
    box->setEscapeButton(QMessageBox::Cancel);
    QObject::connect(button, &QPushButton::clicked, parent, std::move(then));
    box->open();
}

} // namespace bottega
