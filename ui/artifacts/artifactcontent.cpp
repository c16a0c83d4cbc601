// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/artifacts/artifactcontent.h"

#include "core/base/redact.h"
#include "core/base/file.h"
#include "core/base/safename.h"

#include <QFile>
#include <QImageReader>
#include <QStringDecoder>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

constexpr std::uint64_t textBytes = std::uint64_t{256} << 10;
constexpr std::uint64_t arrayFileBytes = std::uint64_t{512} << 20;
constexpr qint64 imagePixels = 50'000'000;

template <class T>
void summarize(ArraySummary &summary, const std::string &bytes)
{
    summary.minimum = std::numeric_limits<double>::infinity();
    summary.maximum = -summary.minimum;
    double sum = 0;
    for (std::size_t offset = 0; offset + sizeof(T) <= bytes.size(); offset += sizeof(T)) {
        T raw;
        std::memcpy(&raw, bytes.data() + offset, sizeof raw);
        const double value = static_cast<double>(raw);
        if (!std::isfinite(value))
            continue;
        ++summary.finiteCount;
        sum += value;
        summary.minimum = std::min(summary.minimum, value);
        summary.maximum = std::max(summary.maximum, value);
    }
    if (summary.finiteCount > 0)
        summary.mean = sum / static_cast<double>(summary.finiteCount);
}

bool endsWith(const std::string &path, std::string_view ending)
{
    return path.size() >= ending.size() &&
           std::equal(ending.rbegin(), ending.rend(), path.rbegin(), [](char a, char b) {
               return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
           });
}

Result<ArtifactContent> readArrays(const UniqueFd &fd, const std::filesystem::path &shown, std::uint64_t size)
{
    if (size > arrayFileBytes)
        return NoPreview{size};
    // Through the open file's own name, so that nobody can put a link in its place after it was checked.
    auto arrays = readNpz("/proc/self/fd/" + std::to_string(fd.get()));
    if (!arrays) {
        Error error = arrays.error();
        error.where = shown.string();
        return fail(std::move(error));
    }
    std::vector<ArraySummary> summaries;
    for (const auto &[key, array] : *arrays)
        summaries.push_back(summarizeArray(key, array));
    return summaries;
}

Result<ArtifactContent> readImage(const UniqueFd &fd, const std::filesystem::path &shown)
{
    const auto damaged = [&shown](std::string what, std::string remedy) {
        return fail(ErrorCode::Corrupt, std::move(what), shown.string(), {}, std::move(remedy));
    };
    QFile file;
    if (!file.open(fd.get(), QIODevice::ReadOnly))
        return damaged("The picture could not be opened", {});
    QImageReader reader(&file, endsWith(shown.string(), ".png") ? "png" : "jpeg");
    const QSize size = reader.size();
    if (!size.isValid())
        return damaged("This is not a picture of the kind its name says", {});
    if (qint64{size.width()} * size.height() > imagePixels)
        return fail(ErrorCode::Unsupported,
                    "The picture has " + std::to_string(size.width()) + " × " + std::to_string(size.height()) +
                        " points: too large to preview",
                    shown.string(), {}, "Download it and open it elsewhere");
    QImage image = reader.read();
    if (image.isNull())
        return damaged("The picture could not be decoded", "The rest of the run is not affected");
    return image;
}

Result<ArtifactContent> readText(const UniqueFd &fd, const std::filesystem::path &shown, std::uint64_t size)
{
    QByteArray bytes(static_cast<qsizetype>(std::min(size, textBytes)), Qt::Uninitialized);
    const auto count = readAt(fd.get(), std::as_writable_bytes(std::span(bytes.data(), static_cast<std::size_t>(bytes.size()))), 0, shown);
    if (!count)
        return fail(count.error());
    bytes.truncate(static_cast<qsizetype>(*count));
    if (bytes.contains('\0'))
        return NoPreview{size};
    QStringDecoder decoder(QStringDecoder::Utf8); // a character cut at the end is left out, not shown as damaged
    const std::string clean = redact({bytes.constData(), static_cast<std::size_t>(bytes.size())});
    QString text = decoder.decode(QByteArrayView(clean.data(), static_cast<qsizetype>(clean.size())));
    if (text.count(QChar::ReplacementCharacter) > text.size() / 20)
        return NoPreview{size};
    return TextContent{std::move(text), *count, size};
}

} // namespace

ArraySummary summarizeArray(const std::string &key, const NpyArray &array)
{
    ArraySummary summary{key, array.shape, array.type, array.count()};
    switch (array.type) {
    case NpyType::Float32:
        summarize<float>(summary, array.bytes);
        break;
    case NpyType::Float64:
        summarize<double>(summary, array.bytes);
        break;
    case NpyType::Int32:
        summarize<std::int32_t>(summary, array.bytes);
        break;
    case NpyType::Int64:
        summarize<std::int64_t>(summary, array.bytes);
        break;
    case NpyType::UInt8:
        summarize<std::uint8_t>(summary, array.bytes);
        break;
    case NpyType::UInt64:
        summarize<std::uint64_t>(summary, array.bytes);
        break;
    }
    return summary;
}

Result<ArtifactContent> readArtifactContent(const std::filesystem::path &work, const std::string &path)
{
    auto fd = openBeneath(work, path);
    if (!fd)
        return fail(fd.error());
    const std::filesystem::path shown = work / path;
    const auto size = fileSize(fd->get(), shown);
    if (!size)
        return fail(size.error());
    if (endsWith(path, ".npz"))
        return readArrays(*fd, shown, *size);
    if (endsWith(path, ".png") || endsWith(path, ".jpg") || endsWith(path, ".jpeg"))
        return readImage(*fd, shown);
    return readText(*fd, shown, *size);
}

} // namespace bottega
