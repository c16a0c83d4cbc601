// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "tests/ui/models/fixture.h"
#include "ui/models/downloaddialog.h"

#include <QAbstractButton>
#include <QFileDialog>
#include <QLineEdit>
#include <QMessageBox>

using namespace bottega;
using namespace Qt::StringLiterals;

/// Taking files home through the dialogs: where to, what if it is there, what was done.
class DownloadTest : public test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup() { m_window.reset(); }
    void savesAnArtifactToATypedFolder();
    void folderKeepsItsInnerPaths();
    void savesAModelVerified();
    void refusesADamagedModel();
    void asksBeforeOverwriting_data();
    void asksBeforeOverwriting();
    void cancelingTheDialogCopiesNothing();

private:
    void chooseFolder(const QString &folder);
    [[nodiscard]] QString bytesOf(const QString &name) const;

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_target;
    std::optional<Workspace> m_workspace;
    std::optional<RunFolder> m_run;
    std::unique_ptr<QWidget> m_window;
};

namespace {

QMessageBox *waitForBox(const QString &name)
{
    if (!QTest::qWaitFor([&] { return test::shownWindow<QMessageBox>(name) != nullptr; }))
        return nullptr;
    return test::shownWindow<QMessageBox>(name);
}

void press(QMessageBox *box, const QString &text)
{
    for (QAbstractButton *button : box->buttons())
        if (button->text().remove(u'&') == text)
            return QTest::mouseClick(button, Qt::LeftButton);
    QFAIL("no such button");
}

} // namespace

void DownloadTest::init()
{
    TestCase::init();
    m_folder = std::make_unique<QTemporaryDir>();
    m_target = m_folder->filePath(u"home"_s);
    QVERIFY(QDir().mkpath(m_target));
    const auto workspace = Workspace::init(test::pathOf(*m_folder, u"ws"_s));
    QVERIFY_RESULT(workspace);
    m_workspace = *workspace;
    const auto run = test::makeRun(*m_workspace);
    QVERIFY_RESULT(run);
    m_run = *run;
    m_window = std::make_unique<QWidget>();
    m_window->resize(600, 400);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
}

void DownloadTest::chooseFolder(const QString &folder)
{
    QTRY_VERIFY(test::shownWindow<QFileDialog>(u"downloadFolderDialog"_s));
    auto *dialog = test::shownWindow<QFileDialog>(u"downloadFolderDialog"_s);
    auto *field = dialog->findChild<QLineEdit *>(u"fileNameEdit"_s);
    dialog->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(dialog));
    field->setFocus(); // without it the dialog overwrites what is being typed
    QVERIFY(field->hasFocus());
    field->selectAll();
    QTest::keyClicks(field, folder);
    QTest::keyClick(field, Qt::Key_Return);
    QTRY_VERIFY(!test::shownWindow<QFileDialog>(u"downloadFolderDialog"_s));
}

QString DownloadTest::bytesOf(const QString &name) const
{
    const auto bytes = readFile((m_target + u'/' + name).toStdString());
    return bytes ? QString::fromStdString(*bytes) : u"(none)"_s;
}

void DownloadTest::savesAnArtifactToATypedFolder()
{
    downloadArtifacts(m_window.get(), *m_run, {u"logs/train.log"_s});
    chooseFolder(m_target);
    auto *box = waitForBox(u"downloadResult"_s);
    QVERIFY(box);
    QCOMPARE(box->text(), u"train.log was saved"_s);
    QVERIFY2(box->informativeText().contains(m_target), qPrintable(box->informativeText()));
    QCOMPARE(bytesOf(u"train.log"_s), u"epoch:00 train_loss:0.1\n"_s);
    press(box, u"Close"_s);
    QTRY_VERIFY(!test::shownWindow<QMessageBox>(u"downloadResult"_s));
    QCOMPARE(QDir(m_target).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot).size(), 1);
}

void DownloadTest::folderKeepsItsInnerPaths()
{
    downloadArtifacts(m_window.get(), *m_run, {u"outputs"_s, u"logs"_s});
    chooseFolder(m_target);
    auto *box = waitForBox(u"downloadResult"_s);
    QVERIFY(box);
    QCOMPARE(box->text(), u"2 file(s) were saved"_s); // the plural comes with the translations
    QVERIFY(QFile::exists(m_target + u"/outputs/model.npz"_s));
    QVERIFY(QFile::exists(m_target + u"/logs/train.log"_s));
}

void DownloadTest::savesAModelVerified()
{
    const auto model = test::registerModel(*m_workspace, *m_run);
    QVERIFY_RESULT(model);
    downloadModel(m_window.get(), *m_workspace, *model);
    chooseFolder(m_target);
    QVERIFY(waitForBox(u"downloadResult"_s));
    QVERIFY_RESULT(readNpz((m_target + u"/model.npz"_s).toStdString()));
}

void DownloadTest::refusesADamagedModel()
{
    const auto model = test::registerModel(*m_workspace, *m_run);
    QVERIFY_RESULT(model);
    const std::filesystem::path file = Models(*m_workspace).filesFolder(*model) / "model.npz";
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    test::writeText(file, "not the model");
    downloadModel(m_window.get(), *m_workspace, *model);
    chooseFolder(m_target);
    auto *box = waitForBox(u"errorBox"_s);
    QVERIFY(box);
    QVERIFY2(box->informativeText().contains(u"SHA-256"_s), qPrintable(box->informativeText()));
    QVERIFY(QDir(m_target).isEmpty());
}

void DownloadTest::asksBeforeOverwriting_data()
{
    QTest::addColumn<QString>("answer");
    QTest::addColumn<QString>("old");
    QTest::addColumn<QString>("second");
    QTest::newRow("overwrite") << u"Overwrite"_s << u"epoch:00 train_loss:0.1\n"_s << u"(none)"_s;
    QTest::newRow("keep both") << u"Keep both"_s << u"mine"_s << u"epoch:00 train_loss:0.1\n"_s;
    QTest::newRow("cancel") << u"Cancel"_s << u"mine"_s << u"(none)"_s;
}

void DownloadTest::asksBeforeOverwriting()
{
    QFETCH(QString, answer);
    QFETCH(QString, old);
    QFETCH(QString, second);
    test::writeText((m_target + u"/train.log"_s).toStdString(), "mine");
    downloadArtifacts(m_window.get(), *m_run, {u"logs/train.log"_s});
    chooseFolder(m_target);
    auto *box = waitForBox(u"overwriteQuestion"_s);
    QVERIFY(box);
    QVERIFY(box->informativeText().contains(u"train.log"_s));
    QVERIFY(test::hasOnlyPlainText(box));
    press(box, answer);
    if (answer != u"Cancel"_s)
        QVERIFY(waitForBox(u"downloadResult"_s));
    QTRY_VERIFY(!test::shownWindow<QMessageBox>(u"overwriteQuestion"_s));
    QCOMPARE(bytesOf(u"train.log"_s), old);
    QCOMPARE(bytesOf(u"train (2).log"_s), second);
}

void DownloadTest::cancelingTheDialogCopiesNothing()
{
    downloadArtifacts(m_window.get(), *m_run, {u"logs/train.log"_s});
    QTRY_VERIFY(test::shownWindow<QFileDialog>(u"downloadFolderDialog"_s));
    QTest::keyClick(test::shownWindow<QFileDialog>(u"downloadFolderDialog"_s), Qt::Key_Escape);
    QTRY_VERIFY(m_window->findChildren<QObject *>(QString(), Qt::FindDirectChildrenOnly).isEmpty());
    QVERIFY(QDir(m_target).isEmpty());
}

BOTTEGA_GUI_TEST_MAIN(DownloadTest)
#include "tst_download.moc"
