// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>

namespace bottega {

/// A network to start one's own from.
struct SampleNetwork
{
    QString title;
    QString json;
};

[[nodiscard]] QList<SampleNetwork> sampleNetworks();

/// The description with a line for each layer.
[[nodiscard]] QString readableNetwork(const QString &json); // as it is where it can't be parsed

} // namespace bottega
