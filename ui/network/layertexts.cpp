// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/network/layertexts.h"

#include "ui/widgets/errortext.h"
#include "ui/widgets/format.h"

#include <QCoreApplication>
#include <QLocale>
#include <QRegularExpression>

#include <array>

namespace bottega {

using namespace Qt::StringLiterals;
using engine::LayerSpec;
using engine::LayerType;

namespace {

struct LayerTexts
{
    Q_DECLARE_TR_FUNCTIONS(bottega::LayerTexts)
};

/// "5 × 5" with what is not usual: `usualStride` differs between convolution and pooling.
QString windowText(const LayerSpec &layer, std::int64_t usualStride)
{
    QString text = u"%1 × %1"_s.arg(layer.kernel);
    if (layer.stride != usualStride)
        text += LayerTexts::tr(", stride %1").arg(layer.stride);
    if (layer.padding > 0)
        text += LayerTexts::tr(", padding %1").arg(layer.padding);
    return text;
}

} // namespace

QString layerTitle(const LayerSpec &layer)
{
    switch (layer.type) {
    case LayerType::Linear:
        return LayerTexts::tr("Linear", "layer of a network");
    case LayerType::Conv2d:
        return LayerTexts::tr("Convolution %1", "5 × 5").arg(windowText(layer, 1));
    case LayerType::MaxPool:
        return LayerTexts::tr("Max pooling %1", "2 × 2").arg(windowText(layer, layer.kernel));
    case LayerType::AveragePool:
        return LayerTexts::tr("Average pooling %1", "2 × 2").arg(windowText(layer, layer.kernel));
    case LayerType::Relu:
        return u"ReLU"_s;
    case LayerType::Gelu:
        return u"GELU"_s;
    case LayerType::Tanh:
        return u"tanh"_s;
    case LayerType::BatchNorm:
        return LayerTexts::tr("Batch norm");
    case LayerType::Dropout:
        return LayerTexts::tr("Dropout %1", "25 %").arg(percentText(layer.rate, 0));
    case LayerType::Flatten:
        return LayerTexts::tr("Flatten", "layer of a network");
    case LayerType::Add:
        return LayerTexts::tr("Add %1", "the output of a layer, by name").arg(toQString(layer.with));
    }
    Q_UNREACHABLE();
}

QString shapeTimes(const engine::Shape &shape)
{
    QString text;
    for (const std::int64_t extent : shape)
        text += (text.isEmpty() ? QString() : u" × "_s) + QLocale().toString(qint64{extent});
    return text;
}

QString flopsText(double flops)
{
    static constexpr std::array units = {"FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP"};
    std::size_t unit = 0;
    for (; flops >= 1000 && unit + 1 < units.size(); ++unit)
        flops /= 1000;
    return u"%1 %2"_s.arg(QLocale().toString(flops, 'f', flops < 10 && unit > 0 ? 2 : flops < 100 && unit > 0 ? 1 : 0),
                          QLatin1String(units.at(unit)));
}

int layerOfError(const Error &error)
{
    static const QRegularExpression layer(u"^layer (\\d{1,4})\\b"_s);
    const QRegularExpressionMatch match = layer.match(toQString(error.what));
    return match.hasMatch() ? match.captured(1).toInt() - 1 : -1;
}

} // namespace bottega
