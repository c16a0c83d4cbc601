// SPDX-License-Identifier: Apache-2.0
#include "app/cli/runcommands.h"

#include "app/cli/runcancel.h"
#include "app/cli/rundelete.h"
#include "app/cli/rundownload.h"
#include "app/cli/runfiles.h"
#include "app/cli/runlist.h"
#include "app/cli/runlogs.h"
#include "app/cli/runmetrics.h"
#include "app/cli/runresume.h"
#include "app/cli/runshow.h"
#include "app/cli/runsubmit.h"

namespace bottega::cli {

CommandList runCommands()
{
    CommandList commands;
    commands.push_back(std::make_unique<RunSubmit>());
    commands.push_back(std::make_unique<RunList>());
    commands.push_back(std::make_unique<RunShow>());
    commands.push_back(std::make_unique<RunMetrics>());
    commands.push_back(std::make_unique<RunLogs>());
    commands.push_back(std::make_unique<RunFiles>());
    commands.push_back(std::make_unique<RunDownload>());
    commands.push_back(std::make_unique<RunCancel>());
    commands.push_back(std::make_unique<RunResume>());
    commands.push_back(std::make_unique<RunDelete>());
    return commands;
}

} // namespace bottega::cli
