// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/runfolder.h"
#include "core/workspace/models.h"
#include "core/workspace/workspace.h"

#include <QStringList>

class QWidget;

namespace bottega {

/// Asks for a folder and copies there what was asked, in the background, each file verified. Nothing is overwritten
/// unasked. Returns at once; the dialogs are children of `parent` and the whole ends with it.
void downloadArtifacts(QWidget *parent, const RunFolder &run, const QStringList &paths);
void downloadModel(QWidget *parent, const Workspace &workspace, const Model &model);

} // namespace bottega
