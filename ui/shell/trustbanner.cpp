// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/trustbanner.h"

#include "core/workspace/backgroundtask.h"
#include "core/workspace/trust.h"
#include "ui/widgets/errortext.h"

namespace bottega {

TrustBanner::TrustBanner(QWidget *parent)
    : Notice(parent)
{
    connect(this, &Notice::actionTriggered, this, &TrustBanner::trust);
}

void TrustBanner::setWorkspace(const Workspace &workspace)
{
    m_workspace = workspace;
    m_isTrusted = true;
    read();
}

void TrustBanner::read()
{
    runInBackground(
        this, [workspace = *m_workspace] { return isTrusted(workspace); },
        [this, root = m_workspace->root()](bool trusted) {
            if (root == m_workspace->root())
                take(trusted);
        });
}

void TrustBanner::take(bool trusted)
{
    m_isTrusted = trusted;
    if (trusted) {
        clear();
    } else {
        showHint(tr("You did not make this workspace on this computer, so it is for looking only: nothing in it is "
                    "executed and no other computer is contacted. Trust it only if you know who it is from: "
                    "then runs can be started and resumed with the settings that stand in it."));
        setAction(tr("Trust this workspace"));
    }
    Q_EMIT trustRead(trusted);
}

void TrustBanner::trust()
{
    runInBackground(
        this, [workspace = *m_workspace] { return trustWorkspace(workspace); },
        [this](const Result<void> &done) {
            if (!done)
                bottega::showError(window(), done.error());
            read();
        });
}

} // namespace bottega
