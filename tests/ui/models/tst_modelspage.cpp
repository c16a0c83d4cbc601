// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/models/fixture.h"
#include "ui/models/modelsmodel.h"
#include "ui/models/modelspage.h"
#include "ui/widgets/copybutton.h"
#include "ui/widgets/emptystate.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/theme.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QComboBox>
#include <QLineEdit>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QToolButton>
#include <QTreeView>

using namespace bottega;
using namespace Qt::StringLiterals;

/// The models page over a real workspace, with mouse and keyboard.
class ModelsPageTest : public test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void itemModelKeepsItsPromises();
    void emptyWorkspaceTeaches();
    void listsNamesAndVersions();
    void showsLineageAndOpensTheRun();
    void copiesIdAndHash();
    void describesInPlace();
    void escapeTakesBackADescription();
    void addsAndRemovesTags();
    void deletedVersionGoesToTheTrash();
    void evaluatesOnAReadySet();
    void keepsTheChoiceWhenOthersRegister();
    void selectsAVersionThatIsStillComing();
    void foreignTextsStayPlain();

private:
    [[nodiscard]] Model addModel(const std::string &name = "chainer-dnn-mnist");
    void open();
    template <class Widget>
    [[nodiscard]] Widget *child(QLatin1StringView name) const
    {
        return m_page->findChild<Widget *>(name);
    }
    [[nodiscard]] QString shownId() const
    {
        const auto *label = child<QLabel>("modelId"_L1);
        return label ? label->text() : QString();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::optional<Workspace> m_workspace;
    std::unique_ptr<ModelsPage> m_page;
};

void ModelsPageTest::init()
{
    TestCase::init();
    m_folder = std::make_unique<QTemporaryDir>();
    const auto workspace = Workspace::init(test::pathOf(*m_folder, u"ws"_s));
    QVERIFY_RESULT(workspace);
    m_workspace = *workspace;
    m_page = std::make_unique<ModelsPage>();
    m_page->resize(1100, 800);
}

void ModelsPageTest::cleanup()
{
    m_page.reset();
}

Model ModelsPageTest::addModel(const std::string &name)
{
    const auto run = test::makeRun(*m_workspace);
    const auto model = run ? test::registerModel(*m_workspace, *run, name) : fail(run.error());
    if (!model)
        qFatal("%s", describe(model.error()).c_str());
    return *model;
}

void ModelsPageTest::open()
{
    m_page->setWorkspace(*m_workspace);
    m_page->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
    QTRY_VERIFY(!shownId().isEmpty());
}

void ModelsPageTest::itemModelKeepsItsPromises()
{
    ModelsModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const auto version = [](const char *name, int number) {
        Model one;
        one.name = name;
        one.version = number;
        one.files = {{"model.npz", 1000, {}}};
        return one;
    };
    model.setModels({version("a", 1), version("c", 2), version("c", 1)});
    QCOMPARE(model.rowCount(), 2);
    const QPersistentModelIndex kept = model.indexOf(u"c:1"_s);
    QVERIFY(kept.isValid());
    model.setModels({version("b", 1), version("c", 3), version("c", 2), version("c", 1), version("d", 1)});
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(kept.data(ModelsModel::IdRole).toString(), u"c:1"_s);
    QCOMPARE(kept.row(), 2);
    QCOMPARE(model.index(1, ModelsModel::SizeColumn).data().toString(), u"3.0 kB"_s);
    model.setModels({});
    QVERIFY(!kept.isValid());
    QCOMPARE(model.rowCount(), 0);
}

void ModelsPageTest::emptyWorkspaceTeaches()
{
    m_page->setWorkspace(*m_workspace);
    m_page->show();
    auto *empty = m_page->findChild<EmptyState *>();
    QTRY_VERIFY(empty->isVisible());
    const auto labels = empty->findChildren<QLabel *>();
    QVERIFY(std::any_of(labels.begin(), labels.end(), [](const QLabel *l) { return l->text().contains(u"Register model…"_s); }));
    (void)addModel();
    m_page->refresh();
    QTRY_VERIFY(!empty->isVisible());
    QTRY_COMPARE(shownId(), u"chainer-dnn-mnist:1"_s);
}

void ModelsPageTest::listsNamesAndVersions()
{
    (void)addModel();
    (void)addModel();
    (void)addModel("digits");
    open();
    const auto *tree = child<QTreeView>("modelTree"_L1);
    QCOMPARE(tree->model()->rowCount(), 2);
    const QModelIndex first = tree->model()->index(0, 0);
    QCOMPARE(first.data().toString(), u"chainer-dnn-mnist"_s);
    QCOMPARE(tree->model()->rowCount(first), 2);
    QVERIFY(tree->isExpanded(first));
    QCOMPARE(tree->model()->index(0, 0, first).data().toString(), u"Version 2"_s);
    QCOMPARE(shownId(), u"chainer-dnn-mnist:2"_s);
    QTest::mouseClick(tree->viewport(), Qt::LeftButton, {}, tree->visualRect(tree->model()->index(1, 0, first)).center());
    QTRY_COMPARE(shownId(), u"chainer-dnn-mnist:1"_s);
}

void ModelsPageTest::showsLineageAndOpensTheRun()
{
    const Model model = addModel();
    open();
    const QSignalSpy asked(m_page.get(), &ModelsPage::runRequested);
    auto *run = child<QToolButton>("openRun"_L1);
    QCOMPARE(run->text(), QString::fromStdString(model.run));
    QTest::mouseClick(run, Qt::LeftButton);
    QCOMPARE(asked.count(), 1);
    QCOMPARE(asked.first().first().toString(), QString::fromStdString(model.run));
    QStringList texts;
    for (const QLabel *label : m_page->findChildren<QLabel *>())
        texts += label->text();
    for (const QString &expected : {u"chainer-mnist"_s, u"mnist-mlp"_s, u"tiny"_s, u"dddddddddddd…"_s, u"model.npz"_s})
        QVERIFY2(texts.contains(expected), qPrintable(expected));
}

void ModelsPageTest::copiesIdAndHash()
{
    const Model model = addModel();
    open();
    const auto press = [this](const QString &name) {
        for (CopyButton *button : m_page->findChildren<CopyButton *>())
            if (button->accessibleName() == name)
                QTest::mouseClick(button, Qt::LeftButton);
    };
    press(u"Copy model id"_s);
    QCOMPARE(QApplication::clipboard()->text(), u"chainer-dnn-mnist:1"_s);
    press(u"Copy SHA-256 of model.npz"_s);
    QCOMPARE(QApplication::clipboard()->text(), QString::fromStdString(model.files.front().sha256));
    QCOMPARE(QApplication::clipboard()->text().size(), 64);
}

void ModelsPageTest::describesInPlace()
{
    (void)addModel();
    open();
    auto *text = child<QPlainTextEdit>("descriptionText"_L1);
    auto *save = child<QPushButton>("saveDescription"_L1);
    QVERIFY(!save->isVisible());
    text->setFocus();
    QTest::keyClicks(text, u"ten epochs"_s);
    QVERIFY(save->isVisible());
    QTest::keyClick(text, Qt::Key_Return, Qt::ControlModifier);
    QTRY_COMPARE(QString::fromStdString(Models(*m_workspace).find("chainer-dnn-mnist:1")->description), u"ten epochs"_s);
    QVERIFY(!save->isVisible());
    QCOMPARE(text->toPlainText(), u"ten epochs"_s);
}

void ModelsPageTest::escapeTakesBackADescription()
{
    (void)addModel();
    open();
    auto *text = child<QPlainTextEdit>("descriptionText"_L1);
    QTest::keyClicks(text, u"draft"_s);
    m_page->refresh(); // what is being typed survives the page reading the disk again
    QSignalSpy changed(child<QTreeView>("modelTree"_L1)->model(), &QAbstractItemModel::dataChanged);
    QVERIFY(changed.wait());
    QCOMPARE(text->toPlainText(), u"draft"_s);
    QTest::keyClick(text, Qt::Key_Escape);
    QCOMPARE(text->toPlainText(), QString());
    QCOMPARE(Models(*m_workspace).find("chainer-dnn-mnist:1")->description, std::string());
}

void ModelsPageTest::addsAndRemovesTags()
{
    (void)addModel();
    open();
    const auto tags = [this] { return Models(*m_workspace).find("chainer-dnn-mnist:1")->tags; };
    auto *field = child<QLineEdit>("newTag"_L1);
    QTest::keyClicks(field, u"stage = production"_s);
    QTest::keyClick(field, Qt::Key_Return);
    QTRY_COMPARE(tags().size(), std::size_t(1));
    QCOMPARE(tags().at("stage"), std::string("production"));
    QTRY_VERIFY(child<QFrame>("tagChip"_L1));
    QTRY_COMPARE(child<QFrame>("tagChip"_L1)->findChild<QLabel *>()->text(), u"stage: production"_s);
    QTest::mouseClick(child<QFrame>("tagChip"_L1)->findChild<QToolButton *>(), Qt::LeftButton);
    QTRY_VERIFY(tags().empty());
    QTRY_VERIFY(!child<QFrame>("tagChip"_L1));
}

void ModelsPageTest::deletedVersionGoesToTheTrash()
{
    (void)addModel();
    const Model second = addModel();
    (void)addModel();
    open();
    QSignalSpy deleted(m_page.get(), &ModelsPage::deleted);
    m_page->select(u"chainer-dnn-mnist:1"_s);
    QTRY_COMPARE(shownId(), u"chainer-dnn-mnist:1"_s);
    QTest::mouseClick(child<QPushButton>("deleteModel"_L1), Qt::LeftButton);
    QTRY_COMPARE(deleted.size(), 1); // at once: it can be undone
    QTRY_VERIFY(shownId() != u"chainer-dnn-mnist:1"_s);
    m_page->select(u"chainer-dnn-mnist:2"_s);
    QTRY_COMPARE(shownId(), u"chainer-dnn-mnist:2"_s);
    m_page->activateWindow(); // there is no window manager on the test's display
    QVERIFY(QTest::qWaitForWindowActive(m_page.get()));
    auto *tree = child<QTreeView>("modelTree"_L1);
    tree->setFocus();
    QTest::keyClick(tree, Qt::Key_Delete);
    QTRY_COMPARE(deleted.size(), 2);
    QVERIFY(!std::filesystem::exists(Models(*m_workspace).filesFolder(second)));
    const Trash trash(*m_workspace);
    QCOMPARE(trash.list()->size(), std::size_t{2});
    QVERIFY_RESULT(trash.restore(*trash.find("chainer-dnn-mnist:2")));
    m_page->select(u"chainer-dnn-mnist:2"_s);
    m_page->refresh();
    QTRY_COMPARE(shownId(), u"chainer-dnn-mnist:2"_s);
}

void ModelsPageTest::evaluatesOnAReadySet()
{
    test::makeTinyFiles(test::pathOf(*m_folder, u"files"_s));
    const auto data = Datasets(*m_workspace).import("tiny", {test::pathOf(*m_folder, u"files"_s)});
    QVERIFY_RESULT(data);
    (void)addModel();
    open();
    auto *evaluate = child<QPushButton>("evaluateModel"_L1);
    QTRY_VERIFY(evaluate->isEnabled());
    QVERIFY(child<QComboBox>("evaluationData"_L1)->currentText().startsWith(u"tiny"_s));
    QTest::mouseClick(evaluate, Qt::LeftButton);
    const auto *result = child<QLabel>("evaluationResult"_L1);
    QTRY_VERIFY(result->isVisible());
    QVERIFY2(result->text().startsWith(u"100.00"_s), qPrintable(result->text()));
    auto *table = child<QTableView>("classReports"_L1);
    const QAbstractItemModelTester tester(table->model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    QCOMPARE(table->model()->rowCount(), 2);
    QCOMPARE(table->model()->index(0, 4).data().toString(), u"3"_s);
    QCOMPARE(evaluate->text(), u"Evaluate"_s);
}

void ModelsPageTest::keepsTheChoiceWhenOthersRegister()
{
    (void)addModel("middle");
    open();
    QCOMPARE(shownId(), u"middle:1"_s);
    (void)addModel("first");
    (void)addModel("middle");
    m_page->refresh();
    const auto *tree = child<QTreeView>("modelTree"_L1);
    QTRY_COMPARE(tree->model()->rowCount(), 2);
    QTRY_COMPARE(tree->model()->rowCount(tree->model()->index(1, 0)), 2);
    QCOMPARE(shownId(), u"middle:1"_s);
    QCOMPARE(tree->currentIndex().data(ModelsModel::IdRole).toString(), u"middle:1"_s);
}

void ModelsPageTest::selectsAVersionThatIsStillComing()
{
    (void)addModel();
    open();
    m_page->select(u"chainer-dnn-mnist:2"_s);
    QCOMPARE(shownId(), u"chainer-dnn-mnist:1"_s);
    (void)addModel();
    m_page->refresh();
    QTRY_COMPARE(shownId(), u"chainer-dnn-mnist:2"_s);
}

void ModelsPageTest::foreignTextsStayPlain()
{
    const Model model = addModel();
    const Models models(*m_workspace);
    QVERIFY_RESULT(models.setDescription(model, "<b>bold</b>\n<img src=x>"));
    QVERIFY_RESULT(models.setTag(model, "<i>k</i>", std::string(300, '<')));
    open();
    QTRY_VERIFY(child<QFrame>("tagChip"_L1));
    QVERIFY(test::hasOnlyPlainText(m_page.get()));
    QCOMPARE(child<QPlainTextEdit>("descriptionText"_L1)->toPlainText(), u"<b>bold</b>\n<img src=x>"_s);
    QVERIFY(child<QFrame>("tagChip"_L1)->width() < 360);
}

BOTTEGA_GUI_TEST_MAIN(ModelsPageTest)
#include "tst_modelspage.moc"
