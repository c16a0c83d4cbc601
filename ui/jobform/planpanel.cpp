// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobform/planpanel.h"

#include "core/compute/estimate.h"
#include "core/engine/guard.h"
#include "core/engine/settings.h"
#include "ui/jobform/ratecurve.h"
#include "ui/network/networkview.h"
#include "ui/widgets/theme.h"

#include <QLabel>
#include <QVBoxLayout>

#include <cmath>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

QLabel *title(const QString &text, QWidget *parent)
{
    auto *label = new QLabel(text, parent);
    label->setTextFormat(Qt::PlainText);
    label->setFont(theme::font(1, true));
    return label;
}

} // namespace

PlanPanel::PlanPanel(QWidget *parent)
    : QWidget(parent)
    , m_network(new NetworkView(this))
    , m_rate(new RateCurve(this))
{
    m_network->setObjectName(u"networkView"_s);
    m_rate->setObjectName(u"rateCurve"_s);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(title(tr("Network"), this));
    layout->addWidget(m_network);
    layout->addSpacing(theme::gap);
    layout->addWidget(title(tr("Learning rate"), this));
    layout->addWidget(m_rate);
    layout->addStretch(1);
}

void PlanPanel::setJob(const engine::Recipe &recipe, const engine::Params &params, const Dataset &dataset)
{
    if (const auto spec = engine::networkOf(recipe, params))
        m_network->setNetwork(*spec, pictureOf(dataset), classesOf(dataset));
    const auto settings = engine::guarded([&] { return Result<engine::TrainSettings>(engine::settingsOf(params)); });
    if (!settings)
        return;
    const double images = double(dataset.trainCount) * (1 - settings->validation);
    const double perEpoch = images / double(settings->batchSize);
    m_rate->setSchedule(settings->schedule, {static_cast<std::int64_t>(std::ceil(perEpoch * double(settings->epochs))), perEpoch}, settings->epochs);
}

void PlanPanel::clear()
{
    m_network->setEmpty(tr("The network is drawn once its description can be read."));
}

std::optional<Error> PlanPanel::networkError() const
{
    return m_network->error();
}

} // namespace bottega
