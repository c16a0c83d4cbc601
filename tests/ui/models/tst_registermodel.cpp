// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/models/fixture.h"
#include "ui/models/registermodeldialog.h"
#include "ui/models/tageditor.h"
#include "ui/widgets/notice.h"

#include <QComboBox>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>

using namespace bottega;
using namespace Qt::StringLiterals;

/// Registering a run's artifact from the dialog, into a real workspace.
class RegisterModelTest : public test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup() { m_dialog.reset(); }
    void suggestsNameFileAndVersion();
    void foretellsTheNextVersionAfterADeletion();
    void complainsUnderTheField();
    void registersWithTheKeyboard();
    void enterInTheTagFieldOnlyAddsATag();
    void errorLeavesTheFormAsItWas();

private:
    void open(const QString &artifact = {});
    template <class Widget>
    [[nodiscard]] Widget *child(QLatin1StringView name) const
    {
        return m_dialog->findChild<Widget *>(name);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::optional<Workspace> m_workspace;
    std::optional<RunFolder> m_run;
    std::unique_ptr<RegisterModelDialog> m_dialog;
};

void RegisterModelTest::init()
{
    TestCase::init();
    m_folder = std::make_unique<QTemporaryDir>();
    const auto workspace = Workspace::init(test::pathOf(*m_folder, u"ws"_s));
    QVERIFY_RESULT(workspace);
    m_workspace = *workspace;
    const auto run = test::makeRun(*m_workspace);
    QVERIFY_RESULT(run);
    m_run = *run;
}

void RegisterModelTest::open(const QString &artifact)
{
    const auto record = readRunRecord(*m_run);
    QVERIFY_RESULT(record);
    m_dialog = std::make_unique<RegisterModelDialog>(*m_workspace, *record, *m_run, artifact);
    m_dialog->open();
    QVERIFY(QTest::qWaitForWindowExposed(m_dialog.get()));
    QTRY_VERIFY(!child<QLabel>("modelNameHint"_L1)->text().isEmpty());
}

void RegisterModelTest::suggestsNameFileAndVersion()
{
    QVERIFY_RESULT(test::registerModel(*m_workspace, *m_run));
    open();
    QCOMPARE(child<QComboBox>("modelName"_L1)->currentText(), u"chainer-dnn-mnist"_s);
    QCOMPARE(child<QComboBox>("artifactPath"_L1)->currentText(), u"outputs/model.npz"_s);
    QCOMPARE(child<QComboBox>("artifactPath"_L1)->count(), 2);
    QCOMPARE(child<QLabel>("modelNameHint"_L1)->text(), u"This becomes version 2."_s);
    child<QComboBox>("modelName"_L1)->setCurrentText(u"digits"_s);
    QCOMPARE(child<QLabel>("modelNameHint"_L1)->text(), u"A new model: this becomes version 1."_s);
}

void RegisterModelTest::foretellsTheNextVersionAfterADeletion()
{
    QVERIFY_RESULT(test::registerModel(*m_workspace, *m_run));
    const auto second = test::registerModel(*m_workspace, *m_run);
    QVERIFY_RESULT(second);
    QVERIFY_RESULT(Models(*m_workspace).remove(*second));
    open();
    QCOMPARE(child<QLabel>("modelNameHint"_L1)->text(), u"This becomes version 3."_s);
}

void RegisterModelTest::complainsUnderTheField()
{
    open();
    auto *name = child<QComboBox>("modelName"_L1);
    auto *registerButton = child<QPushButton>("registerButton"_L1);
    QVERIFY(registerButton->isEnabled());
    name->lineEdit()->selectAll();
    QTest::keyClicks(name->lineEdit(), u"../evil"_s);
    QVERIFY(child<QLabel>("modelNameHint"_L1)->text().contains(u"letters"_s));
    QVERIFY(name->property("invalid").toBool());
    QVERIFY(!registerButton->isEnabled());
    name->setCurrentText(u"digits"_s);
    QVERIFY(!name->property("invalid").toBool());
    QVERIFY(registerButton->isEnabled());
    child<QComboBox>("artifactPath"_L1)->setCurrentText(u"outputs/nothing.npz"_s);
    QVERIFY(child<QLabel>("artifactPathHint"_L1)->text().contains(u"no such file"_s));
    QVERIFY(!registerButton->isEnabled());
    child<QComboBox>("artifactPath"_L1)->setCurrentText(u"outputs"_s); // a folder is fine
    QVERIFY(registerButton->isEnabled());
}

void RegisterModelTest::registersWithTheKeyboard()
{
    open(u"logs/train.log"_s);
    const QSignalSpy registered(m_dialog.get(), &RegisterModelDialog::registered);
    QCOMPARE(child<QComboBox>("artifactPath"_L1)->currentText(), u"logs/train.log"_s);
    auto *name = child<QComboBox>("modelName"_L1)->lineEdit();
    name->setFocus();
    name->selectAll();
    QTest::keyClicks(name, u"my-logs"_s);
    QTest::keyClicks(child<QPlainTextEdit>("modelDescription"_L1), u"only a log"_s);
    QTest::keyClicks(child<QLineEdit>("newTag"_L1), u"kind=log"_s); // never confirmed: taken all the same
    QTest::keyClick(name, Qt::Key_Return);
    QTRY_COMPARE(registered.count(), 1);
    QVERIFY(!m_dialog->isVisible());
    const auto model = Models(*m_workspace).find("my-logs:1");
    QVERIFY_RESULT(model);
    QCOMPARE(model->description, std::string("only a log"));
    QCOMPARE(model->tags.at("kind"), std::string("log"));
    QCOMPARE(model->files.front().path, std::string("train.log"));
}

void RegisterModelTest::enterInTheTagFieldOnlyAddsATag()
{
    open();
    auto *field = child<QLineEdit>("newTag"_L1);
    QTest::keyClicks(field, u"stage=test"_s);
    QTest::keyClick(field, Qt::Key_Return);
    QTest::keyClick(field, Qt::Key_Return);
    QCOMPARE(m_dialog->findChild<TagEditor *>()->tags().size(), std::size_t(1));
    QVERIFY(m_dialog->isVisible());
    QVERIFY(child<QPushButton>("registerButton"_L1)->isEnabled());
    QVERIFY(Models(*m_workspace).list()->empty());
}

void RegisterModelTest::errorLeavesTheFormAsItWas()
{
    open();
    std::filesystem::remove(m_run->work() / "outputs" / "model.npz"); // behind the dialog's back
    QTest::mouseClick(child<QPushButton>("registerButton"_L1), Qt::LeftButton);
    const auto *notice = m_dialog->findChild<Notice *>();
    QTRY_VERIFY(notice->isVisible());
    QVERIFY2(notice->text().contains(u"logs/train.log"_s), qPrintable(notice->text())); // what the run has
    QVERIFY(m_dialog->isVisible());
    QCOMPARE(child<QComboBox>("modelName"_L1)->currentText(), u"chainer-dnn-mnist"_s);
    QVERIFY(Models(*m_workspace).list()->empty());
}

BOTTEGA_GUI_TEST_MAIN(RegisterModelTest)
#include "tst_registermodel.moc"
