// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/networkspec.h"

#include <QWidget>

#include <optional>

class QLabel;
class QTreeView;

namespace bottega {

class NetworkDelegate;
class NetworkModel;

/// The drawing of a network with its sums below: as tall as the network, up to a limit, then it scrolls. A network that is
/// wrong is drawn as far as it goes, with the reason below.
class NetworkView : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(NetworkView)
public:
    explicit NetworkView(QWidget *parent = nullptr);

    void setNetwork(const engine::NetworkSpec &spec, const engine::Shape &picture, std::int64_t classes);
    /// Where there is nothing to draw; why, in words.
    void setEmpty(const QString &reason);

    [[nodiscard]] const std::optional<engine::NetworkPlan> &plan() const;
    [[nodiscard]] const std::optional<Error> &error() const;
    [[nodiscard]] NetworkModel *model() const { return m_model; }

protected:
    void changeEvent(QEvent *event) override;

private:
    void fit();
    void showSums();

    NetworkModel *m_model = nullptr;
    NetworkDelegate *m_delegate = nullptr;
    QTreeView *m_tree = nullptr;
    QLabel *m_sums = nullptr;
};

} // namespace bottega
