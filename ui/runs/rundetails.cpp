// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/rundetails.h"

#include "core/base/clock.h"
#include "ui/runs/runstyle.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/format.h"

#include <QClipboard>
#include <QGridLayout>
#include <QGuiApplication>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype longestName = 60; // of a parameter or metric, in characters

QString numberText(double value)
{
    return QLocale().toString(value, 'g', 6);
}

QString summaryText(const MetricSummary &summary)
{
    return RunDetails::tr("last %1, best %2 at step %3, %n point(s)", nullptr, static_cast<int>(summary.count))
        .arg(numberText(summary.last), numberText(summary.best), QLocale().toString(qint64{summary.bestStep}));
}

QString attemptText(const AttemptRecord &attempt)
{
    const QString span = attempt.ended > 0 && attempt.started > 0 ? durationText(attempt.ended - attempt.started)
                                                                   : momentText(attempt.started);
    return RunDetails::tr("%1 · %2 · %3", "state, evidence, time")
        .arg(stateText(attempt.state), shownText(attempt.evidence), span);
}

} // namespace

RunDetails::RunDetails(QWidget *parent)
    : QWidget(parent)
{
    auto *copy = new QPushButton(theme::icon(u"copy"_s), tr("Copy all"), this);
    copy->setObjectName(u"copyDetails"_s);
    copy->setToolTip(tr("Copy these details as text"));
    connect(copy, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(plainText()); });
    auto *open = new QPushButton(theme::icon(u"open"_s), tr("Open folder"), this);
    open->setObjectName(u"openRunFolder"_s);
    open->setToolTip(tr("Show the run's folder in the file manager"));
    connect(open, &QPushButton::clicked, this, &RunDetails::openFolderRequested);
    auto *buttons = new QHBoxLayout;
    buttons->setContentsMargins(0, 0, 0, theme::gap);
    buttons->addWidget(copy);
    buttons->addWidget(open);
    buttons->addStretch(1);

    auto *scroll = new QScrollArea(this);
    scroll->setObjectName(u"runDetails"_s);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    m_content = new QWidget(scroll);
    m_content->setObjectName(u"scrollContent"_s);
    scroll->setWidget(m_content);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(buttons);
    layout->addWidget(scroll, 1);
}

void RunDetails::clear()
{
    m_lines.clear();
    rebuild();
}

void RunDetails::setRecord(const RunFolder &folder, const RunRecord &record, std::uint64_t diskBytes)
{
    const QList<Line> lines = linesOf(folder, record, diskBytes);
    const bool sameNames = std::equal(lines.begin(), lines.end(), m_lines.begin(), m_lines.end(),
                                      [](const Line &a, const Line &b) { return a.name == b.name; });
    m_lines = lines;
    if (!sameNames) {
        rebuild();
        return;
    }
    // Twenty times a second during a run: only texts that differ are touched, so that a selection stays.
    for (qsizetype i = 0; i < lines.size(); ++i) {
        if (m_values[i] && m_values[i]->text() != lines[i].value)
            m_values[i]->setText(lines[i].value);
    }
}

QString RunDetails::plainText() const
{
    QStringList text;
    for (const Line &line : m_lines)
        text += line.value.isNull() ? line.name : line.name + u'\t' + line.value;
    return text.join(u'\n');
}

QList<RunDetails::Line> RunDetails::linesOf(const RunFolder &folder, const RunRecord &record, std::uint64_t diskBytes)
{
    const Job &job = record.job;
    QList<Line> lines;
    const auto add = [&lines](const QString &name, const QString &value) {
        lines.append({name, value.isEmpty() ? u"–"_s : value});
    };
    lines.append({tr("Job"), {}});
    add(tr("Run id"), shownText(record.id));
    add(tr("Experiment"), shownText(job.experiment));
    add(tr("Recipe"), shownText(job.recipe));
    add(tr("Compute target"), shownText(job.target));
    add(tr("GPU"), shownText(job.gpu));
    add(tr("Longest duration"), job.maxDurationSeconds > 0 ? durationText(job.maxDurationSeconds) : tr("no limit"));
    const auto limit = [](std::uint64_t bytes) {
        return bytes > 0 ? QLocale().formattedDataSize(static_cast<qint64>(bytes)) : tr("no limit");
    };
    add(tr("Most memory"), limit(job.maxMemoryBytes));
    add(tr("Most disk space"), limit(job.maxDiskBytes));
    add(tr("Resumed from"), shownText(job.resumeFrom));
    add(tr("Created"), momentText(job.createdAt));
    lines.append({tr("Script parameters"), {}});
    for (const auto &[name, value] : job.params)
        add(shownText(name, longestName), shownText(value));
    lines.append({tr("Data"), {}});
    add(tr("Data set"), shownText(job.data.name));
    add(tr("Images"), tr("%1 to train, %2 to test")
                          .arg(QLocale().toString(qint64{job.data.trainCount}), QLocale().toString(qint64{job.data.testCount})));
    add(tr("SHA-256"), shownText(job.data.sha256));
    lines.append({tr("Attempts"), {}});
    for (const AttemptRecord &attempt : record.attempts)
        add(tr("Attempt %1").arg(attempt.number), attemptText(attempt));
    if (!record.metrics.empty())
        lines.append({tr("Metrics"), {}});
    for (const auto &[name, summary] : record.metrics)
        add(shownText(name, longestName), summaryText(summary));
    lines.append({tr("Files"), {}});
    add(tr("Folder"), shownText(folder.root().string()));
    add(tr("Size on disk"), diskBytes > 0 ? bytesText(diskBytes) : QString());
    add(tr("Model"), shownText(record.model));
    return lines;
}

void RunDetails::rebuild()
{
    delete m_content->layout();
    qDeleteAll(m_content->findChildren<QLabel *>(Qt::FindDirectChildrenOnly));
    m_values.clear();
    m_grid = new QGridLayout(m_content);
    m_grid->setContentsMargins(0, theme::gap, theme::gap, theme::page);
    m_grid->setHorizontalSpacing(theme::page);
    m_grid->setVerticalSpacing(theme::tight);
    m_grid->setColumnMinimumWidth(0, 160);
    m_grid->setColumnStretch(1, 1);
    int row = 0;
    for (const Line &line : std::as_const(m_lines)) {
        const bool isTitle = line.value.isNull();
        if (isTitle && row > 0)
            m_grid->setRowMinimumHeight(row++, theme::wide);
        auto *name = new QLabel(line.name, m_content);
        name->setTextFormat(Qt::PlainText);
        m_grid->addWidget(name, row, 0, 1, isTitle ? 2 : 1, Qt::AlignTop);
        if (isTitle)
            name->setFont(theme::font(1, true));
        else
            theme::setLook(name, theme::Look::Muted);
        QLabel *value = nullptr;
        if (!isTitle) {
            value = new QLabel(line.value, m_content);
            value->setTextFormat(Qt::PlainText);
            value->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
            value->setWordWrap(true);
            value->setMinimumWidth(1); // a word that does not fit is cut, and does not widen the page
            value->setAccessibleName(line.name);
            m_grid->addWidget(value, row, 1);
        }
        m_values.append(value);
        ++row;
    }
    m_grid->setRowStretch(row, 1);
}

} // namespace bottega
