// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/runstyle.h"

#include "ui/widgets/errortext.h"
#include "ui/widgets/format.h"

#include <QCoreApplication>

#include <algorithm>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

struct RunTexts
{
    Q_DECLARE_TR_FUNCTIONS(bottega::RunTexts)
};

QString stateIconName(RunState state)
{
    switch (state) {
    case RunState::Running:
        return u"running"_s;
    case RunState::Completed:
        return u"completed"_s;
    case RunState::Failed:
        return u"error"_s;
    case RunState::CancelRequested:
        return u"stop"_s;
    case RunState::Canceled:
        return u"canceled"_s;
    case RunState::NotResponding:
        return u"silent"_s;
    default:
        return u"clock"_s;
    }
}

} // namespace

QString stateText(RunState state)
{
    switch (state) {
    case RunState::NotStarted:
        return RunTexts::tr("Not started", "run state");
    case RunState::Queued:
        return RunTexts::tr("Queued", "run state");
    case RunState::Preparing:
        return RunTexts::tr("Preparing", "run state");
    case RunState::Provisioning:
        return RunTexts::tr("Provisioning", "run state");
    case RunState::Starting:
        return RunTexts::tr("Starting", "run state");
    case RunState::Running:
        return RunTexts::tr("Running", "run state");
    case RunState::Finalizing:
        return RunTexts::tr("Finalizing", "run state");
    case RunState::Completed:
        return RunTexts::tr("Completed", "run state");
    case RunState::Failed:
        return RunTexts::tr("Failed", "run state");
    case RunState::CancelRequested:
        return RunTexts::tr("Canceling", "run state");
    case RunState::Canceled:
        return RunTexts::tr("Canceled", "run state");
    case RunState::NotResponding:
        return RunTexts::tr("Not responding", "run state");
    }
    Q_UNREACHABLE();
}

theme::Color stateColor(RunState state)
{
    switch (state) {
    case RunState::Running:
    case RunState::Finalizing:
        return theme::Color::Accent;
    case RunState::Completed:
        return theme::Color::Success;
    case RunState::Failed:
        return theme::Color::Danger;
    case RunState::CancelRequested:
    case RunState::NotResponding:
        return theme::Color::Warning;
    default:
        return theme::Color::Muted;
    }
}

QIcon stateIcon(RunState state)
{
    return theme::icon(stateIconName(state), stateColor(state));
}

QString shortRunName(const RunRecord &record)
{
    return toQString(record.id).section(u'_', -1);
}

bool isLive(const RunRecord &record)
{
    return !isTerminal(record.status.state);
}

std::optional<double> bestAccuracy(const RunRecord &record)
{
    const auto validation = record.metrics.find("val/accuracy");
    if (validation != record.metrics.end() && validation->second.count > 0)
        return validation->second.best;
    for (const auto &[name, summary] : record.metrics) {
        if (summary.count > 0 && toQString(name).contains("accuracy"_L1, Qt::CaseInsensitive))
            return summary.best;
    }
    return std::nullopt;
}

QString evidenceText(const RunRecord &record, double seenAt, double now)
{
    const double moment = isLive(record) && record.status.state != RunState::NotResponding ? seenAt : record.status.since;
    const QString age = ageText(now - moment);
    if (record.status.evidence.empty())
        return age;
    return RunTexts::tr("%1, %2", "evidence, its age").arg(shownText(record.status.evidence, 300), age);
}

std::optional<double> secondsLeft(const RunRecord &record, double now)
{
    const double done = record.progress();
    if (record.status.state != RunState::Running || done <= 0)
        return std::nullopt;
    return std::max(0.0, record.durationSeconds(now) * (1 - done) / done);
}

} // namespace bottega
