// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/downloader.h"
#include "tests/core/workspace/fixture.h"
#include "tests/core/workspace/lyingserver.h"
#include "tests/support/testcase.h"

#include <QSignalSpy>

using namespace bottega;
using namespace bottega::test;
using namespace Qt::StringLiterals;
namespace fs = std::filesystem;
using Kind = Answer::Kind;

class DownloaderTest : public TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void downloads();
    void readySetNeedsNoServer();
    void case48_badMirrorsAreLeftBehind_data();
    void case48_badMirrorsAreLeftBehind();
    void case48_allMirrorsBadIsToldInWords();
    void cutTransferGoesOn();
    void resumesWhereItWasCanceled();
    void partOfOtherBytesIsThrownAway();
    void serverWithoutRanges();
    void wholePartIsNotFetchedAgain();
    void case48_redirectsStayWithinHttps();
    void case48_unknownCertificateIsRefused();
    void onlyOneAtATime();
    void unknownNames();
    void cancelEndsOnce();
    void goesAwayInTheMiddle();

private:
    void serve(const QString &mirror, Kind kind = Kind::Honest);
    std::unique_ptr<DatasetDownloader> downloader(const QStringList &mirrors);
    [[nodiscard]] static Result<Dataset> run(DatasetDownloader &downloader);
    [[nodiscard]] QByteArray path(const QString &mirror, int file) const;
    [[nodiscard]] QStringList left() const;

    LyingServer m_server;
    std::unique_ptr<WorkspaceFixture> m_fixture;
};

void DownloaderTest::initTestCase()
{
    if (!m_server.begin())
        QSKIP("the openssl command is needed to make the server's certificate");
}

void DownloaderTest::init()
{
    TestCase::init();
    m_server.answers.clear();
    m_server.requests.clear();
    m_fixture = std::make_unique<WorkspaceFixture>();
}

QByteArray DownloaderTest::path(const QString &mirror, int file) const
{
    return "/" + mirror.toLatin1() + "/" + datasetFiles[file] + ".gz";
}

/// All four files of the tiny set under one mirror.
void DownloaderTest::serve(const QString &mirror, Kind kind)
{
    const auto files = tinyFiles();
    for (int i = 0; i < 4; ++i)
        m_server.answers[path(mirror, i)] = {kind, QByteArray::fromStdString(gzipped(files[static_cast<std::size_t>(i)])),
                                             {}};
}

std::unique_ptr<DatasetDownloader> DownloaderTest::downloader(const QStringList &mirrors)
{
    auto made = std::make_unique<DatasetDownloader>(m_fixture->workspace, u"tiny"_s);
    made->setCatalogue(tinyCatalogue());
    QStringList urls;
    for (const QString &mirror : mirrors)
        urls.append(mirror.contains(u"://"_s) ? mirror : m_server.url(mirror));
    made->setMirrors(urls);
    made->setAuthority(m_server.authority());
    return made;
}

Result<Dataset> DownloaderTest::run(DatasetDownloader &downloader)
{
    QSignalSpy finished(&downloader, &DatasetDownloader::finished);
    downloader.start();
    if (finished.isEmpty() && !finished.wait(30'000))
        return fail(ErrorCode::Failed, "never finished");
    QCoreApplication::processEvents();
    return finished.size() == 1 ? finished[0][0].value<Result<Dataset>>()
                                : fail(ErrorCode::Failed, "finished more than once");
}

/// What stands in datasets/.
QStringList DownloaderTest::left() const
{
    QStringList names;
    for (const auto &entry : fs::directory_iterator(m_fixture->workspace.datasetsFolder()))
        names.append(QString::fromStdString(entry.path().filename().string()));
    names.sort();
    return names;
}

void DownloaderTest::downloads()
{
    serve(u"good"_s);
    const auto download = downloader({u"good"_s});
    QSignalSpy progress(download.get(), &DatasetDownloader::progress);
    const auto dataset = run(*download);
    QVERIFY_RESULT(dataset);
    QVERIFY(dataset->state == DatasetState::Ready);
    QCOMPARE(dataset->classNames.front(), std::string("a"));
    QCOMPARE(left(), QStringList{u"tiny"_s});
    QVERIFY_RESULT(Datasets(m_fixture->workspace, tinyCatalogue()).verify("tiny"));
    QVERIFY(progress.size() >= 4);
    QCOMPARE(progress.back()[0].toLongLong(), progress.back()[1].toLongLong());
    QCOMPARE(m_server.requests.size(), 4);
}

void DownloaderTest::readySetNeedsNoServer()
{
    serve(u"good"_s);
    QVERIFY_RESULT(run(*downloader({u"good"_s})));
    m_server.requests.clear();
    QVERIFY_RESULT(run(*downloader({u"good"_s})));
    QVERIFY(m_server.requests.isEmpty());
}

void DownloaderTest::case48_badMirrorsAreLeftBehind_data()
{
    QTest::addColumn<int>("kind");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QString>("says");
    const QByteArray good = QByteArray::fromStdString(gzipped(tinyFiles()[0]));
    const QByteArray other = QByteArray::fromStdString(gzipped(idxImages(6, 3, 4)));
    const QByteArray longer = QByteArray::fromStdString(gzipped(tinyFiles()[0] + "x"));
    const QByteArray bomb = QByteArray::fromStdString(gzipped(tinyFiles()[0] + std::string(32 << 20, '\0')));
    const auto row = [](const char *name, Kind kind, const QByteArray &body, const char *says) {
        QTest::newRow(name) << static_cast<int>(kind) << body << QString::fromUtf8(says);
    };
    row("missing", Kind::Missing, {}, "404");
    row("web page", Kind::Page, {}, "web page");
    row("page without a type", Kind::Honest, "<!doctype html><html>Please log in</html>", "IDX");
    row("empty", Kind::Honest, {}, "short");
    row("short", Kind::Honest, good.left(good.size() - 9), "too early");
    row("long", Kind::Honest, good + "trailing bytes", "damaged");
    row("longer inside", Kind::Honest, longer, "beyond");
    row("other bytes", Kind::Honest, other, "not those");
    row("gzip bomb", Kind::Honest, bomb, "beyond");
    row("cut", Kind::Cut, good, "");
    row("stall", Kind::Stall, good, "no data");
    row("silent", Kind::Silent, good, "no data");
    row("endless", Kind::Endless, good, "more than the file can have");
    row("to http", Kind::Redirect, "http://localhost/file", "not https");
    row("to a file", Kind::Redirect, "file:///etc/passwd", "not https");
    row("in a circle", Kind::Redirect, "/bad/train-images-idx3-ubyte.gz", "without end");
}

void DownloaderTest::case48_badMirrorsAreLeftBehind()
{
    QFETCH(int, kind);
    QFETCH(QByteArray, body);
    QFETCH(QString, says);
    serve(u"bad"_s);
    m_server.answers[path(u"bad"_s, 0)] = {static_cast<Kind>(kind), body, body};
    // Alone it fails, in words that name the mirror and the reason, and nothing is there.
    auto alone = downloader({u"bad"_s});
    alone->setStallTimeout(300);
    const auto failed = run(*alone);
    QVERIFY(!failed);
    QVERIFY(failed.error().code == ErrorCode::Unreachable);
    QVERIFY2(failed.error().where.find(says.toStdString()) != std::string::npos, failed.error().where.c_str());
    QVERIFY(failed.error().where.find(m_server.url(u"bad"_s).toStdString()) != std::string::npos);
    QVERIFY(!left().contains(u"tiny"_s));
    // With another mirror behind it the data set arrives whole.
    serve(u"good"_s);
    auto both = downloader({u"bad"_s, u"good"_s});
    both->setStallTimeout(300);
    QVERIFY_RESULT(run(*both));
    QCOMPARE(left(), QStringList{u"tiny"_s});
    QVERIFY_RESULT(Datasets(m_fixture->workspace, tinyCatalogue()).verify("tiny"));
}

void DownloaderTest::case48_allMirrorsBadIsToldInWords()
{
    const auto result = run(*downloader({u"one"_s, u"https://localhost:1/"_s, u"http://localhost/plain/"_s}));
    QVERIFY(!result);
    const std::string &where = result.error().where;
    QVERIFY2(where.find("/one/") != std::string::npos && where.find("404") != std::string::npos, where.c_str());
    QVERIFY2(where.find("https://localhost:1/") != std::string::npos, where.c_str());
    QVERIFY2(where.find("only https") != std::string::npos, where.c_str());
    QVERIFY(result.error().remedy.find("data import tiny") != std::string::npos);
}

void DownloaderTest::cutTransferGoesOn()
{
    serve(u"flaky"_s);
    m_server.answers[path(u"flaky"_s, 0)].kind = Kind::Cut;
    serve(u"good"_s);
    QVERIFY_RESULT(run(*downloader({u"flaky"_s, u"good"_s})));
    QVERIFY2(!m_server.requests[1].endsWith(u" from 0"_s), qPrintable(m_server.requests.join(u'\n')));
}

void DownloaderTest::resumesWhereItWasCanceled()
{
    serve(u"good"_s);
    m_server.answers[path(u"good"_s, 0)].kind = Kind::Stall;
    auto first = downloader({u"good"_s});
    QSignalSpy progress(first.get(), &DatasetDownloader::progress);
    QSignalSpy finished(first.get(), &DatasetDownloader::finished);
    first->start();
    QTRY_VERIFY(!progress.isEmpty() && progress.back()[0].toLongLong() == 10);
    first->cancel();
    QCOMPARE(finished.size(), 1);
    QVERIFY(finished[0][0].value<Result<Dataset>>().error().code == ErrorCode::Canceled);
    first.reset();
    QCOMPARE(left(), QStringList{u".download-tiny"_s});
    m_server.answers[path(u"good"_s, 0)].kind = Kind::Honest;
    QVERIFY_RESULT(run(*downloader({u"good"_s})));
    QVERIFY(m_server.requests[1].endsWith(u" from 10"_s));
    QCOMPARE(left(), QStringList{u"tiny"_s});
}

void DownloaderTest::partOfOtherBytesIsThrownAway()
{
    serve(u"good"_s);
    const std::string part = std::string(datasetFiles[0]) + ".gz.part";
    WorkspaceFixture::write(m_fixture->workspace.datasetsFolder() / ".download-tiny" / part, "old bytes");
    QVERIFY_RESULT(run(*downloader({u"good"_s})));
    QVERIFY(m_server.requests[0].endsWith(u" from 9"_s));
    QVERIFY(m_server.requests[1].endsWith(u" from 0"_s));
}

void DownloaderTest::serverWithoutRanges()
{
    const std::string part = std::string(datasetFiles[0]) + ".gz.part";
    for (const Kind kind : {Kind::NoRanges, Kind::WrongRange}) {
        init();
        serve(u"good"_s);
        serve(u"odd"_s, kind);
        WorkspaceFixture::write(m_fixture->workspace.datasetsFolder() / ".download-tiny" / part,
                                gzipped(tinyFiles()[0]).substr(0, 12));
        QVERIFY_RESULT(run(*downloader({u"odd"_s, u"good"_s})));
    }
}

void DownloaderTest::wholePartIsNotFetchedAgain()
{
    serve(u"good"_s);
    const std::string part = std::string(datasetFiles[0]) + ".gz.part";
    WorkspaceFixture::write(m_fixture->workspace.datasetsFolder() / ".download-tiny" / part, gzipped(tinyFiles()[0]));
    QVERIFY_RESULT(run(*downloader({u"good"_s})));
    QCOMPARE(m_server.requests.size(), 4);
}

void DownloaderTest::case48_redirectsStayWithinHttps()
{
    serve(u"good"_s);
    for (int i = 0; i < 4; ++i)
        m_server.answers[path(u"moved"_s, i)] = {Kind::Redirect, {}, path(u"good"_s, i)};
    QVERIFY_RESULT(run(*downloader({u"moved"_s})));
    QCOMPARE(m_server.requests.size(), 8);
}

void DownloaderTest::case48_unknownCertificateIsRefused()
{
    serve(u"good"_s);
    auto download = downloader({u"good"_s});
    download->setAuthority({});
    const auto result = run(*download);
    QVERIFY(!result);
    QVERIFY(m_server.requests.isEmpty()); // not a word was said to it
}

void DownloaderTest::onlyOneAtATime()
{
    serve(u"good"_s);
    m_server.answers[path(u"good"_s, 0)].kind = Kind::Stall;
    auto first = downloader({u"good"_s});
    first->start();
    QTRY_COMPARE(m_server.requests.size(), 1);
    const auto second = run(*downloader({u"good"_s}));
    QVERIFY(!second);
    QVERIFY(second.error().code == ErrorCode::Exists);
    QVERIFY(m_server.requests.size() == 1);
}

void DownloaderTest::unknownNames()
{
    DatasetDownloader unknown(m_fixture->workspace, u"nothing"_s);
    QVERIFY(run(unknown).error().code == ErrorCode::NotFound);
    DatasetDownloader hostile(m_fixture->workspace, u"../../x"_s);
    QVERIFY(run(hostile).error().code == ErrorCode::Usage);
    DatasetDownloader bundled(m_fixture->workspace, u"mnist-small"_s); // comes with the program, has no mirror
    QVERIFY(run(bundled).error().code == ErrorCode::Unsupported);
}

void DownloaderTest::cancelEndsOnce()
{
    serve(u"good"_s);
    auto download = downloader({u"good"_s});
    QSignalSpy finished(download.get(), &DatasetDownloader::finished);
    download->start();
    download->cancel();
    download->cancel();
    download->start();
    QCOMPARE(finished.size(), 1);
    QVERIFY(!finished.wait(200));
}

void DownloaderTest::goesAwayInTheMiddle()
{
    serve(u"good"_s);
    for (int requests = 1; requests <= 4; ++requests) {
        m_server.requests.clear();
        m_fixture = std::make_unique<WorkspaceFixture>(); // the download before may have been quicker than we
        auto download = downloader({u"good"_s});
        download->start();
        QTRY_VERIFY(m_server.requests.size() >= requests);
        download.reset(); // at any moment: transfer or unpacking
    }
}

BOTTEGA_TEST_MAIN(DownloaderTest)
#include "tst_downloader.moc"
