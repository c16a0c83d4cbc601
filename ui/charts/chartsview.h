// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/metricstream.h"
#include "core/workspace/runrecord.h"
#include "ui/charts/metricchart.h"
#include "ui/charts/metricseries.h"

#include <QList>
#include <QTimer>
#include <QWidget>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

class QCheckBox;
class QComboBox;
class QGridLayout;
class QStackedWidget;
class QToolButton;

namespace bottega {

class ChartPanel;
class EmptyState;

/// The live charts of one run: loss, accuracy, and every other metric the user asks for. Points are kept at once and
/// drawn at most 20 times a second. One horizontal range and one cursor for all charts; live data follows the end until
/// the user zooms, and again after a reset.
class ChartsView : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ChartsView)
public:
    explicit ChartsView(QWidget *parent = nullptr);
    ~ChartsView() override;

    void clear(); // for another run
    void setPagePool(std::shared_ptr<PagePool> pool); // for its points, before they come
    void addPoints(const QList<MetricBatch> &batches);
    /// The job tells the steps of an epoch, the state whether there is anything to wait for.
    void setRecord(const RunRecord &record);

    /// All points of a metric as they came, nullptr for an unknown one. Up to date as soon as addPoints() returns.
    [[nodiscard]] const MetricSeries *series(const std::string &metricName) const;
    /// The chart of "loss", "accuracy" or another family; nullptr where it is not shown.
    [[nodiscard]] ChartPanel *panel(const QString &family) const;
    void showFamily(const QString &family, bool shown);
    [[nodiscard]] QStringList shownFamilies() const;

Q_SIGNALS:
    /// Points that the pool had put on the disk could not be read back: gaps are drawn for them. Told once.
    void pointsLost(const Error &error);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void buildToolBar();
    void buildEmpty();
    [[nodiscard]] QString emptyHint() const;
    void assignSeries();
    [[nodiscard]] QString familyOfSeries(const MetricSeries &series) const;
    ChartPanel *addPanel(const QString &family);
    void arrange();
    void refresh();
    void tellLostPoints();
    void updateScale();
    void updateMenu();
    void setSmoothing(double weight);
    void moveCursor(std::optional<double> x);
    void setVisibleRange(std::optional<MetricChart::Range> range);
    [[nodiscard]] MetricChart::Range extent() const;
    [[nodiscard]] double stepsPerEpoch() const;

    std::string m_runId;
    bool m_ended = false;
    double m_stepsPerEpochOfJob = 0;
    XScale m_scale;
    double m_smoothing = 0;
    std::optional<MetricChart::Range> m_zoomed;
    std::shared_ptr<PagePool> m_pool; // none: all points stay in memory
    bool m_hasToldLoss = false;
    std::map<std::string, std::unique_ptr<MetricSeries>> m_series;
    std::map<QString, ChartPanel *> m_panels; // by family
    std::set<QString> m_families;             // all that have points, and the two known ones

    QTimer m_refresh;
    QStackedWidget *m_stack = nullptr;
    EmptyState *m_empty = nullptr;
    QWidget *m_toolBar = nullptr;
    QGridLayout *m_grid = nullptr;
    int m_columns = 0;
    QComboBox *m_axis = nullptr;
    QComboBox *m_smooth = nullptr;
    QCheckBox *m_follow = nullptr;
    QToolButton *m_more = nullptr;
};

} // namespace bottega
