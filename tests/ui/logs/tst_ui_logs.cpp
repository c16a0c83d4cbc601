// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/testcase.h"
#include "ui/logs/logdecoder.h"
#include "ui/logs/logsearch.h"
#include "ui/logs/logview.h"
#include "ui/widgets/theme.h"

#include <QAbstractButton>
#include <QApplication>
#include <QClipboard>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QRandomGenerator>
#include <QScrollBar>
#include <QTextBlock>

using namespace bottega;
using namespace Qt::StringLiterals;

namespace {

/// What a view would show, without a view.
QString rendered(const QList<QByteArray> &chunks)
{
    LogDecoder decoder;
    QStringList lines{QString()};
    for (const QByteArray &chunk : chunks) {
        for (const LogPiece &piece : decoder.decode(chunk)) {
            if (piece.kind == LogPiece::Kind::NewLine)
                lines.append(QString());
            else if (piece.kind == LogPiece::Kind::RestartLine)
                lines.last().clear();
            else
                lines.last() += piece.text;
        }
    }
    return lines.join(u'\n');
}

QByteArray numberedLines(int from, int to)
{
    QByteArray text;
    for (int i = from; i < to; ++i)
        text += "line " + QByteArray::number(i) + "\n";
    return text;
}

QAbstractButton *button(const QWidget &view, const QString &text)
{
    for (QAbstractButton *candidate : view.findChildren<QAbstractButton *>())
        if (candidate->text() == text)
            return candidate;
    return nullptr;
}

} // namespace

class TestUiLogs : public test::TestCase
{
    Q_OBJECT
private:
    static std::unique_ptr<LogView> shownView()
    {
        auto view = std::make_unique<LogView>();
        view->resize(700, 300);
        view->show();
        view->activateWindow();
        if (!QTest::qWaitForWindowActive(view.get()))
            qWarning("the window did not become active");
        return view;
    }

private Q_SLOTS:
    void initTestCase() { theme::apply(*qApp); }

    void case54_bytesOfALogActOnNothing_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("shown");
        QTest::newRow("plain") << QByteArray("one\ntwo\n") << u"one\ntwo\n"_s;
        QTest::newRow("umlauts") << QByteArray("Verlust fällt → 0,1 ✓ 🎉\n") << u"Verlust fällt → 0,1 ✓ 🎉\n"_s;
        QTest::newRow("no UTF-8") << QByteArray("a\xff\xfe" "b") << u"a\ufffd\ufffdb"_s;
        QTest::newRow("Windows lines") << QByteArray("one\r\ntwo\r\n") << u"one\ntwo\n"_s;
        QTest::newRow("progress bar") << QByteArray("\r10%\r20%\r100%\ndone") << u"100%\ndone"_s;
        QTest::newRow("return at the end") << QByteArray("50%\r") << u"50%"_s;
        QTest::newRow("colours") << QByteArray("\x1b[1;31mred\x1b[0m plain") << u"red plain"_s;
        QTest::newRow("cursor movement") << QByteArray("\x1b[2Jx\x1b[Hy") << u"␛[2Jx␛[Hy"_s;
        QTest::newRow("title") << QByteArray("\x1b]0;evil\x07z") << u"␛]0;evil␇z"_s;
        QTest::newRow("clipboard") << QByteArray("\x1b]52;c;ZXZpbA==\x07z") << u"␛]52;c;ZXZpbA==␇z"_s;
        QTest::newRow("link") << QByteArray("\x1b]8;;http://198.51.100.7\x1b\\x") << u"␛]8;;http://198.51.100.7␛\\x"_s;
        QTest::newRow("C1") << QByteArray("a\xc2\x9b" "31mb\xc2\x9d" "0;evil") << u"a\ufffd31mb\ufffd0;evil"_s;
        QTest::newRow("escape before a line end") << QByteArray("a\x1b\nb") << u"a␛\nb"_s;
        QTest::newRow("control characters") << QByteArray("a\0b\x08" "c\td\x7f", 8) << u"a␀b␈c\td␡"_s;
        QTest::newRow("turned direction") << QByteArray("a\xe2\x80\xae" "b") << u"a\ufffdb"_s;
        QTest::newRow("markup") << QByteArray("<b>x</b>&amp;") << u"<b>x</b>&amp;"_s;
    }
    void case54_bytesOfALogActOnNothing()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, shown);
        QCOMPARE(rendered({bytes}), shown);
        // However the stream is cut.
        QList<QByteArray> single;
        for (const char byte : bytes)
            single.append(QByteArray(1, byte));
        QCOMPARE(rendered(single), shown);
    }

    void anyCutGivesTheSame()
    {
        QByteArray bytes;
        auto *random = QRandomGenerator::global();
        const QByteArrayList words{"ä", "🎉", "\r", "\n", "\x1b[32m", "\x1b[0m", "\x1b[", "x", "\xff", "loss 0.1"};
        for (int i = 0; i < 2000; ++i)
            bytes += words[random->bounded(words.size())];
        const QString whole = rendered({bytes});
        QList<QByteArray> chunks;
        for (qsizetype at = 0; at < bytes.size();) {
            const qsizetype size = 1 + random->bounded(9);
            chunks.append(bytes.mid(at, size));
            at += size;
        }
        QCOMPARE(rendered(chunks), whole);
    }

    void readsColours()
    {
        LogDecoder decoder;
        const auto pieces = decoder.decode("\x1b[1;31mred\x1b[39m b\x1b[0m\x1b[38;5;10mg\x1b[38;2;1;2;3mrgb\x1b[48;5;4mbg");
        QCOMPARE(pieces.size(), 5u);
        QVERIFY(pieces[0].style.bold);
        QCOMPARE(pieces[0].style.foreground, (LogColor{LogColor::Kind::Indexed, 1}));
        QVERIFY(pieces[1].style.bold && pieces[1].style.foreground == LogColor());
        QCOMPARE(pieces[2].style.foreground, (LogColor{LogColor::Kind::Indexed, 10}));
        QCOMPARE(pieces[3].style.foreground, (LogColor{LogColor::Kind::Exact, 0x010203}));
        QCOMPARE(pieces[4].style.background, (LogColor{LogColor::Kind::Indexed, 4}));
    }

    void breaksEndlessLines()
    {
        const QStringList lines = rendered({QByteArray(10'000, 'x')}).split(u'\n');
        QCOMPARE(lines.size(), 3);
        QCOMPARE(lines[0].size(), LogDecoder::longestLine);
    }

    void showsWhatComes()
    {
        const auto view = shownView();
        view->append("epoch 1 l\xc3");
        view->append("\xa4uft\n\r10%\r");
        view->append("100%\n");
        QTRY_COMPARE(view->text(), u"epoch 1 läuft\n100%\n"_s);
        view->clear();
        QCOMPARE(view->text(), QString());
    }

    void followsTheEndUntilScrolled()
    {
        const auto view = shownView();
        QScrollBar *bar = view->edit()->verticalScrollBar();
        view->append(numberedLines(0, 500));
        QTRY_VERIFY(bar->maximum() > 100 && bar->value() == bar->maximum());
        QVERIFY(view->isFollowing());

        QTest::keyClick(view->edit(), Qt::Key_PageUp); // by keyboard
        bar->triggerAction(QAbstractSlider::SliderSingleStepSub);
        QVERIFY(!view->isFollowing());
        const int place = bar->value();
        view->append(numberedLines(500, 600));
        QTRY_VERIFY(view->text().endsWith(u"line 599\n"_s));
        QCOMPARE(bar->value(), place);

        button(*view, u"Follow"_s)->click();
        QVERIFY(view->isFollowing());
        QCOMPARE(bar->value(), bar->maximum());
        bar->setValue(10);
        QVERIFY(!view->isFollowing());
        bar->setValue(bar->maximum()); // scrolled down again by hand
        QVERIFY(view->isFollowing());
    }

    void keepsTheLastPartOnly()
    {
        const auto view = shownView();
        view->setLimit(20'000);
        view->append(numberedLines(0, 1000));
        QTRY_VERIFY(view->text().endsWith(u"line 999\n"_s));
        const QString firstLine = view->text().section(u'\n', 0, 0);
        view->append(numberedLines(1000, 6000)); // more than the limit at once
        QTRY_VERIFY(view->text().endsWith(u"line 5999\n"_s));
        QVERIFY(view->text().size() <= 20'000);
        QVERIFY(view->text().size() > 15'000);
        QVERIFY(view->text().section(u'\n', 0, 0) != firstLine);
        QVERIFY(view->text().startsWith(u"line "_s)); // begins with a whole line
        const auto labels = view->findChildren<QLabel *>();
        QVERIFY(std::any_of(labels.begin(), labels.end(), [](const QLabel *label) {
            return label->isVisible() && label->text().contains(u"70_driver_log.txt"_s);
        }));
    }

    void staysInPlaceWhenTrimmed()
    {
        const auto view = shownView();
        view->setLimit(20'000);
        view->append(numberedLines(0, 1800));
        QTRY_VERIFY(view->text().endsWith(u"line 1799\n"_s));
        QScrollBar *bar = view->edit()->verticalScrollBar();
        bar->setValue(1500);
        const auto firstVisible = [&] { return view->edit()->cursorForPosition(QPoint(2, 2)).block().text(); };
        const QString line = firstVisible();
        view->append(numberedLines(1800, 2200));
        QTRY_VERIFY(view->text().endsWith(u"line 2199\n"_s));
        QVERIFY(!view->text().startsWith(u"line 0\n"_s));
        QCOMPARE(firstVisible(), line);
    }

    void searches()
    {
        const auto view = shownView();
        view->append("loss 2.3\naccuracy 0.1\nLoss 1.1\nloss 0.4\n");
        QTRY_VERIFY(view->text().endsWith(u"0.4\n"_s));
        view->edit()->setFocus();
        QTest::keySequence(view->edit(), QKeySequence::Find);
        auto *field = view->findChild<QLineEdit *>();
        QTRY_VERIFY(field->hasFocus());
        QTest::keyClicks(field, u"loss"_s);
        QTRY_COMPARE(view->search()->countText(), u"3 found"_s);
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(view->search()->countText(), u"1 of 3"_s);
        QVERIFY(!view->isFollowing());
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(view->edit()->textCursor().block().text(), u"Loss 1.1"_s);
        QTest::keyClick(field, Qt::Key_Return, Qt::ShiftModifier);
        QTest::keyClick(field, Qt::Key_Return, Qt::ShiftModifier);
        QCOMPARE(view->search()->countText(), u"3 of 3"_s); // around the start
        QCOMPARE(view->edit()->extraSelections().size(), 3);
        view->append("loss 0.2\n");
        QTRY_COMPARE(view->search()->countText(), u"3 of 4"_s);
        field->setText(u"nothing like it"_s);
        QTRY_COMPARE(view->search()->countText(), u"Not found"_s);
    }

    void copies()
    {
        const auto view = shownView();
        view->append("one\ntwo\n");
        QTRY_COMPARE(view->text(), u"one\ntwo\n"_s);
        button(*view, u"Copy"_s)->click();
        QCOMPARE(QApplication::clipboard()->text(), u"one\ntwo\n"_s);
        QTextCursor cursor(view->edit()->document());
        cursor.movePosition(QTextCursor::EndOfLine, QTextCursor::KeepAnchor);
        view->edit()->setTextCursor(cursor);
        button(*view, u"Copy"_s)->click();
        QCOMPARE(QApplication::clipboard()->text(), u"one"_s);
    }

    void wraps()
    {
        const auto view = shownView();
        view->append(QByteArray(500, 'w') + "\n");
        QTRY_VERIFY(view->edit()->horizontalScrollBar()->maximum() > 0);
        button(*view, u"Wrap"_s)->click();
        QTRY_COMPARE(view->edit()->horizontalScrollBar()->maximum(), 0);
        QVERIFY(view->isFollowing());
    }

    void recoloursWithTheTheme()
    {
        theme::setScheme(theme::Scheme::Light);
        const auto view = shownView();
        view->append("\x1b[32mgreen\x1b[0m plain\n");
        QTRY_VERIFY(view->text().startsWith(u"green"_s));
        const auto colorAt = [&](int position) {
            QTextCursor cursor(view->edit()->document());
            cursor.setPosition(position);
            return cursor.charFormat().foreground().color();
        };
        const QColor light = colorAt(2);
        theme::setScheme(theme::Scheme::Dark);
        QTRY_VERIFY(colorAt(2) != light);
        theme::setScheme(theme::Scheme::Light);
        QTRY_COMPARE(colorAt(2), light);
    }

    void takesALargeLogInSlices()
    {
        const auto view = shownView();
        view->append(numberedLines(0, 100'000)); // returns at once
        QVERIFY(view->text().size() < 100'000);
        QTRY_VERIFY_WITH_TIMEOUT(view->text().endsWith(u"line 99999\n"_s), 30'000);
    }
};

BOTTEGA_GUI_TEST_MAIN(TestUiLogs)
#include "tst_ui_logs.moc"
