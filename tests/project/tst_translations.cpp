// SPDX-License-Identifier: Apache-2.0
#include "tests/support/testcase.h"

#include <QDirIterator>
#include <QFile>
#include <QProcess>
#include <QXmlStreamReader>

using namespace Qt::StringLiterals;

namespace {

struct Message
{
    QString source;
    QString translation;
    bool isUnfinished = false;
    bool isGone = false;
};

QList<Message> messagesOf(const QString &path)
{
    QFile file(path);
    QList<Message> messages;
    if (!file.open(QIODevice::ReadOnly))
        return messages;
    QXmlStreamReader xml(&file);
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement)
            continue;
        if (xml.name() == u"message") {
            messages.append(Message());
        } else if (xml.name() == u"source") {
            messages.last().source = xml.readElementText();
        } else if (xml.name() == u"translation") {
            const auto type = xml.attributes().value(u"type"_s);
            messages.last().isUnfinished = type == u"unfinished";
            messages.last().isGone = type == u"vanished" || type == u"obsolete";
            messages.last().translation = xml.readElementText(QXmlStreamReader::IncludeChildElements).trimmed();
        }
    }
    return messages;
}

QStringList placeholders(const QString &text)
{
    static const QRegularExpression place(u"%[0-9nL]+"_s);
    QStringList found;
    for (auto it = place.globalMatch(text); it.hasNext();)
        found.append(it.next().captured());
    found.removeDuplicates();
    found.sort();
    return found;
}

} // namespace

/// The translations hold what the sources say now.
class TestTranslations : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_copy = m_folder.filePath(u"bottega_it.ts"_s);
        QVERIFY(QFile::copy(QStringLiteral(BOTTEGA_SOURCE_DIR "/translations/bottega_it.ts"), m_copy));
        QVERIFY(QFile::setPermissions(m_copy, QFile::ReadOwner | QFile::WriteOwner));
        QProcess lupdate;
        lupdate.start(QStringLiteral(BOTTEGA_LUPDATE),
                      {u"-I"_s, QStringLiteral(BOTTEGA_SOURCE_DIR), QStringLiteral(BOTTEGA_SOURCE_DIR "/ui"),
                       QStringLiteral(BOTTEGA_SOURCE_DIR "/app/studio"),
                       u"-locations"_s, u"none"_s, u"-no-obsolete"_s, u"-ts"_s, m_copy});
        QVERIFY(lupdate.waitForFinished());
        QCOMPARE(lupdate.exitCode(), 0);
    }

    void everyTextHasItsItalian()
    {
        const QList<Message> messages = messagesOf(m_copy);
        QVERIFY(messages.size() > 100);
        QStringList untranslated;
        for (const Message &message : messages) {
            if (message.isUnfinished || message.translation.isEmpty())
                untranslated.append(message.source);
        }
        QVERIFY2(untranslated.isEmpty(), qPrintable(u"run packaging/update-translations; untranslated:\n"_s +
                                                    untranslated.join(u'\n')));
    }

    void placeholdersAgree()
    {
        for (const Message &message : messagesOf(m_copy))
            QVERIFY2(placeholders(message.source) == placeholders(message.translation), qPrintable(message.source));
    }

private:
    QTemporaryDir m_folder;
    QString m_copy;
};

BOTTEGA_TEST_MAIN(TestTranslations)
#include "tst_translations.moc"
