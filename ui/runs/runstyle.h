// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workspace/runrecord.h"
#include "ui/widgets/theme.h"

#include <QIcon>
#include <QString>

#include <optional>

namespace bottega {

/// How a run is named and its state looks everywhere in the studio: words, icon and colour, never colour alone.
[[nodiscard]] QString stateText(RunState state);
[[nodiscard]] theme::Color stateColor(RunState state);
[[nodiscard]] QIcon stateIcon(RunState state);

/// The eight hexadecimal digits at the end of the id: what people read out to each other.
[[nodiscard]] QString shortRunName(const RunRecord &record);

/// Live: an agent may still change it.
[[nodiscard]] bool isLive(const RunRecord &record);

/// Best validation accuracy, else best of any metric that is an accuracy; nothing where none was logged.
[[nodiscard]] std::optional<double> bestAccuracy(const RunRecord &record);

/// "pid 4121 alive, 2 s ago"; `seenAt` is when a live run was last looked at, in seconds since 1970.
[[nodiscard]] QString evidenceText(const RunRecord &record, double seenAt, double now);

/// Seconds until the end at the pace so far; nothing before there is a pace.
[[nodiscard]] std::optional<double> secondsLeft(const RunRecord &record, double now);

} // namespace bottega
