// SPDX-License-Identifier: Apache-2.0
#include "tests/core/formats/peer.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QProcess>

namespace bottega::test {

using namespace Qt::StringLiterals;

Answer askPeer(const char *variable, const QString &action, const std::filesystem::path &path)
{
    QString python = qEnvironmentVariable(variable);
    if (python.isEmpty())
        python = u"python3"_s;
    QProcess process;
    process.start(python, {QStringLiteral(BOTTEGA_SOURCE_DIR "/tests/core/formats/peers.py"), action,
                           QString::fromStdString(path.string())});
    Answer answer;
    if (!process.waitForFinished(120'000))
        return answer;
    answer.exitCode = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
    answer.document = QJsonDocument::fromJson(process.readAllStandardOutput());
    answer.messages = process.readAllStandardError();
    return answer;
}

QByteArray shown(const NpzArrays &arrays)
{
    QJsonObject all;
    for (const auto &[key, array] : arrays) {
        QJsonArray shape;
        for (const std::uint64_t length : array.shape)
            shape.append(static_cast<qint64>(length));
        const std::string_view type = npyTypeName(array.type);
        all.insert(QString::fromStdString(key),
                   QJsonArray{QLatin1String(type.data(), static_cast<qsizetype>(type.size())), shape,
                              QString::fromLatin1(QByteArray::fromStdString(array.bytes).toHex())});
    }
    return shown(all);
}

QByteArray shown(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

} // namespace bottega::test
