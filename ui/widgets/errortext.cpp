// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/errortext.h"

#include "core/base/redact.h"
#include "ui/widgets/format.h"

#include <QCoreApplication>
#include <QLabel>
#include <QMessageBox>
#include <QStringList>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

struct ErrorTexts
{
    Q_DECLARE_TR_FUNCTIONS(bottega::ErrorTexts)
};

} // namespace

QString errorTitle(ErrorCode code)
{
    switch (code) {
    case ErrorCode::Usage:
        return ErrorTexts::tr("This request can't be carried out");
    case ErrorCode::NotFound:
        return ErrorTexts::tr("Not found");
    case ErrorCode::Exists:
        return ErrorTexts::tr("It is there already");
    case ErrorCode::Corrupt:
        return ErrorTexts::tr("The file is damaged");
    case ErrorCode::Io:
        return ErrorTexts::tr("Reading or writing failed");
    case ErrorCode::DiskFull:
        return ErrorTexts::tr("Not enough disk space");
    case ErrorCode::Permission:
        return ErrorTexts::tr("Access was refused");
    case ErrorCode::Unsupported:
        return ErrorTexts::tr("This isn't supported");
    case ErrorCode::Unreachable:
        return ErrorTexts::tr("No answer");
    case ErrorCode::Canceled:
        return ErrorTexts::tr("Canceled");
    case ErrorCode::Failed:
        return ErrorTexts::tr("It did not work");
    }
    Q_UNREACHABLE();
}

QString errorDetails(const Error &error)
{
    QStringList lines;
    for (const std::string *part : {&error.what, &error.where, &error.kept, &error.remedy}) {
        if (!part->empty())
            lines += shownText(redact(*part), 1000);
    }
    return lines.join(u'\n');
}

void showError(QWidget *parent, const Error &error)
{
    auto *box = new QMessageBox(QMessageBox::Warning, errorTitle(error.code), errorTitle(error.code),
                                QMessageBox::Close, parent);
    box->setObjectName(u"errorBox"_s);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText);
    box->setInformativeText(wrappedText(errorDetails(error)));
    // The informative text has a label of its own that doesn't inherit the format.
    for (QLabel *label : box->findChildren<QLabel *>())
        label->setTextFormat(Qt::PlainText);
    box->open();
}

QString toQString(const std::string &text)
{
    return QString::fromStdString(text);
}

std::string toStdString(const QString &text)
{
    return text.toStdString();
}

} // namespace bottega
