// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/workspace/fixture.h"
#include "tests/support/testcase.h"
#include "ui/trash/trashdialog.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/notice.h"

#include <QAbstractButton>
#include <QApplication>
#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QSignalSpy>
#include <QTreeWidget>

using namespace bottega;
using namespace bottega::test;
using namespace Qt::StringLiterals;

class TestUiTrash : public TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void restoresWhatIsChosen();
    void removesOnlyAfterAsking();
    void emptiesOnlyAfterAsking();
    void aFailureIsToldInItsPlace();
};

namespace {

QTreeWidget *listOf(const TrashDialog &dialog)
{
    return dialog.findChild<QTreeWidget *>(u"trashList"_s);
}

QPushButton *buttonOf(const TrashDialog &dialog, const QString &name)
{
    return dialog.findChild<QPushButton *>(name);
}

void answer(const TrashDialog &dialog, bool yes)
{
    auto *box = dialog.findChild<QMessageBox *>(u"question"_s);
    QVERIFY(box);
    for (QAbstractButton *button : box->buttons()) {
        if (box->buttonRole(button) == (yes ? QMessageBox::DestructiveRole : QMessageBox::RejectRole))
            QTest::mouseClick(button, Qt::LeftButton);
    }
    QTRY_VERIFY(!dialog.findChild<QMessageBox *>(u"question"_s));
}

} // namespace

void TestUiTrash::restoresWhatIsChosen()
{
    WorkspaceFixture fixture;
    const Trash trash(fixture.workspace);
    const RunFolder run = fixture.completedRun(), other = fixture.completedRun();
    QVERIFY_RESULT(trash.put(run.id()));
    QVERIFY_RESULT(trash.put(other.id()));
    TrashDialog dialog(fixture.workspace);
    QSignalSpy restored(&dialog, &TrashDialog::restored);
    dialog.show();
    QTRY_COMPARE(listOf(dialog)->topLevelItemCount(), 2);
    QVERIFY(dialog.findChild<QLabel *>(u"trashTotal"_s)->text().startsWith(u"2 "_s));
    const auto rows = listOf(dialog)->findItems(toQString(run.id()), Qt::MatchExactly);
    QCOMPARE(rows.size(), 1);
    listOf(dialog)->setCurrentItem(rows[0]);
    QTest::mouseClick(buttonOf(dialog, u"restoreTrash"_s), Qt::LeftButton);
    QTRY_COMPARE(restored.size(), 1);
    QTRY_COMPARE(listOf(dialog)->topLevelItemCount(), 1);
    QVERIFY(std::filesystem::exists(run.runJson()));
    QVERIFY(!std::filesystem::exists(other.root()));
}

void TestUiTrash::removesOnlyAfterAsking()
{
    WorkspaceFixture fixture;
    const Trash trash(fixture.workspace);
    QVERIFY_RESULT(trash.put(fixture.completedRun().id()));
    TrashDialog dialog(fixture.workspace);
    dialog.show();
    QTRY_COMPARE(listOf(dialog)->topLevelItemCount(), 1);
    QTest::mouseClick(buttonOf(dialog, u"removeTrash"_s), Qt::LeftButton);
    answer(dialog, false);
    QCOMPARE(trash.list()->size(), std::size_t{1});
    QTest::mouseClick(buttonOf(dialog, u"removeTrash"_s), Qt::LeftButton);
    answer(dialog, true);
    QTRY_COMPARE(listOf(dialog)->topLevelItemCount(), 0);
    QVERIFY(trash.list()->empty());
    QVERIFY(!buttonOf(dialog, u"restoreTrash"_s)->isEnabled());
}

void TestUiTrash::emptiesOnlyAfterAsking()
{
    WorkspaceFixture fixture;
    const Trash trash(fixture.workspace);
    for (int i = 0; i < 3; ++i)
        QVERIFY_RESULT(trash.put(fixture.completedRun().id()));
    TrashDialog dialog(fixture.workspace);
    dialog.show();
    QTRY_COMPARE(listOf(dialog)->topLevelItemCount(), 3);
    QTest::mouseClick(buttonOf(dialog, u"emptyTrash"_s), Qt::LeftButton);
    answer(dialog, true);
    QTRY_COMPARE(listOf(dialog)->topLevelItemCount(), 0);
    QVERIFY(dialog.findChild<Notice *>()->text().contains(u"free again"_s));
}

void TestUiTrash::aFailureIsToldInItsPlace()
{
    WorkspaceFixture fixture;
    const Trash trash(fixture.workspace);
    const RunFolder run = fixture.completedRun();
    QVERIFY_RESULT(trash.put(run.id()));
    WorkspaceFixture::write(run.runJson(), "{}"); // one of this name is there again
    TrashDialog dialog(fixture.workspace);
    dialog.show();
    QTRY_COMPARE(listOf(dialog)->topLevelItemCount(), 1);
    QTest::mouseClick(buttonOf(dialog, u"restoreTrash"_s), Qt::LeftButton);
    QTRY_VERIFY(dialog.findChild<Notice *>()->isVisible());
    QVERIFY(dialog.findChild<Notice *>()->text().contains(toQString(run.id())));
    QCOMPARE(listOf(dialog)->topLevelItemCount(), 1);
}

BOTTEGA_GUI_TEST_MAIN(TestUiTrash)
#include "tst_ui_trash.moc"
