// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workspace/runrecord.h"
#include "ui/inspector/inspection.h"

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>

#include <memory>
#include <optional>

class QLabel;
class QStackedWidget;

namespace bottega {

class ConfusionView;
class EmptyState;
class Gallery;
class Notice;

/// What a run's model says of the test images: accuracy, confusion matrix, the images it reads wrongly. Works on any run
/// of a known network, also while it trains: each new checkpoint is evaluated in the background, only while the view is
/// visible, and never two at once.
class PredictionsView : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(PredictionsView)
public:
    explicit PredictionsView(QWidget *parent = nullptr);
    ~PredictionsView() override;

    void setRun(const RunFolder &folder);
    /// Data and epochs come from the job, from the state whether the run still trains.
    void setRecord(const RunRecord &record);

    /// What is shown now; nullptr before the first evaluation.
    [[nodiscard]] InspectionPtr inspection() const { return m_inspection; }
    [[nodiscard]] QString sourceText() const; // "Epoch 3 of 10, still training"

Q_SIGNALS:
    void inspected(); // a new inspection is shown

protected:
    void showEvent(QShowEvent *event) override;

private:
    void build();
    QWidget *buildHeadline();
    QWidget *buildBody();
    void look();
    [[nodiscard]] InspectionRequest request() const;
    void take(const InspectionOutcome &outcome);
    void display(InspectionPtr inspection);
    void showHeadline();
    void showEmpty();
    [[nodiscard]] QString emptyHint() const;
    [[nodiscard]] bool isOver() const;
    void stopWork();

    std::optional<RunFolder> m_folder;
    std::optional<RunRecord> m_record;
    InspectionPtr m_inspection;
    std::string m_knownKey;                   // weights already shown or already refused
    std::shared_ptr<Cancellation> m_working;  // of the evaluation that runs now
    bool m_lookAgain = false;
    std::optional<Error> m_error;
    QElapsedTimer m_started;
    QTimer m_look;

    QStackedWidget *m_stack = nullptr;
    EmptyState *m_waiting = nullptr;
    Notice *m_notice = nullptr;
    QLabel *m_accuracy = nullptr;
    QLabel *m_counts = nullptr;
    QLabel *m_source = nullptr;
    ConfusionView *m_confusion = nullptr;
    Gallery *m_gallery = nullptr;
};

} // namespace bottega
