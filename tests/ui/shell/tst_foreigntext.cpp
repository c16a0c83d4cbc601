// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "core/formats/tfevents/eventwriter.h"
#include "core/run/journal.h"
#include "core/workspace/modelstore.h"
#include "tests/support/testcase.h"
#include "ui/charts/chartsview.h"
#include "ui/models/modelspage.h"
#include "ui/runs/runpage.h"
#include "ui/runs/runspanel.h"
#include "ui/shell/archivetransfer.h"
#include "ui/shell/mainwindow.h"
#include "ui/shell/session.h"
#include "ui/shell/settings.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/notice.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QGroupBox>
#include <QHelpEvent>
#include <QLabel>
#include <QMenu>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QPointer>
#include <QSignalSpy>
#include <QStatusBar>
#include <QTabWidget>
#include <QTreeView>
#include <QTextDocument>
#include <QTextEdit>
#include <QThreadPool>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace bottega;

namespace {

/// Tells whether anybody opened a file: markup that is taken for markup loads its picture.
class Canary
{
public:
    explicit Canary(const QString &path)
        : m_notify(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC))
    {
        QFile file(path);
        if (file.open(QIODevice::WriteOnly))
            file.write("canary");
        file.close();
        ::inotify_add_watch(m_notify, QFile::encodeName(path).constData(), IN_OPEN | IN_ACCESS);
    }
    ~Canary() { ::close(m_notify); }
    Q_DISABLE_COPY_MOVE(Canary)

    [[nodiscard]] bool wasOpened() const
    {
        char events[4096];
        return ::read(m_notify, events, sizeof events) > 0;
    }

private:
    int m_notify;
};

bool isRawControl(QChar c)
{
    const char16_t u = c.unicode();
    return (u < 0x20 && u != u'\n' && u != u'\t') || (u >= 0x7f && u < 0xa0) || (u >= 0x202a && u <= 0x202e) ||
           (u >= 0x2066 && u <= 0x2069);
}

} // namespace

class TestForeignText : public test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void markupWouldBeSeen();
    void case53_foreignTextIsShownLiterally();

private:
    [[nodiscard]] std::string evil(const std::string &where) const;
    void makeRun();
    void makeModel();
    void checkAll(const char *place, const QStringList &awaited = {});
    void walk();
    void checkText(const QString &text, const QString &where, bool mayBeRich);
    void checkWidget(const QWidget &widget);
    void checkModel(const QAbstractItemModel &model, const QModelIndex &parent, const QString &where);
    void checkFits(const QWidget &window);
    void closeDialogs();
    void trigger(const QString &action);

    QTemporaryDir m_folder;
    QStringList m_wrong; // of the last walk
    QString m_shown;     // likewise: all texts of visible widgets
    bool m_isVisible = false; // the widget whose texts are looked at
    std::string m_markup;
    std::unique_ptr<Canary> m_canary;
    std::unique_ptr<Settings> m_settings;
    std::unique_ptr<MainWindow> m_window;
    std::optional<Workspace> m_workspace;
    std::optional<RunFolder> m_run;
};

void TestForeignText::initTestCase()
{
    qputenv("BOTTEGA_THEME", "light");
    qputenv("BOTTEGA_LIBEXEC", BOTTEGA_BIN_DIR);
    theme::apply(*qobject_cast<QApplication *>(QCoreApplication::instance()));
    m_settings = std::make_unique<Settings>(toStdString(m_folder.filePath(u"window.json"_s)));
    const QString canary = m_folder.filePath(u"canary.png"_s);
    m_canary = std::make_unique<Canary>(canary);
    m_markup = "<img src='file://" + toStdString(canary) + "'><b>bold</b><a href='x'>link</a>&amp;&lt;<table><tr><td>1</table>";
    const auto workspace = Workspace::init(toStdString(m_folder.filePath(u"<b>ws & \u202eco"_s)), "foreign");
    QVERIFY_RESULT(workspace);
    m_workspace = *workspace;
    makeRun();
    makeModel();
}

void TestForeignText::cleanupTestCase()
{
    closeDialogs();
    m_window.reset();
}

/// Markup, an escape code, a bell, an override of the direction, and more than fits anywhere.
std::string TestForeignText::evil(const std::string &where) const
{
    return where + m_markup + "\x1b[31mred\x07\x01\x7f\u202e\u2066evil\u0085" + std::string(3000, 'W') + " end";
}

void TestForeignText::makeRun()
{
    Job job;
    job.experiment = evil("experiment");
    job.runId = "evil_1700000000_0000beef";
    job.recipe = evil("recipe");
    job.params = {{"epochs", "10"}, {evil("param"), evil("value")}};
    job.data = {evil("data"), "/" + evil("path"), evil("sum"), 60, 10};
    job.target = evil("target");
    job.gpu = evil("gpu");
    job.createdAt = 1'700'000'000;
    const auto run = RunFolder::create(m_workspace->runsFolder(), job);
    QVERIFY_RESULT(run);
    m_run = *run;
    JournalEntry entry;
    for (const RunState state : {RunState::Running, RunState::Failed}) {
        entry.time += 1'700'000'000;
        entry.state = state;
        entry.evidence = evil("evidence");
        entry.host = evil("host");
        entry.by = evil("by");
        entry.limit = evil("limit");
        QVERIFY_RESULT(appendJournal(run->journal(), entry));
    }
    auto writer = EventWriter::create(run->metrics(), 1, "test");
    QVERIFY_RESULT(writer);
    const std::string first = "train/" + evil("metric"), second = evil("accuracy");
    for (int step = 1; step < 20; ++step)
        QVERIFY_RESULT(writer->append(step, {{first, 1.0 / step}, {second, 0.5}, {"val/loss", std::nan("")}, {"train/loss", 1}}));
    QVERIFY_RESULT(writer->sync());
    const QString work = toQString(run->work().string());
    for (const QString &name : {u"<img src='canary.png'>&amp;\u202e\x1b[31m.txt"_s, u"<b>bold.pt"_s, QString(240, u'w')}) {
        QVERIFY(QDir(work).mkpath(u"outputs/<i>folder\x07"_s));
        QFile file(work + u"/outputs/<i>folder\x07/"_s + name);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray::fromStdString(evil("file")));
    }
    QFile file(work + u"/outputs/<b>bold &amp;.pt"_s);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray::fromStdString(evil("file")));
    file.close();
    QVERIFY(QDir().mkpath(toQString(run->systemLogs().string())));
    QFile log(toQString(run->driverLog().string()));
    QVERIFY(log.open(QIODevice::WriteOnly));
    log.write(QByteArray::fromStdString(evil("log") + "\n" + evil("line") + "\n"));
}

void TestForeignText::makeModel()
{
    const auto registered = Models(*m_workspace).registerFromRun(*m_run, {"evil-model", "outputs/<b>bold &amp;.pt", evil("about"), {}});
    QVERIFY_RESULT(registered);
    Model model = *registered;
    model.experiment = evil("experiment");
    model.recipe = evil("recipe");
    model.dataName = evil("data");
    model.dataSha256 = evil("sum");
    model.metrics = {{evil("metric"), 0.5}};
    QVERIFY_RESULT(saveModel(model, m_workspace->modelsFolder() / "evil-model" / "1"));
    QVERIFY_RESULT(Models(*m_workspace).setTag(model, evil("").substr(0, 100), evil("tag").substr(0, 1000)));
}

void TestForeignText::checkText(const QString &text, const QString &where, bool mayBeRich)
{
    if (m_isVisible)
        m_shown += text + u'\n';
    if (mayBeRich && Qt::mightBeRichText(text) && !text.contains("&lt;img"_L1) && text.contains("<img"_L1))
        m_wrong += u"%1 is taken for markup: %2"_s.arg(where, text.left(120));
    if (const auto found = std::find_if(text.begin(), text.end(), isRawControl); found != text.end())
        m_wrong += u"%1 has the character U+%2: %3"_s.arg(where).arg(found->unicode(), 4, 16, QChar(u'0')).arg(text.left(40));
}

void TestForeignText::checkModel(const QAbstractItemModel &model, const QModelIndex &parent, const QString &where)
{
    for (int row = 0; row < std::min(model.rowCount(parent), 200); ++row) {
        for (int column = 0; column < model.columnCount(parent); ++column) {
            const QModelIndex index = model.index(row, column, parent);
            for (const int role : {Qt::DisplayRole, Qt::StatusTipRole, Qt::WhatsThisRole, Qt::AccessibleTextRole})
                checkText(index.data(role).toString(), u"%1, role %2, column %3"_s.arg(where).arg(role).arg(column), false);
            checkText(index.data(Qt::ToolTipRole).toString(), u"tool tip of %1, column %2"_s.arg(where).arg(column), true);
        }
        checkModel(model, model.index(row, 0, parent), where);
    }
}

void TestForeignText::checkWidget(const QWidget &widget)
{
    const QString name = u"%1 “%2”"_s.arg(QString::fromLatin1(widget.metaObject()->className()), widget.objectName());
    m_isVisible = widget.isVisible();
    checkText(widget.toolTip(), u"tool tip of "_s + name, true);
    checkText(widget.statusTip(), u"status tip of "_s + name, true);
    checkText(widget.whatsThis(), u"help of "_s + name, true);
    checkText(widget.windowTitle(), u"title of "_s + name, false);
    checkText(widget.accessibleName(), u"accessible name of "_s + name, false);
    if (const auto *label = qobject_cast<const QLabel *>(&widget))
        checkText(label->text(), u"text of "_s + name, label->textFormat() != Qt::PlainText);
    else if (const auto *button = qobject_cast<const QAbstractButton *>(&widget))
        checkText(button->text(), u"text of "_s + name, false);
    else if (const auto *group = qobject_cast<const QGroupBox *>(&widget))
        checkText(group->title(), u"title of "_s + name, false);
    else if (const auto *box = qobject_cast<const QComboBox *>(&widget))
        checkModel(*box->model(), {}, u"items of "_s + name);
    else if (const auto *tabs = qobject_cast<const QTabWidget *>(&widget))
        for (int i = 0; i < tabs->count(); ++i)
            checkText(tabs->tabText(i) + tabs->tabToolTip(i), u"tab of "_s + name, true);
    else if (const auto *bar = qobject_cast<const QStatusBar *>(&widget))
        checkText(bar->currentMessage(), u"message of "_s + name, false);
    else if (const auto *view = qobject_cast<const QAbstractItemView *>(&widget); view && view->model())
        checkModel(*view->model(), {}, name);
    else if (const auto *edit = qobject_cast<const QTextEdit *>(&widget); edit && edit->isReadOnly())
        checkText(edit->toPlainText(), u"text of "_s + name, edit->document()->toHtml().contains("<img"_L1));
    else if (const auto *log = qobject_cast<const QPlainTextEdit *>(&widget); log && log->isReadOnly())
        checkText(log->toPlainText(), u"text of "_s + name, false);
    for (const QAction *action : widget.actions()) {
        checkText(action->text(), u"action of "_s + name, false);
        checkText(action->toolTip(), u"tool tip of an action of "_s + name, true);
    }
}

/// Nothing leads out of the window to the right, and no text has made the window wider.
void TestForeignText::checkFits(const QWidget &window)
{
    if (window.minimumSizeHint().width() > 1300)
        m_wrong += u"%1 “%2” needs a width of %3"_s.arg(QString::fromLatin1(window.metaObject()->className()), window.objectName())
                       .arg(window.minimumSizeHint().width());
    for (const QWidget *widget : window.findChildren<QWidget *>())
        if (widget->minimumSizeHint().width() > 1300 && widget->minimumWidth() == 0 && qobject_cast<const QLabel *>(widget))
            m_wrong += u"a label “%1” is too wide: %2"_s.arg(widget->objectName(), static_cast<const QLabel *>(widget)->text().left(60));
}

void TestForeignText::walk()
{
    m_wrong.clear();
    m_shown.clear();
    for (QWidget *widget : QApplication::allWidgets()) {
        checkWidget(*widget);
        if (widget->isWindow() && widget->isVisible())
            checkFits(*widget);
    }
}

/// Waits until every awaited text is there, so that the walk is one through foreign texts.
void TestForeignText::checkAll(const char *place, const QStringList &awaited)
{
    QStringList missing = awaited;
    const auto isThere = [&] {
        QThreadPool::globalInstance()->waitForDone();
        QCoreApplication::processEvents(); // what was read in the background
        walk();
        missing.removeIf([this](const QString &text) { return m_shown.contains(text); });
        return missing.isEmpty();
    };
    QTRY_VERIFY2(isThere(), qPrintable(u"%1 does not show %2"_s.arg(QLatin1StringView(place), missing.join(u", "_s))));
    const QWidgetList all = QApplication::allWidgets();
    for (const QPointer<QWidget> &widget : QList<QPointer<QWidget>>(all.begin(), all.end())) {
        if (!widget)
            continue; // a tool tip that the next one took the place of
        if (widget->isWindow() && widget->isVisible())
            (void)widget->grab(); // painted, which is when pictures would be loaded
        if (!widget->isVisible() || widget->toolTip().isEmpty())
            continue;
        QHelpEvent help(QEvent::ToolTip, widget->rect().center(), widget->mapToGlobal(widget->rect().center()));
        QApplication::sendEvent(widget, &help);
        for (QWidget *tip : QApplication::topLevelWidgets())
            if (tip->inherits("QTipLabel"))
                (void)tip->grab();
    }
    QToolTip::hideText();
    if (m_canary->wasOpened())
        m_wrong += u"the picture named in the markup was opened"_s;
    QVERIFY2(m_wrong.isEmpty(), qPrintable(QString::fromLatin1(place) + u":\n"_s + m_wrong.join(u'\n')));
}

void TestForeignText::closeDialogs()
{
    for (QWidget *widget : QApplication::topLevelWidgets())
        if (qobject_cast<QDialog *>(widget) && widget->isVisible())
            widget->close();
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
}

void TestForeignText::trigger(const QString &action)
{
    auto *found = m_window->findChild<QAction *>(action);
    QVERIFY(found);
    found->trigger();
}

/// The walk itself must find what is wrong.
void TestForeignText::markupWouldBeSeen()
{
    QLabel label;
    label.setText(toQString(m_markup));
    label.setToolTip(toQString(m_markup));
    checkWidget(label);
    QCOMPARE(m_wrong.size(), 2);
    label.setTextFormat(Qt::PlainText);
    label.setToolTip({});
    m_wrong.clear();
    checkWidget(label);
    QVERIFY(m_wrong.isEmpty());
    label.setText(u"a\x1b"_s);
    checkWidget(label);
    QCOMPARE(m_wrong.size(), 1);
    m_wrong.clear();
    QVERIFY(!m_canary->wasOpened());
    QFile opened(m_folder.filePath(u"canary.png"_s));
    QVERIFY(opened.open(QIODevice::ReadOnly));
    QVERIFY(m_canary->wasOpened());
}

void TestForeignText::case53_foreignTextIsShownLiterally()
{
    m_settings->set(settings::recentWorkspaces, {toQString(evil("/recent").substr(0, 900))});
    m_window = std::make_unique<MainWindow>(*m_settings);
    m_window->resize(1300, 850);
    m_window->show();
    checkAll("start page");
    QSignalSpy loaded(m_window->session(), &Session::runsLoaded);
    m_window->start(toQString(m_workspace->root().string()), toQString(m_run->id()));
    QTRY_COMPARE(loaded.size(), 1);
    QVERIFY(!m_window->findChild<QMessageBox *>());
    RunPage *page = m_window->runPage();
    QTRY_VERIFY(page->record() && !page->record()->artifacts.empty());
    auto *charts = m_window->findChild<ChartsView *>();
    QTRY_VERIFY(charts->series("train/loss"));
    const std::string metric = "train/" + evil("metric");
    QVERIFY(charts->series(metric)); // it has come through as it is
    charts->showFamily(familyOf(metric).family, true);
    charts->showFamily(familyOf(evil("accuracy")).family, true);
    const std::vector<std::pair<RunPage::Tab, QStringList>> tabs = {
        {RunPage::Tab::Charts, {u"metric<img"_s, u"accuracy<img"_s, u"experiment<img"_s, u"recipe<img"_s, u"data<img"_s}},
        {RunPage::Tab::Log, {u"log<img"_s, u"line<img"_s}},
        {RunPage::Tab::Artifacts, {u"<i>folder"_s, u"<b>bold"_s}},
        {RunPage::Tab::Predictions, {}},
        {RunPage::Tab::Details, {u"param<img"_s, u"value<img"_s, u"evidence<img"_s, u"target<img"_s, u"gpu<img"_s, u"sum<img"_s}}};
    for (const auto &[tab, texts] : tabs) {
        page->setTab(tab);
        checkAll(qPrintable(u"tab %1 of the run"_s.arg(int(tab))), texts);
    }
    for (QTreeView *tree : page->findChildren<QTreeView *>())
        tree->expandAll();
    page->setTab(RunPage::Tab::Artifacts);
    for (QAbstractItemView *view : page->findChildren<QAbstractItemView *>()) {
        if (!view->isVisible())
            continue;
        const QModelIndex folder = view->model()->index(0, 0, view->model()->index(0, 0));
        for (int row = 0; row < view->model()->rowCount(folder); ++row) {
            view->setCurrentIndex(view->model()->index(row, 0, folder)); // opens its preview
            checkAll("preview of an artifact");
        }
    }
    for (const char *action : {"registerModel", "downloadFiles", "cloneRun", "openTrash", "about", "shortcuts", "newWorkspaceAction"}) {
        trigger(QString::fromLatin1(action));
        checkAll(action);
        closeDialogs();
    }
    m_window->showPage(MainWindow::Page::Models);
    m_window->findChild<ModelsPage *>()->select(u"evil-model:1"_s);
    checkAll("models", {u"metric<img"_s, u"recipe<img"_s, u"data<img"_s});
    m_window->showPage(MainWindow::Page::Data);
    checkAll("data");

    const Error error{ErrorCode::Failed, evil("what"), evil("where"), evil("kept"), evil("remedy")};
    showError(m_window.get(), error);
    m_window->findChild<Notice *>(u"workspaceBanner"_s)->showError(error);
    m_window->findChild<Notice *>(u"undoBar"_s)->showSuccess(toQString(evil("undo")));
    Q_EMIT m_window->findChild<ArchiveTransfer *>()->exported(toQString(evil("status")));
    checkAll("errors", {u"what<img"_s, u"where<img"_s, u"kept<img"_s, u"remedy<img"_s, u"undo<img"_s, u"status<img"_s});
    closeDialogs();
    m_window->findChild<ArchiveTransfer *>()->importFrom(m_folder.filePath(u"<b>x & \u202e\x1b.bottega"_s), m_workspace);
    checkAll("import", {u"<b>x & "_s});
    closeDialogs();
    m_window->findChild<Notice *>(u"workspaceBanner"_s)->clear();
}

BOTTEGA_GUI_TEST_MAIN(TestForeignText)
#include "tst_foreigntext.moc"
