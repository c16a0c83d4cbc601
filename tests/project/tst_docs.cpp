// SPDX-License-Identifier: Apache-2.0
#include "core/engine/recipe.h"
#include "tests/support/testcase.h"

#include <QFile>
#include <QLocale>

using namespace Qt::StringLiterals;
using namespace bottega;

namespace {

QString limit(double value)
{
    return QLocale(QLocale::English).toString(value, 'f', QLocale::FloatingPointShortest);
}

QString row(const engine::ParamSpec &spec)
{
    const bool isText = spec.type == engine::ParamType::Text;
    const QString type = isText ? u"text"_s : spec.type == engine::ParamType::Real ? u"number"_s : u"whole number"_s;
    const QString range = isText ? u" | "_s : u" %1 | %2 "_s.arg(limit(spec.minimum), limit(spec.maximum));
    return u"| `%1` | %2 | %3 |%4| %5 |"_s.arg(QString::fromStdString(spec.name), type,
                                                QString::fromStdString(spec.defaultValue), range,
                                                QString::fromStdString(spec.help));
}

} // namespace

/// The reference page says what the program does.
class TestDocs : public test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void jobSettingsListEveryParameter()
    {
        QFile page(QStringLiteral(BOTTEGA_SOURCE_DIR "/docs/job-settings.md"));
        QVERIFY(page.open(QIODevice::ReadOnly));
        const QString text = QString::fromUtf8(page.readAll());
        for (const engine::Recipe &recipe : engine::recipes()) {
            QVERIFY2(text.contains(u"## Recipe `%1`"_s.arg(QString::fromStdString(recipe.name))), recipe.name.c_str());
            for (const engine::ParamSpec &spec : recipe.params)
                QVERIFY2(text.contains(row(spec)), qPrintable(u"missing or out of date: "_s + row(spec)));
        }
    }
};

BOTTEGA_TEST_MAIN(TestDocs)
#include "tst_docs.moc"
