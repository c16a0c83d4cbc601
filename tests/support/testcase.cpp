// SPDX-License-Identifier: Apache-2.0
#include "tests/support/testcase.h"

#include <QCoreApplication>
#include <QDir>
#include <QMetaMethod>
#include <QRegularExpression>

namespace bottega::test {

using namespace Qt::StringLiterals;

void TestCase::init()
{
    QTest::failOnWarning(QRegularExpression(u".*"_s));
}

void isolateHome(const QTemporaryDir &home)
{
    const auto folder = [&home](const QString &name) {
        const QString path = home.filePath(name);
        QDir().mkpath(path);
        return path.toUtf8();
    };
    qputenv("XDG_DATA_HOME", folder(u"data"_s));
    qputenv("XDG_CACHE_HOME", folder(u"cache"_s));
    qputenv("XDG_CONFIG_HOME", folder(u"config"_s));
    qputenv("XDG_STATE_HOME", folder(u"state"_s)); // the queue of this machine's processors and GPUs
    qputenv("LC_ALL", "C.UTF-8");
    qputenv("LANGUAGE", "en");
    qputenv("QT_QPA_PLATFORMTHEME", "");
}

namespace {

bool isCase(const QByteArray &function)
{
    static const QRegularExpression pattern(u"^case[0-9]+_"_s);
    return pattern.match(QString::fromLatin1(function)).hasMatch();
}

/// Qt Test's own rule: private slots without parameters, but for those that serve others.
QStringList ordinaryFunctions(const QMetaObject &type)
{
    static const QList<QByteArray> helpers = {"init", "cleanup", "initTestCase", "cleanupTestCase"};
    QStringList functions;
    for (int i = 0; i < type.methodCount(); ++i) {
        const QMetaMethod method = type.method(i);
        const QByteArray name = method.name();
        if (method.methodType() == QMetaMethod::Slot && method.access() == QMetaMethod::Private &&
            method.parameterCount() == 0 && !name.endsWith("_data") && !helpers.contains(name) && !isCase(name))
            functions.append(QString::fromLatin1(name));
    }
    return functions;
}

} // namespace

int runTest(QObject &test, int argc, char **argv)
{
    if (argc > 1)
        return QTest::qExec(&test, argc, argv);
    const QStringList functions = ordinaryFunctions(*test.metaObject());
    if (functions.isEmpty())
        return 0; // all of them are cases
    return QTest::qExec(&test, QStringList(QCoreApplication::applicationFilePath()) + functions);
}

QString mnistFolder()
{
    const QString named = qEnvironmentVariable("BOTTEGA_TEST_DATA");
    const QString root = named.isEmpty() ? QStringLiteral(BOTTEGA_SOURCE_DIR "/../shared/data") : named;
    const QString folder = root + u"/mnist"_s;
    return QDir(folder).exists() ? QDir::cleanPath(folder) : QString();
}

} // namespace bottega::test
