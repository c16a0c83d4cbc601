// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/models/fixture.h"
#include "ui/artifacts/arraysmodel.h"
#include "ui/artifacts/artifactcontent.h"
#include "ui/artifacts/artifactsmodel.h"
#include "ui/artifacts/artifactsview.h"
#include "ui/widgets/emptystate.h"
#include "ui/widgets/notice.h"

#include <QAbstractItemModelTester>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTreeView>

#include <cmath>
#include <limits>

using namespace bottega;
using namespace Qt::StringLiterals;

/// A run's files: tree, previews and requests, over a real run folder.
class ArtifactsViewTest : public test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup() { m_view.reset(); }
    void itemModelKeepsItsPromises();
    void sameListChangesNothing();
    void emptyRunTeaches();
    void previewsArraysOfTheModel();
    void previewsTheBeginningOfALongText();
    void previewsAPicture();
    void refusesAPictureOfAbsurdSize();
    void showsADamagedModelInPlace();
    void binaryHasNoPreview();
    void neverFollowsALink();
    void selectionStaysWhileFilesArrive();
    void asksToRegisterAndDownload();
    void foreignNamesStayPlain();
    void summarizesNotFiniteValues();

private:
    void show();
    void choose(const QString &path);
    template <class Widget>
    [[nodiscard]] Widget *child(QLatin1StringView name) const
    {
        return m_view->findChild<Widget *>(name);
    }
    [[nodiscard]] ArtifactsModel *model() const
    {
        return qobject_cast<ArtifactsModel *>(child<QTreeView>("artifactTree"_L1)->model());
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::optional<RunFolder> m_run;
    std::unique_ptr<ArtifactsView> m_view;
};

void ArtifactsViewTest::init()
{
    TestCase::init();
    m_folder = std::make_unique<QTemporaryDir>();
    const auto workspace = Workspace::init(test::pathOf(*m_folder, u"ws"_s));
    QVERIFY_RESULT(workspace);
    const auto run = test::makeRun(*workspace);
    QVERIFY_RESULT(run);
    m_run = *run;
    m_view = std::make_unique<ArtifactsView>();
    m_view->resize(1000, 600);
    m_view->setRun(*m_run);
}

void ArtifactsViewTest::show()
{
    const auto artifacts = m_run->artifacts();
    QVERIFY_RESULT(artifacts);
    m_view->setArtifacts(*artifacts);
    m_view->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_view.get()));
}

void ArtifactsViewTest::choose(const QString &path)
{
    auto *tree = child<QTreeView>("artifactTree"_L1);
    tree->expandAll();
    const QModelIndex index = model()->indexOf(path);
    QVERIFY2(index.isValid(), qPrintable(path));
    QTest::mouseClick(tree->viewport(), Qt::LeftButton, {}, tree->visualRect(index).center());
    QCOMPARE(m_view->selectedPaths(), QStringList{path});
}

void ArtifactsViewTest::itemModelKeepsItsPromises()
{
    ArtifactsModel artifacts;
    const QAbstractItemModelTester tester(&artifacts, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QVERIFY(artifacts.setArtifacts({{"logs/a.txt", 10}, {"outputs/model.npz", 300}}));
    QVERIFY(!artifacts.setArtifacts({{"logs/a.txt", 10}, {"outputs/model.npz", 300}})); // no news of a live run
    QCOMPARE(artifacts.rowCount(), 2);
    const QPersistentModelIndex kept = artifacts.indexOf(u"outputs/model.npz"_s);
    QVERIFY(kept.isValid());
    QCOMPARE(kept.parent().data(ArtifactsModel::BytesRole).toULongLong(), 300ULL);
    artifacts.setArtifacts({{"a/b/c", 1}, {"outputs/a.png", 5}, {"outputs/deep/x", 7}, {"outputs/model.npz", 400}, {"z", 1}});
    QCOMPARE(artifacts.rowCount(), 3);
    QCOMPARE(kept.data(ArtifactsModel::BytesRole).toULongLong(), 400ULL);
    QCOMPARE(kept.parent().data(ArtifactsModel::BytesRole).toULongLong(), 412ULL);
    QCOMPARE(kept.row(), 2); // the folder first, then by name
    QVERIFY(!artifacts.indexOf(u"logs/a.txt"_s).isValid());
    QVERIFY(artifacts.setArtifacts({{"outputs", 1}})); // a file where a folder was
    QVERIFY(!kept.isValid());
    QCOMPARE(artifacts.indexOf(u"outputs"_s).data(ArtifactsModel::IsFolderRole).toBool(), false);
}

/// The list comes with every record of a live run: what is chosen, or not, stays so until there is another.
void ArtifactsViewTest::sameListChangesNothing()
{
    show();
    auto *tree = child<QTreeView>("artifactTree"_L1);
    QVERIFY(!m_view->selectedPaths().isEmpty());
    tree->clearSelection();
    const auto artifacts = m_run->artifacts();
    QVERIFY_RESULT(artifacts);
    m_view->setArtifacts(*artifacts);
    QVERIFY(m_view->selectedPaths().isEmpty());
    auto more = *artifacts;
    more.push_back({"outputs/zz.txt", 1});
    m_view->setArtifacts(more);
    QVERIFY(!m_view->selectedPaths().isEmpty());
}

void ArtifactsViewTest::emptyRunTeaches()
{
    m_view->setArtifacts({});
    m_view->show();
    QVERIFY(m_view->findChild<EmptyState *>()->parentWidget());
    QVERIFY(!child<QTreeView>("artifactTree"_L1)->isVisible());
    show();
    QVERIFY(child<QTreeView>("artifactTree"_L1)->isVisible());
}

void ArtifactsViewTest::previewsArraysOfTheModel()
{
    show();
    QCOMPARE(m_view->selectedPaths(), QStringList{u"outputs/model.npz"_s}); // chosen by itself
    auto *table = child<QTableView>("arraysTable"_L1);
    const QAbstractItemModelTester tester(table->model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    QTRY_COMPARE(table->model()->rowCount(), 2);
    QTRY_VERIFY(table->isVisible());
    const auto cell = [table](int column) { return table->model()->index(0, column).data().toString(); };
    QCOMPARE(cell(ArraysModel::KeyColumn), u"l1/W"_s);
    QCOMPARE(cell(ArraysModel::ShapeColumn), u"2 × 16"_s);
    QCOMPARE(cell(ArraysModel::TypeColumn), u"float32"_s);
    QCOMPARE(cell(ArraysModel::MinimumColumn), u"-4"_s);
    QCOMPARE(cell(ArraysModel::MeanColumn), u"0"_s);
    QCOMPARE(cell(ArraysModel::MaximumColumn), u"4"_s);
    QCOMPARE(child<QLabel>("previewCaption"_L1)->text(), u"2 array(s), 34 values"_s);
}

void ArtifactsViewTest::previewsTheBeginningOfALongText()
{
    test::writeText(m_run->work() / "logs" / "long.log", "<b>first</b>\n" + std::string(400'000, 'x') + "last");
    show();
    choose(u"logs/long.log"_s);
    auto *text = child<QPlainTextEdit>("artifactText"_L1);
    QTRY_VERIFY(text->isVisible());
    QVERIFY(text->toPlainText().startsWith(u"<b>first</b>\nxxx"_s));
    QCOMPARE(text->toPlainText().size(), 256 * 1024);
    QVERIFY(child<QLabel>("previewCaption"_L1)->text().startsWith(u"first 262.1 kB of 400.0 kB"_s));
    QVERIFY(text->isReadOnly());
}

void ArtifactsViewTest::previewsAPicture()
{
    QImage image(64, 32, QImage::Format_RGB32);
    image.fill(Qt::red);
    QVERIFY(image.save(QString::fromStdString((m_run->work() / "outputs" / "red.png").string())));
    show();
    choose(u"outputs/red.png"_s);
    QTRY_COMPARE(child<QLabel>("previewCaption"_L1)->text(), u"64 × 32 points"_s);
    const QImage shown = m_view->grab().toImage();
    QCOMPARE(shown.pixelColor(shown.width() * 2 / 3, shown.height() / 2), QColor(Qt::red));
}

void ArtifactsViewTest::refusesAPictureOfAbsurdSize()
{
    // A header that promises 60,000 × 60,000 points; decoding it would take 14 GB.
    const std::string png("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\xea\x60\0\0\xea\x60\x08\x06\0\0\0\x80\xd2\x75\x42" "\0\0\0\x10" "IDAT" "0123456789abcdef", 57);
    test::writeText(m_run->work() / "outputs" / "huge.png", png);
    show();
    choose(u"outputs/huge.png"_s);
    auto *notice = m_view->findChild<Notice *>();
    QTRY_VERIFY(notice->isVisible());
    QVERIFY2(notice->text().contains(u"60000 × 60000"_s), qPrintable(notice->text()));
}

void ArtifactsViewTest::showsADamagedModelInPlace()
{
    test::writeText(m_run->work() / "outputs" / "broken.npz", "PK\x03\x04 no zip at all");
    show();
    choose(u"outputs/broken.npz"_s);
    auto *notice = m_view->findChild<Notice *>();
    QTRY_VERIFY(notice->isVisible());
    QVERIFY2(notice->text().contains(u"broken.npz"_s), qPrintable(notice->text()));
    QVERIFY(!notice->text().contains(u"/proc/"_s));
    choose(u"logs/train.log"_s); // and goes when something else is looked at
    QTRY_VERIFY(!notice->isVisible());
}

void ArtifactsViewTest::binaryHasNoPreview()
{
    test::writeText(m_run->work() / "outputs" / "state.bin", std::string("\0\1\2\3", 4));
    show();
    choose(u"outputs/state.bin"_s);
    QTRY_COMPARE(child<QLabel>("previewCaption"_L1)->text(), u"4 bytes"_s);
    QVERIFY(!child<QPlainTextEdit>("artifactText"_L1)->isVisible());
}

void ArtifactsViewTest::neverFollowsALink()
{
    const std::filesystem::path secret = test::pathOf(*m_folder, u"secret.txt"_s);
    test::writeText(secret, "secret");
    std::filesystem::create_symlink(secret, m_run->work() / "outputs" / "link.txt");
    m_view->setArtifacts({{"outputs/link.txt", 6}});
    m_view->show();
    choose(u"outputs/link.txt"_s);
    QTRY_VERIFY(m_view->findChild<Notice *>()->isVisible());
    QVERIFY(!child<QPlainTextEdit>("artifactText"_L1)->toPlainText().contains(u"secret"_s));
}

void ArtifactsViewTest::selectionStaysWhileFilesArrive()
{
    show();
    choose(u"logs/train.log"_s);
    auto *text = child<QPlainTextEdit>("artifactText"_L1);
    QTRY_COMPARE(text->toPlainText(), u"epoch:00 train_loss:0.1\n"_s);
    test::writeText(m_run->work() / "logs" / "a-first.log", "new");
    test::writeText(m_run->work() / "logs" / "train.log", "epoch:00 train_loss:0.1\nepoch:01 train_loss:0.05\n");
    show();
    QCOMPARE(m_view->selectedPaths(), QStringList{u"logs/train.log"_s});
    QTRY_VERIFY(text->toPlainText().contains(u"epoch:01"_s));
}

void ArtifactsViewTest::asksToRegisterAndDownload()
{
    show();
    const QSignalSpy registered(m_view.get(), &ArtifactsView::registerRequested);
    const QSignalSpy downloaded(m_view.get(), &ArtifactsView::downloadRequested);
    choose(u"outputs/model.npz"_s);
    QTest::mouseClick(child<QPushButton>("registerArtifact"_L1), Qt::LeftButton);
    QCOMPARE(registered.count(), 1);
    QCOMPARE(registered.first().first().toString(), u"outputs/model.npz"_s);
    child<QTreeView>("artifactTree"_L1)->selectAll();
    QVERIFY(!child<QPushButton>("registerArtifact"_L1)->isEnabled());
    QTest::mouseClick(child<QPushButton>("downloadArtifacts"_L1), Qt::LeftButton);
    QCOMPARE(downloaded.count(), 1);
    QVERIFY(downloaded.first().first().toStringList().contains(u"logs/train.log"_s));
    child<QTreeView>("artifactTree"_L1)->clearSelection();
    QVERIFY(!child<QPushButton>("downloadArtifacts"_L1)->isEnabled());
}

void ArtifactsViewTest::foreignNamesStayPlain()
{
    const std::string name = "<b>bold<i> & " + std::string(200, 'n') + ".txt";
    test::writeText(m_run->work() / "outputs" / name, "text");
    m_view->setArtifacts({{"outputs/" + name, 4}, {"outputs/two\nlines", 4}});
    m_view->show();
    auto *tree = child<QTreeView>("artifactTree"_L1);
    const QModelIndex folder = model()->index(0, 0);
    QCOMPARE(model()->index(1, 0, folder).data().toString(), u"two\\nlines"_s);
    const QModelIndex index = model()->index(0, 0, folder);
    QVERIFY(index.data().toString().startsWith(u"<b>bold<i> & nnn"_s));
    tree->setCurrentIndex(index);
    QTRY_COMPARE(child<QPlainTextEdit>("artifactText"_L1)->toPlainText(), u"text"_s);
    QVERIFY(test::hasOnlyPlainText(m_view.get()));
    QVERIFY(m_view->width() <= 1100);
}

void ArtifactsViewTest::summarizesNotFiniteValues()
{
    const float values[] = {1, std::numeric_limits<float>::quiet_NaN(), 3, std::numeric_limits<float>::infinity()};
    const ArraySummary summary = summarizeArray("x", NpyArray::fromFloats({4}, values));
    QCOMPARE(summary.count, std::uint64_t(4));
    QCOMPARE(summary.finiteCount, std::uint64_t(2));
    QCOMPARE(summary.minimum, 1.0);
    QCOMPARE(summary.mean, 2.0);
    QCOMPARE(summary.maximum, 3.0);
}

BOTTEGA_GUI_TEST_MAIN(ArtifactsViewTest)
#include "tst_artifactsview.moc"
