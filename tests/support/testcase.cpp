// SPDX-License-Identifier: Apache-2.0
#include "tests/support/testcase.h"

#include <QDir>
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
    qputenv("LC_ALL", "C.UTF-8");
    qputenv("LANGUAGE", "en");
    qputenv("QT_QPA_PLATFORMTHEME", "");
}

QString mnistFolder()
{
    const QString named = qEnvironmentVariable("BOTTEGA_TEST_DATA");
    const QString root = named.isEmpty() ? QStringLiteral(BOTTEGA_SOURCE_DIR "/../shared/data") : named;
    const QString folder = root + u"/mnist"_s;
    return QDir(folder).exists() ? QDir::cleanPath(folder) : QString();
}

} // namespace bottega::test
