// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/idx/idx.h"
#include "tests/ui/models/fixture.h"
#include "ui/data/datapage.h"
#include "ui/data/datasetcard.h"
#include "ui/data/importdialog.h"
#include "ui/data/samplestrip.h"
#include "ui/widgets/notice.h"

#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QTcpServer>
#include <QThreadPool>

using namespace bottega;
using namespace Qt::StringLiterals;

/// The data page over a real workspace, with mouse and keyboard.
class DataPageTest : public test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup() { m_page.reset(); }
    void listsWhatCouldBeHad();
    void getsTheSetThatComesWithTheProgram();
    void importsAFolderThatIsTyped();
    void samplesHaveTheirColours();
    void importComplainsInPlace();
    void verifiesAndTellsDamage();
    void aLateListingNeverSpeaksOverANewerAnswer();
    void removesOnlyAfterAsking();
    void showsADamagedSetAndRemovesIt();
    void unreachableMirrorsAreToldInPlace();
    void downloadCanBeCanceled();

private:
    void open();
    void importTiny();
    [[nodiscard]] DatasetCard *card(const QString &name) const
    {
        return m_page->findChild<DatasetCard *>(u"dataset-"_s + name);
    }
    [[nodiscard]] static QPushButton *button(const QWidget *parent, QLatin1StringView name)
    {
        return parent->findChild<QPushButton *>(name);
    }
    [[nodiscard]] static QString stateOf(const DatasetCard *card)
    {
        return card->findChild<QLabel *>(u"datasetState"_s)->text();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::optional<Workspace> m_workspace;
    std::unique_ptr<DataPage> m_page;
};

void DataPageTest::init()
{
    TestCase::init();
    m_folder = std::make_unique<QTemporaryDir>();
    const auto workspace = Workspace::init(test::pathOf(*m_folder, u"ws"_s));
    QVERIFY_RESULT(workspace);
    m_workspace = *workspace;
    test::makeTinyFiles(test::pathOf(*m_folder, u"files"_s));
    m_page = std::make_unique<DataPage>();
    m_page->resize(1000, 900);
}

void DataPageTest::open()
{
    m_page->setWorkspace(*m_workspace);
    m_page->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
    QTRY_VERIFY(card(u"mnist"_s));
}

void DataPageTest::importTiny()
{
    QVERIFY_RESULT(Datasets(*m_workspace).import("tiny", {test::pathOf(*m_folder, u"files"_s)}));
}

void DataPageTest::listsWhatCouldBeHad()
{
    open();
    QVERIFY(card(u"mnist-small"_s));
    QCOMPARE(stateOf(card(u"mnist"_s)), u"To be downloaded"_s);
    QCOMPARE(stateOf(card(u"mnist-small"_s)), u"At hand on this machine"_s);
    QTRY_VERIFY(button(card(u"mnist"_s), "getDataset"_L1)->isVisible());
    QVERIFY(!button(card(u"mnist"_s), "removeDataset"_L1)->isVisible());
    const auto labels = card(u"mnist-small"_s)->findChildren<QLabel *>();
    QVERIFY(std::any_of(labels.begin(), labels.end(), [](const QLabel *l) { return l->text().contains(u"about 91 %"_s); }));
}

void DataPageTest::getsTheSetThatComesWithTheProgram()
{
    open();
    DatasetCard *small = card(u"mnist-small"_s);
    QTest::mouseClick(button(small, "getDataset"_L1), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(stateOf(small), u"Ready, proved by SHA-256"_s, 30000);
    QTRY_COMPARE(small->findChild<SampleStrip *>()->sampleCount(), 10);
    QVERIFY(small->findChild<SampleStrip *>()->isVisible());
    QCOMPARE(Datasets(*m_workspace).find("mnist-small")->state, DatasetState::Ready);
    QVERIFY(!button(small, "getDataset"_L1)->isVisible());
}

void DataPageTest::importsAFolderThatIsTyped()
{
    open();
    QTest::mouseClick(button(m_page.get(), "importData"_L1), Qt::LeftButton);
    QTRY_VERIFY(test::shownWindow<ImportDialog>(u"importDialog"_s));
    auto *dialog = test::shownWindow<ImportDialog>(u"importDialog"_s);
    QVERIFY(!button(dialog, "importButton"_L1)->isEnabled());
    auto *name = dialog->findChild<QLineEdit *>(u"datasetName"_s);
    QTest::keyClicks(name, u"my-digits"_s);
    auto *path = dialog->findChild<QLineEdit *>(u"importPath"_s);
    QTest::keyClicks(path, m_folder->filePath(u"files"_s));
    QVERIFY(button(dialog, "importButton"_L1)->isEnabled());
    QTest::keyClick(path, Qt::Key_Return);
    QTRY_VERIFY(card(u"my-digits"_s));
    QVERIFY(!test::shownWindow<ImportDialog>(u"importDialog"_s));
    QTRY_COMPARE(card(u"my-digits"_s)->findChild<SampleStrip *>()->sampleCount(), 2);
    QVERIFY(m_page->findChild<Notice *>()->text().contains(u"my-digits was imported"_s));
}

void DataPageTest::samplesHaveTheirColours()
{
    const auto write = [this](const QString &name, const IdxArray &array) {
        QFile file(m_folder->filePath(name));
        const QByteArray bytes = QByteArray::fromStdString(encodeIdx(array));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size());
    };
    // Two pictures of 1 × 2 pixels, channel by channel: red and green, blue and white.
    write(u"t10k-images-idx3-ubyte"_s, {{2, 3, 1, 2}, {255, 0, 0, 255, 0, 0, 0, 255, 0, 255, 255, 255}});
    write(u"t10k-labels-idx1-ubyte"_s, {{2}, {0, 1}});
    const auto samples = readClassSamples(m_folder->path().toStdString());
    QVERIFY_RESULT(samples);
    QCOMPARE(samples->size(), std::size_t{2});
    QCOMPARE(samples->front().image.pixelColor(0, 0), QColor(Qt::red));
    QCOMPARE(samples->front().image.pixelColor(1, 0), QColor(Qt::green));
    QCOMPARE(samples->back().image.pixelColor(0, 0), QColor(Qt::blue));
    QCOMPARE(samples->back().image.pixelColor(1, 0), QColor(Qt::white));
}

void DataPageTest::importComplainsInPlace()
{
    importTiny();
    open();
    QTRY_VERIFY(card(u"tiny"_s));
    QTest::mouseClick(button(m_page.get(), "importData"_L1), Qt::LeftButton);
    QTRY_VERIFY(test::shownWindow<ImportDialog>(u"importDialog"_s));
    auto *dialog = test::shownWindow<ImportDialog>(u"importDialog"_s);
    auto *name = dialog->findChild<QLineEdit *>(u"datasetName"_s);
    auto *hint = dialog->findChild<QLabel *>(u"datasetNameHint"_s);
    QTest::keyClicks(name, u"tiny"_s);
    QVERIFY(hint->text().contains(u"already"_s));
    QTest::keyClicks(name, u"<b>"_s);
    QVERIFY(hint->text().contains(u"letters"_s));
    name->setText(u"mnist"_s); // its content is known, and this is not it
    QTest::keyClicks(dialog->findChild<QLineEdit *>(u"importPath"_s), m_folder->filePath(u"files"_s));
    QTest::mouseClick(button(dialog, "importButton"_L1), Qt::LeftButton);
    auto *notice = dialog->findChild<Notice *>();
    QTRY_VERIFY(notice->isVisible());
    QVERIFY(dialog->isVisible());
    QCOMPARE(name->text(), u"mnist"_s);
    QCOMPARE(Datasets(*m_workspace).find("mnist")->state, DatasetState::Download);
    QTest::keyClick(dialog, Qt::Key_Escape);
    QTRY_VERIFY(!test::shownWindow<ImportDialog>(u"importDialog"_s));
}

void DataPageTest::verifiesAndTellsDamage()
{
    importTiny();
    open();
    QTRY_VERIFY(card(u"tiny"_s));
    auto *notice = card(u"tiny"_s)->findChild<Notice *>();
    QTest::mouseClick(button(card(u"tiny"_s), "verifyDataset"_L1), Qt::LeftButton);
    QTRY_VERIFY(notice->text().contains(u"exactly what they should be"_s));
    const std::filesystem::path file = Datasets(*m_workspace).folder("tiny") / datasetFiles[3];
    auto labels = readIdx(file);
    QVERIFY_RESULT(labels);
    labels->values[0] = 1; // same size, other content
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    test::writeText(file, encodeIdx(*labels));
    QTest::mouseClick(button(card(u"tiny"_s), "verifyDataset"_L1), Qt::LeftButton);
    QTRY_VERIFY2(notice->text().contains(u"damaged"_s), qPrintable(notice->text()));
    QVERIFY2(notice->text().contains(u"t10k-labels"_s), qPrintable(notice->text()));
    QCOMPARE(stateOf(card(u"tiny"_s)), u"Damaged"_s);
}

void DataPageTest::aLateListingNeverSpeaksOverANewerAnswer()
{
    importTiny();
    open();
    QTRY_VERIFY(card(u"tiny"_s));
    auto *notice = card(u"tiny"_s)->findChild<Notice *>();
    const auto workDone = [] { return QThreadPool::globalInstance()->waitForDone(); };
    QVERIFY(workDone());
    QCoreApplication::processEvents();
    const std::filesystem::path folder = Datasets(*m_workspace).folder("tiny");

    QTest::mouseClick(button(card(u"tiny"_s), "verifyDataset"_L1), Qt::LeftButton);
    QVERIFY(workDone());
    std::filesystem::rename(folder / datasetFiles[3], folder / "aside"); // while the list is read a file isn't there
    m_page->refresh();
    QVERIFY(workDone());
    std::filesystem::rename(folder / "aside", folder / datasetFiles[3]);
    // Now both answers are waiting: the verification's, then that of the list.
    QTRY_VERIFY(notice->text().contains(u"exactly what they should be"_s));
    QVERIFY(workDone());
    QCoreApplication::processEvents();
    QVERIFY2(notice->text().contains(u"exactly what they should be"_s), qPrintable(notice->text()));
    QVERIFY(button(card(u"tiny"_s), "verifyDataset"_L1)->isVisible());
}

void DataPageTest::removesOnlyAfterAsking()
{
    importTiny();
    open();
    QTRY_VERIFY(card(u"tiny"_s));
    QTest::mouseClick(button(card(u"tiny"_s), "removeDataset"_L1), Qt::LeftButton);
    QTRY_VERIFY(test::shownWindow<QMessageBox>(u"question"_s));
    QTest::keyClick(test::shownWindow<QMessageBox>(u"question"_s), Qt::Key_Escape);
    QTRY_VERIFY(!test::shownWindow<QMessageBox>(u"question"_s));
    QVERIFY(std::filesystem::exists(Datasets(*m_workspace).folder("tiny")));
    QTest::mouseClick(button(card(u"tiny"_s), "removeDataset"_L1), Qt::LeftButton);
    QTRY_VERIFY(test::shownWindow<QMessageBox>(u"question"_s));
    auto *box = test::shownWindow<QMessageBox>(u"question"_s);
    for (QAbstractButton *one : box->buttons())
        if (box->buttonRole(one) == QMessageBox::DestructiveRole)
            QTest::mouseClick(one, Qt::LeftButton);
    QTRY_VERIFY(!card(u"tiny"_s));
    QVERIFY(!std::filesystem::exists(Datasets(*m_workspace).folder("tiny")));
}

void DataPageTest::showsADamagedSetAndRemovesIt()
{
    importTiny();
    std::filesystem::resize_file(Datasets(*m_workspace).folder("tiny") / datasetFiles[0], 20);
    open();
    QTRY_VERIFY(card(u"tiny"_s));
    QCOMPARE(stateOf(card(u"tiny"_s)), u"Damaged"_s);
    QTRY_VERIFY(card(u"tiny"_s)->findChild<Notice *>()->isVisible());
    QTRY_VERIFY(button(card(u"tiny"_s), "removeDataset"_L1)->isVisible());
    QVERIFY(!button(card(u"tiny"_s), "verifyDataset"_L1)->isVisible());
}

void DataPageTest::unreachableMirrorsAreToldInPlace()
{
    QTcpServer closed; // a port that nobody listens on, surely
    QVERIFY(closed.listen(QHostAddress::LocalHost));
    const QString mirror = u"https://127.0.0.1:%1/"_s.arg(closed.serverPort());
    closed.close();
    m_page->setDownloaderSetup([mirror](DatasetDownloader &downloader) { downloader.setMirrors({mirror}); });
    open();
    DatasetCard *mnist = card(u"mnist"_s);
    QTest::mouseClick(button(mnist, "getDataset"_L1), Qt::LeftButton);
    auto *notice = mnist->findChild<Notice *>();
    QTRY_VERIFY_WITH_TIMEOUT(notice->isVisible(), 20000);
    QVERIFY2(notice->text().contains(u"127.0.0.1"_s), qPrintable(notice->text()));
    auto *again = notice->findChild<QPushButton *>();
    QCOMPARE(again->text(), u"Try again"_s);
    QTest::mouseClick(again, Qt::LeftButton);
    QVERIFY(!notice->isVisible());
    QVERIFY(button(mnist, "cancelDataset"_L1)->isVisible());
    QTRY_VERIFY_WITH_TIMEOUT(notice->isVisible(), 20000);
    QVERIFY(button(mnist, "getDataset"_L1)->isVisible());
}

void DataPageTest::downloadCanBeCanceled()
{
    QTcpServer silent; // takes the connection and never answers
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    const QString mirror = u"https://127.0.0.1:%1/"_s.arg(silent.serverPort());
    m_page->setDownloaderSetup([mirror](DatasetDownloader &downloader) { downloader.setMirrors({mirror}); });
    open();
    DatasetCard *mnist = card(u"mnist"_s);
    QTest::mouseClick(button(mnist, "getDataset"_L1), Qt::LeftButton);
    QTRY_VERIFY(silent.hasPendingConnections());
    QPushButton *cancel = button(mnist, "cancelDataset"_L1);
    QTRY_VERIFY(cancel->isVisible());
    m_page->refresh(); // reading the disk again changes nothing of what is under way
    importTiny();
    m_page->refresh();
    QTRY_VERIFY(card(u"tiny"_s));
    QVERIFY(cancel->isVisible());
    QTest::mouseClick(cancel, Qt::LeftButton);
    QTRY_VERIFY(!cancel->isVisible());
    QVERIFY(button(mnist, "getDataset"_L1)->isVisible());
    QVERIFY(!mnist->findChild<Notice *>()->isVisible());
}

BOTTEGA_GUI_TEST_MAIN(DataPageTest)
#include "tst_datapage.moc"
