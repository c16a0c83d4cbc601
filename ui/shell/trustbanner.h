// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workspace/workspace.h"
#include "ui/widgets/notice.h"

#include <optional>

namespace bottega {

/// Says in plain words what a workspace from elsewhere may not do yet, and lets the user trust it. Hidden for a trusted one.
class TrustBanner : public Notice
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(TrustBanner)
public:
    explicit TrustBanner(QWidget *parent = nullptr);

    /// Reads in the background whether it is trusted, and tells by trustRead().
    void setWorkspace(const Workspace &workspace);

    /// The workspace, where it may be computed in. Until that is read it counts as trusted: whatever computes asks again.
    [[nodiscard]] std::optional<Workspace> trusted() const { return m_isTrusted ? m_workspace : std::nullopt; }

Q_SIGNALS:
    void trustRead(bool trusted);

private:
    void read();
    void take(bool trusted);
    void trust();

    std::optional<Workspace> m_workspace;
    bool m_isTrusted = true;
};

} // namespace bottega
