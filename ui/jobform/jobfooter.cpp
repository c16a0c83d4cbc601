// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobform/jobfooter.h"

#include "ui/widgets/notice.h"
#include "ui/widgets/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QShortcut>
#include <QVBoxLayout>

namespace bottega {

using namespace Qt::StringLiterals;

JobFooter::JobFooter(QWidget *parent)
    : QFrame(parent)
    , m_notice(new Notice(this))
    , m_estimate(makeText(u"jobFormEstimate"_s))
    , m_summary(makeText(u"jobFormSummary"_s))
    , m_run(new QPushButton(tr("&Run"), this))
{
    setProperty("footer", true);
    m_notice->setObjectName(u"jobFormNotice"_s);
    theme::setLook(m_summary, theme::Look::Muted);
    auto *cancel = new QPushButton(tr("Cancel"), this);
    cancel->setObjectName(u"jobFormCancel"_s);
    cancel->setAutoDefault(false);
    cancel->setToolTip(tr("Close the form without a run (Esc)"));
    m_run->setObjectName(u"jobFormRun"_s);
    m_run->setDefault(true);
    m_run->setToolTip(tr("Start this run (Ctrl+Return)"));
    theme::setLook(m_run, theme::Look::Primary);
    connect(cancel, &QPushButton::clicked, this, &JobFooter::cancelRequested);
    connect(m_run, &QPushButton::clicked, this, &JobFooter::runRequested);
    auto *shortcut = new QShortcut(Qt::CTRL | Qt::Key_Return, this);
    connect(shortcut, &QShortcut::activated, m_run, &QPushButton::click);
    auto *texts = new QVBoxLayout;
    texts->setSpacing(theme::tight / 2);
    texts->addWidget(m_estimate);
    texts->addWidget(m_summary);
    auto *row = new QHBoxLayout;
    row->addLayout(texts, 1);
    row->addWidget(cancel);
    row->addWidget(m_run);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(theme::page, theme::wide - theme::tight, theme::page, theme::wide - theme::tight);
    layout->addWidget(m_notice);
    layout->addLayout(row);
}

QLabel *JobFooter::makeText(const QString &objectName)
{
    auto *label = new QLabel(this);
    label->setObjectName(objectName);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    return label;
}

void JobFooter::setSummary(const QString &text)
{
    m_summary->setText(text);
}

void JobFooter::setEstimate(const QString &text)
{
    m_estimate->setText(text);
}

void JobFooter::setRunnable(bool runnable)
{
    m_run->setEnabled(runnable);
}

} // namespace bottega
