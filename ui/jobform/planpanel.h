// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/recipe.h"
#include "core/workspace/datasets.h"

#include <QWidget>

#include <optional>

namespace bottega {

class NetworkView;
class RateCurve;

/// What a run would train: the drawing of its network and the learning rate over the training.
class PlanPanel : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(PlanPanel)
public:
    explicit PlanPanel(QWidget *parent = nullptr);

    /// Of parameters that are right by themselves. The first data set that is known will do while none is chosen.
    void setJob(const engine::Recipe &recipe, const engine::Params &params, const Dataset &dataset);
    void clear(); // nothing to draw yet
    /// What is wrong with the network on these data.
    [[nodiscard]] std::optional<Error> networkError() const;

private:
    NetworkView *m_network = nullptr;
    RateCurve *m_rate = nullptr;
};

} // namespace bottega
