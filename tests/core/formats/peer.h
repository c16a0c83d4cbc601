// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/formats/npz/npz.h"

#include <QByteArray>
#include <QJsonDocument>
#include <QString>
#include <QTest>

#include <filesystem>

namespace bottega::test {

/// What a stock reader or writer of our files said.
struct Answer
{
    int exitCode = -1; // 77: a package is missing; -1: so is Python
    QJsonDocument document;
    QByteArray messages;
};

/// Runs one action of peers.py, with the Python that the environment variable names or the system's own.
[[nodiscard]] Answer askPeer(const char *variable, const QString &action, const std::filesystem::path &path);

/// Arrays as peers.py shows them: [type, shape, bytes in hex] by name, as JSON.
[[nodiscard]] QByteArray shown(const NpzArrays &arrays);
[[nodiscard]] QByteArray shown(const QJsonObject &object);

} // namespace bottega::test

#define ANSWER_OR_SKIP(answer, what)                                                                                   \
    if ((answer).exitCode == 77 || (answer).exitCode == -1)                                                            \
        QSKIP("NOT TESTED: " what " is missing; packaging/bootstrap test installs it");                                \
    QVERIFY2((answer).exitCode == 0, (answer).messages.constData())
