// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/network/samplenetworks.h"

#include "core/engine/networkspec.h"
#include "ui/widgets/errortext.h"

#include <QCoreApplication>
#include <QStringList>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

struct SampleTexts
{
    Q_DECLARE_TR_FUNCTIONS(bottega::SampleTexts)
};

constexpr const char *modern = R"({"layers": [
  {"type": "conv2d", "channels": 16, "kernel": 3, "padding": 1}, {"type": "batchnorm"}, {"type": "relu"},
  {"type": "maxpool", "kernel": 2},
  {"type": "conv2d", "channels": 32, "kernel": 3, "padding": 1}, {"type": "batchnorm"}, {"type": "relu"},
  {"type": "maxpool", "kernel": 2},
  {"type": "flatten"}, {"type": "dropout", "rate": 0.5}, {"type": "linear"}]})";

constexpr const char *residual = R"({"layers": [
  {"type": "conv2d", "channels": 16, "kernel": 3, "padding": 1}, {"type": "relu", "name": "stem"},
  {"type": "conv2d", "channels": 16, "kernel": 3, "padding": 1}, {"type": "batchnorm"}, {"type": "relu"},
  {"type": "conv2d", "channels": 16, "kernel": 3, "padding": 1}, {"type": "batchnorm"}, {"type": "add", "with": "stem"},
  {"type": "relu"}, {"type": "maxpool", "kernel": 4}, {"type": "flatten"}, {"type": "linear"}]})";

/// Without what goes without saying.
Json shortened(Json layer)
{
    const bool isPool = layer.at("type") == "maxpool" || layer.at("type") == "avgpool";
    if (layer.contains("stride") && layer.at("stride") == (isPool ? layer.at("kernel") : Json(1)))
        layer.erase("stride");
    if (layer.contains("padding") && layer.at("padding") == 0)
        layer.erase("padding");
    return layer;
}

QString pretty(const engine::NetworkSpec &spec)
{
    QStringList lines;
    const Json network = engine::networkToJson(spec);
    for (const Json &layer : network.at("layers"))
        lines += u"  "_s + toQString(dumpJson(shortened(layer))).replace("\":"_L1, "\": "_L1).replace(",\""_L1, ", \""_L1);
    return u"{\"layers\": [\n"_s + lines.join(u",\n"_s) + u"\n]}"_s;
}

} // namespace

QList<SampleNetwork> sampleNetworks()
{
    const auto fromJson = [](const char *json) { return readableNetwork(QString::fromLatin1(json)); };
    return {
        {SampleTexts::tr("Linear layers"), pretty(engine::mlpNetwork({300, 100}))},
        {SampleTexts::tr("Convolutions and pooling"), pretty(engine::smallCnnNetwork())},
        {SampleTexts::tr("Batch norm and dropout"), fromJson(modern)},
        {SampleTexts::tr("Residual block"), fromJson(residual)},
    };
}

QString readableNetwork(const QString &json)
{
    const auto spec = engine::parseNetwork(toStdString(json));
    return spec ? pretty(*spec) : json;
}

} // namespace bottega
