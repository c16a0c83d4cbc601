// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/testcase.h"
#include "ui/widgets/elidedlabel.h"
#include "ui/widgets/emptystate.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/format.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QDir>
#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QSignalSpy>

#include <cmath>

using namespace Qt::StringLiterals;
using namespace bottega;

namespace {

double luminance(const QColor &color)
{
    const auto channel = [](double value) {
        return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * channel(color.redF()) + 0.7152 * channel(color.greenF()) + 0.0722 * channel(color.blueF());
}

double contrast(const QColor &a, const QColor &b)
{
    const double light = std::max(luminance(a), luminance(b));
    const double dark = std::min(luminance(a), luminance(b));
    return (light + 0.05) / (dark + 0.05);
}

/// The colour of the most opaque pixel, transparent where nothing was drawn.
QColor inkOf(const QIcon &icon, int extent, QIcon::Mode mode = QIcon::Normal)
{
    const QImage image = icon.pixmap(QSize(extent, extent), 1.0, mode).toImage();
    QColor ink = Qt::transparent;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            if (image.pixelColor(x, y).alpha() > ink.alpha())
                ink = image.pixelColor(x, y);
        }
    }
    return ink;
}

} // namespace

class TestWidgets : public test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void followsTheDesktop();
    void forcedByEnvironment();
    void textCanBeRead_data();
    void textCanBeRead();
    void everyIconIsDrawn_data();
    void everyIconIsDrawn();
    void iconsFollowTheTheme();
    void iconsAreSharpAtEveryScale();
    void unknownIconIsReported();
    void errorKeepsAllParts();
    void errorIsShownLiterally();
    void everyErrorHasATitle();
    void emptyStateOffersOneAction();
    void foreignTextIsShownWithinItsLimit();
    void longLinesAreWrapped();
    void durations_data();
    void durations();
    void ages();
    void toolTipsAreLiteral();
    void linesThatDoNotFitAreElided();
};

void TestWidgets::initTestCase()
{
    qputenv("BOTTEGA_THEME", "light");
    theme::apply(*qobject_cast<QApplication *>(QCoreApplication::instance()));
}

void TestWidgets::cleanup()
{
    qputenv("BOTTEGA_THEME", "light");
    theme::setScheme(theme::Scheme::Desktop);
}

void TestWidgets::followsTheDesktop()
{
    qunsetenv("BOTTEGA_THEME");
    theme::setScheme(theme::Scheme::Desktop);
    QVERIFY(!theme::isDark()); // the test's desktop has no theme: Qt's own palette is light
    theme::setScheme(theme::Scheme::Dark);
    QVERIFY(theme::isDark());
    QVERIFY(QApplication::palette().color(QPalette::Window).lightness() < 60);
    theme::setScheme(theme::Scheme::Desktop);
    QVERIFY(!theme::isDark()); // our own dark palette isn't taken for the desktop's
}

void TestWidgets::forcedByEnvironment()
{
    qputenv("BOTTEGA_THEME", "dark");
    theme::setScheme(theme::Scheme::Light);
    QVERIFY(theme::isDark());
    qputenv("BOTTEGA_THEME", "light");
    theme::setScheme(theme::Scheme::Dark);
    QVERIFY(!theme::isDark());
}

void TestWidgets::textCanBeRead_data()
{
    QTest::addColumn<QByteArray>("scheme");
    QTest::newRow("light") << QByteArray("light");
    QTest::newRow("dark") << QByteArray("dark");
}

void TestWidgets::textCanBeRead()
{
    QFETCH(QByteArray, scheme);
    qputenv("BOTTEGA_THEME", scheme);
    theme::setScheme(theme::Scheme::Desktop);
    const QPalette palette = QApplication::palette();
    for (const QColor &ground : {palette.color(QPalette::Window), palette.color(QPalette::Base),
                                 theme::color(theme::Color::Surface), palette.color(QPalette::Highlight)}) {
        QVERIFY(contrast(palette.color(QPalette::WindowText), ground) >= 7);
        for (const theme::Color role : {theme::Color::Muted, theme::Color::Accent, theme::Color::Success,
                                        theme::Color::Warning, theme::Color::Danger}) {
            const double found = contrast(theme::color(role), ground);
            QVERIFY2(found >= 4.5, qPrintable(u"role %1 on %2: %3"_s.arg(int(role)).arg(ground.name()).arg(found)));
        }
    }
    QVERIFY(contrast(theme::color(theme::Color::OnAccent), theme::color(theme::Color::Accent)) >= 4.5);
}

void TestWidgets::everyIconIsDrawn_data()
{
    QTest::addColumn<QString>("name");
    const QDir folder(QStringLiteral(BOTTEGA_SOURCE_DIR "/resources/icons"));
    const QStringList files = folder.entryList({u"*.svg"_s});
    QVERIFY(files.size() > 40);
    for (const QString &file : files)
        QTest::newRow(qPrintable(file)) << file.chopped(4);
}

void TestWidgets::everyIconIsDrawn()
{
    QFETCH(QString, name);
    const QColor ink = inkOf(theme::icon(name), 24);
    QVERIFY2(ink.alpha() > 200, "the icon is empty or not listed in icons.qrc");
}

void TestWidgets::iconsFollowTheTheme()
{
    const QIcon plain = theme::icon(u"run"_s);
    const QIcon danger = theme::icon(u"run"_s, theme::Color::Danger);
    const QColor lightInk = inkOf(plain, 48);
    QCOMPARE(lightInk.rgb(), QApplication::palette().color(QPalette::WindowText).rgb());
    QCOMPARE(inkOf(danger, 48).rgb(), theme::color(theme::Color::Danger).rgb());
    QCOMPARE(inkOf(plain, 48, QIcon::Disabled).rgb(),
             QApplication::palette().color(QPalette::Disabled, QPalette::WindowText).rgb());
    qputenv("BOTTEGA_THEME", "dark");
    theme::setScheme(theme::Scheme::Desktop);
    QVERIFY(inkOf(plain, 48).rgb() != lightInk.rgb());
    QCOMPARE(inkOf(plain, 48).rgb(), QApplication::palette().color(QPalette::WindowText).rgb());
}

void TestWidgets::iconsAreSharpAtEveryScale()
{
    for (const double scale : {1.0, 1.25, 2.0, 3.0}) {
        const QPixmap pixmap = theme::icon(u"model"_s).pixmap(QSize(24, 24), scale);
        QCOMPARE(pixmap.size(), QSize(24, 24) * scale);
        QCOMPARE(pixmap.devicePixelRatio(), scale);
    }
}

void TestWidgets::unknownIconIsReported()
{
    QTest::ignoreMessage(QtWarningMsg, "No icon is named \"no such icon\"");
    QCOMPARE(inkOf(theme::icon(u"no such icon"_s), 16).alpha(), 0);
}

void TestWidgets::errorKeepsAllParts()
{
    const Error error{ErrorCode::DiskFull, "The checkpoint could not be written", "/runs/a", "epoch 3 is kept",
                      "Make room and resume"};
    QCOMPARE(errorDetails(error), u"The checkpoint could not be written\n/runs/a\nepoch 3 is kept\nMake room and resume"_s);
    QCOMPARE(errorDetails({ErrorCode::Io, "only this", {}, {}, {}}), u"only this"_s);
}

void TestWidgets::errorIsShownLiterally()
{
    QWidget window;
    window.show();
    showError(&window, {ErrorCode::Corrupt, "<img src='/dev/zero'><b>bold</b>", {}, {}, {}});
    auto *box = window.findChild<QMessageBox *>(u"errorBox"_s);
    QVERIFY(box);
    bool found = false;
    for (const QLabel *label : box->findChildren<QLabel *>()) {
        if (!label->text().contains("<b>bold</b>"_L1))
            continue;
        found = true;
        QCOMPARE(label->textFormat(), Qt::PlainText);
    }
    QVERIFY(found);
    box->close();
}

void TestWidgets::everyErrorHasATitle()
{
    QSet<QString> titles;
    for (int code = int(ErrorCode::Usage); code <= int(ErrorCode::Failed); ++code)
        titles.insert(errorTitle(ErrorCode(code)));
    QCOMPARE(titles.size(), int(ErrorCode::Failed) + 1);
    QVERIFY(!titles.contains(QString()));
}

void TestWidgets::emptyStateOffersOneAction()
{
    EmptyState state(u"runs"_s, u"Nothing"_s, u"Hint"_s);
    state.show();
    auto *button = state.findChild<QPushButton *>();
    QVERIFY(!button->isVisible());
    state.setAction(u"Do it"_s);
    QVERIFY(button->isVisible());
    QSignalSpy triggered(&state, &EmptyState::actionTriggered);
    QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(triggered.size(), 1);
}

void TestWidgets::foreignTextIsShownWithinItsLimit()
{
    QCOMPARE(shownText(u"a\x1b[31m\tb\n\u202ec\u0085"_s), u"a␛[31m\tb\n\ufffdc\ufffd"_s);
    QCOMPARE(shownText(u"12345"_s, 5), u"12345"_s);
    QCOMPARE(shownText(u"123456"_s, 5), u"1234…"_s);
    QCOMPARE(shownText(u"123\U0001f600 and more"_s, 5), u"123…"_s); // no half of a character
    QCOMPARE(plainLabel(u"R&D\nplans"_s), u"R&&D plans"_s);
}

void TestWidgets::longLinesAreWrapped()
{
    QCOMPARE(wrappedText(u"one two three"_s, 8), u"one two\nthree"_s);
    QCOMPARE(wrappedText(u"onetwothree\nfour"_s, 4), u"onet\nwoth\nree\nfour"_s);
    QCOMPARE(wrappedText({}), QString());
}

void TestWidgets::durations_data()
{
    QTest::addColumn<double>("seconds");
    QTest::addColumn<QString>("text");
    QTest::newRow("nothing") << 0.0 << u"0:00"_s;
    QTest::newRow("seconds") << 42.9 << u"0:42"_s;
    QTest::newRow("minutes") << 725.0 << u"12:05"_s;
    QTest::newRow("hours") << 3800.0 << u"1:03:20"_s;
    QTest::newRow("days") << 187200.0 << u"2 d 4 h"_s;
    QTest::newRow("negative") << -5.0 << u"0:00"_s;
    QTest::newRow("not a number") << std::nan("") << u"0:00"_s;
    QTest::newRow("infinite") << HUGE_VAL << u"0:00"_s;
}

void TestWidgets::durations()
{
    QFETCH(double, seconds);
    QFETCH(QString, text);
    QCOMPARE(durationText(seconds), text);
}

void TestWidgets::ages()
{
    QCOMPARE(ageText(0.4), u"just now"_s);
    QCOMPARE(ageText(5), u"5 s ago"_s);
    QCOMPARE(ageText(200), u"3 min ago"_s);
    QCOMPARE(ageText(7300), u"2 h ago"_s);
    QCOMPARE(ageText(4 * 86400), u"4 d ago"_s);
}

void TestWidgets::toolTipsAreLiteral()
{
    const QString bad = u"<img src='/tmp/fifo'>"_s;
    QVERIFY(!plainToolTip(bad).contains("<img"_L1));
    QCOMPARE(plainToolTip(u"a & b"_s), u"a & b"_s);
    QCOMPARE(plainLabel(u"R&D"_s), u"R&&D"_s);
}

void TestWidgets::linesThatDoNotFitAreElided()
{
    ElidedLabel label;
    label.setText(u"waiting for 2 processors:\nanother run <b>holds</b> 2"_s);
    label.resize(2000, 30);
    QCOMPARE(label.shownText(), u"waiting for 2 processors: another run <b>holds</b> 2"_s);
    label.resize(120, 30);
    QVERIFY2(label.shownText().endsWith(u'…') && label.shownText().startsWith("wait"_L1), qPrintable(label.shownText()));
    QVERIFY(label.fontMetrics().horizontalAdvance(label.shownText()) <= 120);
    QCOMPARE(label.textFormat(), Qt::PlainText);
}

BOTTEGA_GUI_TEST_MAIN(TestWidgets)
#include "tst_widgets.moc"
