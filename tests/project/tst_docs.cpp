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

QString typeName(engine::ParamType type)
{
    switch (type) {
    case engine::ParamType::Integer: return u"whole number"_s;
    case engine::ParamType::Real: return u"number"_s;
    case engine::ParamType::Text: return u"text"_s;
    case engine::ParamType::Choice: return u"choice"_s;
    case engine::ParamType::Integers: return u"whole numbers"_s;
    case engine::ParamType::Network: return u"network"_s;
    }
    return {};
}

QString row(const engine::ParamSpec &spec)
{
    using Type = engine::ParamType;
    const bool isNumber = spec.type == Type::Integer || spec.type == Type::Real || spec.type == Type::Integers;
    const QString range = isNumber ? u" %1 | %2 "_s.arg(limit(spec.minimum), limit(spec.maximum)) : u" | "_s;
    QStringList choices;
    for (const std::string &choice : spec.choices)
        choices << u'`' + QString::fromStdString(choice) + u'`';
    return u"| `%1` | %2 | %3 |%4| %5%6 |"_s.arg(
        QString::fromStdString(spec.name), typeName(spec.type),
        spec.type == Type::Network ? u"below"_s : QString::fromStdString(spec.defaultValue), range,
        QString::fromStdString(spec.help), choices.isEmpty() ? QString() : u' ' + choices.join(u", "_s));
}

/// From the heading to the next one of its level.
QString section(const QString &page, const QString &heading)
{
    const qsizetype begin = page.indexOf(u"## "_s + heading + u'\n');
    return begin < 0 ? QString() : page.mid(begin, page.indexOf(u"\n## "_s, begin + 3) - begin);
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
        const QString shared = section(text, u"Parameters of all recipes"_s);
        for (const engine::Recipe &recipe : engine::recipes()) {
            const QString own = section(text, u"Recipe `%1`"_s.arg(QString::fromStdString(recipe.name)));
            QVERIFY2(!own.isEmpty(), recipe.name.c_str());
            for (const engine::ParamSpec &spec : recipe.params) {
                QVERIFY2((own + shared).contains(row(spec)), qPrintable(u"missing or out of date: "_s + row(spec)));
                if (spec.type == engine::ParamType::Network)
                    QVERIFY(own.contains(u"\n    "_s + QString::fromStdString(spec.defaultValue) + u'\n'));
            }
            for (const engine::Preset &preset : recipe.presets) {
                QStringList values;
                for (const auto &[name, value] : preset.params)
                    values << QString::fromStdString(name + "=" + value);
                QVERIFY(own.contains(u"Preset `%1`"_s.arg(QString::fromStdString(preset.name))));
                QVERIFY2(own.contains(u'`' + values.join(u' ') + u'`'), qPrintable(u"out of date, now: "_s + values.join(u' ')));
            }
        }
    }
};

BOTTEGA_TEST_MAIN(TestDocs)
#include "tst_docs.moc"
