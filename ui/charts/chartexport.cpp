// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/chartexport.h"

#include "core/base/atomicsave.h"

#include <QBuffer>

#include <charconv>
#include <cmath>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

std::string quoted(const std::string &field)
{
    if (field.find_first_of(",\"\r\n") == std::string::npos)
        return field;
    std::string result = "\"";
    for (const char c : field)
        result += c == '"' ? std::string("\"\"") : std::string(1, c);
    return result + '"';
}

std::string number(double value)
{
    if (std::isnan(value))
        return "nan";
    if (std::isinf(value))
        return value > 0 ? "inf" : "-inf";
    char buffer[32];
    const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value); // shortest that reads back equal
    return error == std::errc() ? std::string(buffer, end) : std::string();
}

Result<void> writePoints(const NamedPoints &metric, const WriteBytes &write)
{
    const std::string name = quoted(metric.name) + ',';
    Result<void> done;
    metric.points.forEachSpan([&](std::span<const MetricPoint> points) {
        std::string lines;
        for (const MetricPoint &point : points)
            lines += name + std::to_string(point.step) + ',' + number(point.wallTime) + ',' + number(point.value) + '\n';
        done = write(lines);
        return done.has_value();
    });
    if (const auto error = metric.points.error(); done && error)
        return fail(*error);
    return done;
}

} // namespace

Result<void> saveCsv(const std::vector<NamedPoints> &metrics, const std::filesystem::path &path)
{
    const auto content = [&metrics](const WriteBytes &write) {
        auto done = write("metric,step,wall_time,value\n");
        for (std::size_t i = 0; i < metrics.size() && done; ++i)
            done = writePoints(metrics[i], write);
        return done;
    };
    return saveAtomically(path, content, 0644);
}

Result<void> savePng(const QImage &image, const std::filesystem::path &path)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    if (!image.save(&buffer, "PNG"))
        return fail(ErrorCode::Failed, "The picture could not be made", path.string());
    return saveAtomically(path, std::string_view(bytes.constData(), std::size_t(bytes.size())), 0644);
}

QString suggestedFileName(const QString &title, const QString &suffix)
{
    QString name;
    for (const QChar c : title.toLower())
        name += c.isLetterOrNumber() ? c : u'-';
    while (name.startsWith(u'-'))
        name.remove(0, 1);
    return (name.isEmpty() ? u"chart"_s : name.left(60)) + u'.' + suffix;
}

} // namespace bottega
