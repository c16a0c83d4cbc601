// SPDX-License-Identifier: Apache-2.0
#include "tests/core/workspace/injected.h"

#include <QProcess>
#include <QTemporaryFile>

namespace bottega::test {

using namespace Qt::StringLiterals;

namespace {

constexpr int longest = 60'000; // milliseconds

bool isPermitted()
{
    static const bool permitted = QProcess::execute(u"strace"_s, {u"-qq"_s, u"-o"_s, u"/dev/null"_s, u"true"_s}) == 0;
    return permitted;
}

} // namespace

std::optional<Injected> runInjected(const QString &injection, const QStringList &arguments)
{
    if (!isPermitted())
        return {};
    QTemporaryFile log;
    if (!log.open())
        return {};
    QProcess process;
    const QStringList traced = {u"-f"_s, u"-qq"_s, u"-o"_s, log.fileName(), u"-e"_s, u"trace="_s + injection.section(u':', 0, 0),
                                u"-e"_s, u"inject="_s + injection, QStringLiteral(BOTTEGA_BIN_DIR "/bottega-cli")};
    process.start(u"strace"_s, traced + arguments);
    if (!process.waitForFinished(longest)) {
        process.kill();
        process.waitForFinished();
        return {};
    }
    Injected result;
    const QByteArray calls = log.readAll();
    result.wasKilled = process.exitStatus() == QProcess::CrashExit || process.exitCode() == 137;
    result.wasReached = result.wasKilled || calls.contains("(INJECTED");
    result.exitCode = process.exitCode();
    result.out = process.readAllStandardOutput().toStdString();
    result.err = process.readAllStandardError().toStdString();
    return result;
}

} // namespace bottega::test
