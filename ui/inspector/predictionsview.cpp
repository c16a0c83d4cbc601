// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/predictionsview.h"

#include "core/workspace/backgroundtask.h"
#include "ui/inspector/confusionview.h"
#include "ui/inspector/gallery.h"
#include "ui/widgets/emptystate.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QStackedWidget>

#include <algorithm>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

constexpr int lookIntervalMs = 1000;
// While the run trains, looking at it takes at most about a fifth of one core from it.
constexpr int restFactor = 4;

QLabel *plainLabel(int level, bool bold, QWidget *parent)
{
    auto *label = new QLabel(parent);
    label->setTextFormat(Qt::PlainText);
    label->setFont(theme::font(level, bold));
    return label;
}

QFrame *card(QWidget *content, QWidget *parent)
{
    auto *frame = new QFrame(parent);
    theme::setLook(frame, theme::Look::Card);
    auto *layout = new QVBoxLayout(frame);
    layout->setContentsMargins(theme::wide, theme::wide, theme::wide, theme::wide);
    layout->addWidget(content);
    return frame;
}

} // namespace

PredictionsView::PredictionsView(QWidget *parent)
    : QWidget(parent)
{
    build();
    m_look.setSingleShot(true);
    connect(&m_look, &QTimer::timeout, this, &PredictionsView::look);
    showEmpty();
}

PredictionsView::~PredictionsView()
{
    stopWork();
}

void PredictionsView::build()
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(theme::wide);
    m_notice = new Notice(this);
    m_stack = new QStackedWidget(this);
    m_waiting = new EmptyState(u"grid"_s, tr("No predictions"), emptyHint(), m_stack);
    auto *page = new QWidget(m_stack);
    auto *pageColumn = new QVBoxLayout(page);
    pageColumn->setContentsMargins(0, 0, 0, 0);
    pageColumn->setSpacing(theme::wide);
    pageColumn->addWidget(buildHeadline());
    pageColumn->addWidget(buildBody(), 1);
    m_stack->addWidget(m_waiting);
    m_stack->addWidget(page);
    column->addWidget(m_notice);
    column->addWidget(m_stack, 1);
}

QWidget *PredictionsView::buildHeadline()
{
    auto *headline = new QWidget(this);
    auto *row = new QHBoxLayout(headline);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(theme::wide);
    m_accuracy = plainLabel(3, true, headline);
    m_accuracy->setAccessibleName(tr("Test accuracy"));
    auto *words = new QVBoxLayout;
    words->setSpacing(2);
    m_counts = plainLabel(0, true, headline);
    m_source = plainLabel(0, false, headline);
    theme::setLook(m_source, theme::Look::Muted);
    words->addWidget(m_counts);
    words->addWidget(m_source);
    row->addWidget(m_accuracy);
    row->addLayout(words, 1);
    return headline;
}

QWidget *PredictionsView::buildBody()
{
    auto *body = new QWidget(this);
    auto *row = new QHBoxLayout(body);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(theme::wide);
    m_confusion = new ConfusionView(body);
    m_gallery = new Gallery(body);
    row->addWidget(card(m_confusion, body), 1);
    row->addWidget(card(m_gallery, body), 1);
    connect(m_confusion, &ConfusionView::cellChosen, m_gallery, &Gallery::setFilter);
    connect(m_gallery, &Gallery::filterCleared, m_confusion, &ConfusionView::clearChosen);
    return body;
}

void PredictionsView::setRun(const RunFolder &folder)
{
    stopWork();
    m_folder = folder;
    m_record.reset();
    m_inspection.reset();
    m_knownKey.clear();
    m_error.reset();
    m_gallery->setFilter({});
    m_confusion->clearChosen();
    m_gallery->setInspection({});
    m_confusion->setInspection({});
    showEmpty();
}

void PredictionsView::setRecord(const RunRecord &record)
{
    const bool isFirst = !m_record;
    const bool wasOver = !isFirst && isOver();
    m_record = record;
    if (m_inspection)
        showHeadline();
    else
        showEmpty();
    if (isFirst || isOver() != wasOver)
        look();
}

bool PredictionsView::isOver() const
{
    return m_record && isTerminal(m_record->status.state);
}

void PredictionsView::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    look();
}

InspectionRequest PredictionsView::request() const
{
    InspectionRequest request;
    request.runFolder = m_folder->root();
    request.outputDir = m_record->job.param("output_dir", "./outputs");
    request.dataFolder = m_record->job.data.path;
    request.completed = m_record->status.state == RunState::Completed;
    request.knownKey = m_knownKey;
    request.previous = m_inspection;
    request.cancellation = m_working;
    return request;
}

void PredictionsView::look()
{
    if (!isVisible() || !m_folder || !m_record)
        return;
    if (m_working) {
        m_lookAgain = true; // what runs now does not know yet what was just learnt
        return;
    }
    m_look.stop();
    m_lookAgain = false;
    m_working = std::make_shared<Cancellation>();
    m_started.start();
    runInBackground(
        this, [request = request()] { return inspect(request); },
        [this, working = m_working](const InspectionOutcome &outcome) {
            if (working->requested)
                return; // of a run that is no longer shown
            m_working.reset();
            take(outcome);
        });
}

void PredictionsView::take(const InspectionOutcome &outcome)
{
    const bool isNew = !outcome.key.empty();
    if (isNew) {
        m_knownKey = outcome.key;
        m_error.reset();
        if (outcome.inspection)
            display(*outcome.inspection);
        else
            m_error = outcome.inspection.error();
    }
    if (m_error)
        m_notice->showError(*m_error);
    else
        m_notice->clear();
    if (!m_inspection)
        showEmpty();
    if (m_lookAgain)
        look();
    else if (!isOver())
        m_look.start(std::max<int>(lookIntervalMs, restFactor * int(m_started.elapsed())));
}

void PredictionsView::display(InspectionPtr inspection)
{
    m_inspection = std::move(inspection);
    m_confusion->setInspection(m_inspection);
    m_gallery->setInspection(m_inspection);
    showHeadline();
    m_stack->setCurrentIndex(1);
    Q_EMIT inspected();
}

void PredictionsView::showHeadline()
{
    const auto right = m_inspection->rightCount();
    const auto count = std::int64_t(m_inspection->count());
    const QLocale locale;
    //: Percent; the number comes formatted
    m_accuracy->setText(tr("%1 %").arg(locale.toString(100 * m_inspection->evaluation.accuracy, 'f', 2)));
    m_counts->setText(tr("%1 of %2 test images read right, %3 wrongly")
                          .arg(locale.toString(qlonglong(right)), locale.toString(qlonglong(count)),
                               locale.toString(qlonglong(count - right))));
    m_source->setText(sourceText());
}

QString PredictionsView::sourceText() const
{
    if (!m_inspection || !m_record)
        return {};
    const QLocale locale;
    const WeightsSource &source = m_inspection->source;
    const QString dataName = QString::fromUtf8(m_record->job.data.name);
    if (source.isFinal)
        return tr("Final model on %1").arg(dataName);
    const QString epoch = locale.toString(qlonglong(source.epoch));
    const QString epochs = QString::fromUtf8(m_record->job.param("epochs", "?"));
    if (!isOver())
        return tr("Epoch %1 of %2, still training, on %3").arg(epoch, epochs, dataName);
    if (source.step > 0)
        return tr("Stopped at step %1, after epoch %2 of %3, on %4")
            .arg(locale.toString(qlonglong(source.step)), epoch, epochs, dataName);
    return tr("Checkpoint of epoch %1 of %2, on %3").arg(epoch, epochs, dataName);
}

void PredictionsView::showEmpty()
{
    m_stack->setCurrentIndex(0);
    if (!m_error)
        m_notice->clear();
    m_waiting->setHint(emptyHint());
}

QString PredictionsView::emptyHint() const
{
    if (m_error)
        return tr("The model could not be evaluated.");
    if (!isOver())
        return tr("The confusion matrix and the wrongly read images appear here after the first epoch.");
    return m_working ? tr("Evaluating the model…")
                     : tr("This run left neither a model nor a checkpoint that could be evaluated.");
}

void PredictionsView::stopWork()
{
    m_look.stop();
    if (m_working)
        m_working->requested = true;
    m_working.reset();
    m_lookAgain = false;
}

} // namespace bottega
