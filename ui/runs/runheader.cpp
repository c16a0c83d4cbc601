// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/runheader.h"

#include "core/base/clock.h"
#include "ui/runs/runstyle.h"
#include "ui/runs/statebadge.h"
#include "ui/widgets/elidedlabel.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/format.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QToolButton>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

QLabel *plainText(QWidget *parent, const QString &objectName)
{
    auto *label = new QLabel(parent);
    label->setTextFormat(Qt::PlainText);
    label->setObjectName(objectName);
    return label;
}

QLabel *mutedText(QWidget *parent, const QString &objectName)
{
    QLabel *label = plainText(parent, objectName);
    theme::setLook(label, theme::Look::Muted);
    return label;
}

constexpr qsizetype longestFact = 40; // characters: the facts share a line

QString orDash(const std::string &text)
{
    return text.empty() ? u"–"_s : shownText(text, longestFact);
}

void showFact(QLabel *label, const std::string &text)
{
    const QString whole = toQString(text);
    label->setText(orDash(text));
    label->setToolTip(whole.size() > longestFact ? plainToolTip(whole) : QString());
}

std::optional<double> epochNow(const RunRecord &record)
{
    const auto epoch = record.metrics.find("epoch");
    return epoch == record.metrics.end() ? std::nullopt : std::optional(epoch->second.last);
}

} // namespace

RunHeader::RunHeader(const QList<QAction *> &actions, QWidget *parent)
    : QWidget(parent)
    , m_live(new QWidget(this))
    , m_progress(new QProgressBar(this))
{
    auto *texts = new QVBoxLayout;
    texts->setSpacing(theme::gap + theme::tight);
    auto *top = new QHBoxLayout;
    buildTop(actions, top);
    auto *facts = new QHBoxLayout;
    buildFacts(facts);
    texts->addLayout(top);
    texts->addLayout(facts);

    m_progress->setObjectName(u"runProgress"_s);
    m_progress->setAccessibleName(tr("Progress"));
    m_progress->setTextVisible(false);
    m_progress->setRange(0, 1000);
    m_progressText = mutedText(m_live, u"runProgressText"_s);
    auto *live = new QHBoxLayout(m_live);
    live->setContentsMargins(0, 0, 0, 0);
    live->setSpacing(theme::wide);
    live->addWidget(m_progress, 1);
    live->addWidget(m_progressText);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(theme::page, theme::wide, theme::page, theme::gap);
    layout->setSpacing(theme::gap);
    layout->addLayout(texts);
    layout->addWidget(m_live);
    m_clock.setInterval(1000);
    connect(&m_clock, &QTimer::timeout, this, &RunHeader::showTimes);
    clear();
}

void RunHeader::buildTop(const QList<QAction *> &actions, QHBoxLayout *row)
{
    m_name = plainText(this, u"runName"_s);
    m_name->setFont(theme::font(2, true));
    m_badge = new StateBadge(this);
    m_badge->setObjectName(u"runState"_s);
    m_evidence = new ElidedLabel(this);
    m_evidence->setObjectName(u"runEvidence"_s);
    m_evidence->setMinimumWidth(40);
    theme::setLook(m_evidence, theme::Look::Muted);
    row->setSpacing(theme::wide);
    row->addWidget(m_name);
    row->addWidget(m_badge);
    row->addWidget(m_evidence, 1);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(theme::tight);
    for (QAction *action : actions) {
        auto *button = new QToolButton(this);
        button->setDefaultAction(action);
        button->setObjectName(action->objectName() + u"Button"_s);
        button->setAccessibleName(action->iconText());
        button->setIconSize({18, 18});
        button->setFocusPolicy(Qt::TabFocus);
        buttons->addWidget(button);
    }
    row->addLayout(buttons);
}

void RunHeader::buildFacts(QHBoxLayout *row)
{
    row->setSpacing(theme::page + theme::gap);
    m_experiment = addFact(row, tr("Experiment"), u"runExperiment"_s);
    m_recipe = addFact(row, tr("Recipe"), u"runRecipe"_s);
    m_data = addFact(row, tr("Data"), u"runData"_s);
    m_started = addFact(row, tr("Started"), u"runStarted"_s);
    m_duration = addFact(row, tr("Duration"), u"runDuration"_s);
    m_model = addFact(row, tr("Model"), u"runModel"_s);
    row->addStretch(1);
    m_accuracy = addFact(row, tr("Best accuracy"), u"runAccuracy"_s);
    m_accuracy->setFont(theme::font(3, true));
}

QLabel *RunHeader::addFact(QHBoxLayout *row, const QString &name, const QString &objectName)
{
    auto *column = new QVBoxLayout;
    column->setSpacing(2);
    QLabel *label = mutedText(this, {});
    label->setText(name);
    label->setFont(theme::font(-1));
    QLabel *value = plainText(this, objectName);
    value->setAccessibleName(name);
    value->setMinimumWidth(40); // cut, before it widens the window
    value->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(label);
    column->addWidget(value);
    column->addStretch(1);
    row->addLayout(column);
    return value;
}

void RunHeader::clear()
{
    m_record.reset();
    m_clock.stop();
    for (QLabel *label : {m_name, m_evidence, m_experiment, m_recipe, m_data, m_started, m_duration, m_model, m_accuracy})
        label->clear();
    m_badge->hide();
    m_live->hide();
}

void RunHeader::setRecord(const RunRecord &record)
{
    m_record = record;
    noteSeen();
    m_name->setText(shortRunName(record));
    m_name->setToolTip(plainToolTip(toQString(record.id)));
    m_badge->setState(record.status.state);
    m_badge->show();
    showFact(m_experiment, record.job.experiment);
    showFact(m_recipe, record.job.recipe);
    showFact(m_data, record.job.data.name);
    m_started->setText(momentText(record.status.started));
    showFact(m_model, record.model);
    const std::optional<double> accuracy = bestAccuracy(record);
    m_accuracy->setText(accuracy ? percentText(*accuracy) : u"–"_s);
    if (isLive(record))
        m_clock.start();
    showTimes();
}

void RunHeader::noteSeen()
{
    m_seenAt = wallTime();
}

QString RunHeader::progressText() const
{
    return m_progressText->text();
}

void RunHeader::showTimes()
{
    if (!m_record)
        return;
    const double now = wallTime();
    const QString evidence = evidenceText(*m_record, m_seenAt, now);
    m_evidence->setText(evidence);
    m_evidence->setToolTip(plainToolTip(evidence));
    const bool silent = m_record->status.state == RunState::NotResponding;
    const double until = silent ? m_record->status.since : now;
    m_duration->setText(m_record->status.started > 0 ? durationText(m_record->durationSeconds(until)) : u"–"_s);
    showProgress(now);
}

void RunHeader::showProgress(double now)
{
    m_live->setVisible(isLive(*m_record) && m_record->status.state != RunState::NotResponding);
    m_progress->setValue(qRound(m_record->progress() * 1000));
    const std::optional<double> left = secondsLeft(*m_record, now);
    const std::optional<double> epoch = epochNow(*m_record);
    const QString done = percentText(m_record->progress(), 0);
    const QString epochs = shownText(m_record->job.param("epochs", "–"), 10);
    if (left && epoch)
        m_progressText->setText(tr("%1 · epoch %2 of %3 · %4 left")
                                    .arg(done, QLocale().toString(*epoch, 'f', 0), epochs, durationText(*left)));
    else
        m_progressText->setText(left ? tr("%1 · %2 left").arg(done, durationText(*left)) : tr("Waiting for the first point"));
}

} // namespace bottega
