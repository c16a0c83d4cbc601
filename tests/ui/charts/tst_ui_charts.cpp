// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/file.h"
#include "tests/support/testcase.h"
#include "ui/charts/chartexport.h"
#include "ui/charts/chartpanel.h"
#include "ui/charts/chartsview.h"
#include "ui/charts/curvesummary.h"
#include "ui/charts/decimate.h"
#include "ui/charts/legendchip.h"
#include "ui/charts/ticks.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFileDialog>
#include <QMenu>
#include <QSignalSpy>
#include <QStackedWidget>
#include <QToolButton>
#include <QWheelEvent>

#include <cmath>
#include <limits>

using namespace bottega;
using namespace Qt::StringLiterals;

namespace {

constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

MetricBatch batch(const std::string &name, const std::vector<double> &values, std::int64_t firstStep = 1,
                  std::int64_t stride = 1)
{
    MetricBatch result{name, {}};
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::int64_t step = firstStep + std::int64_t(i) * stride;
        result.points.push_back({step, 1000 + double(step) * 0.01, values[i]});
    }
    return result;
}

/// Falls like a loss, with a wiggle that repeats.
std::vector<double> falling(int count)
{
    std::vector<double> values;
    for (int i = 0; i < count; ++i)
        values.push_back(0.1 + 2.2 * std::exp(-i / (count / 5.0)) + 0.05 * std::sin(i * 12.9898));
    return values;
}

MetricSeries seriesOf(const std::vector<double> &values)
{
    MetricSeries series("train/loss");
    series.append(batch("train/loss", values).points);
    return series;
}

RunRecord record(RunState state = RunState::Running)
{
    RunRecord result;
    result.id = "mnist_1700000000_0000abcd";
    result.job.params = {{"epochs", "3"}, {"batchsize", "128"}};
    result.job.data.trainCount = 12800; // 100 steps an epoch
    result.status.state = state;
    return result;
}

/// The run of most tests: 300 steps, 3 epochs.
QList<MetricBatch> smallRun()
{
    return {batch("train/loss", falling(300)), batch("val/loss", {0.5, 0.081, 0.12}, 100, 100),
            batch("val/accuracy", {0.9, 0.97, 0.965}, 100, 100), batch("Accuracy", {0.9, 0.97, 0.965}, 100, 100),
            batch("images/s", {50'000, 51'000, 52'000}, 100, 100), batch("epoch", {1, 2, 3}, 100, 100)};
}

void wheel(MetricChart *chart, QPointF at, int notches, Qt::KeyboardModifiers modifiers = {})
{
    QWheelEvent event(at, chart->viewport()->mapToGlobal(at), QPoint(), QPoint(0, 120 * notches), Qt::NoButton, modifiers,
                      Qt::NoScrollPhase, false);
    QApplication::sendEvent(chart->viewport(), &event);
}

QPoint plotPoint(const MetricChart *chart, double share)
{
    const QRectF plot = chart->plotArea();
    return QPointF(plot.left() + share * plot.width(), plot.center().y()).toPoint();
}

QAbstractButton *button(const QWidget &view, const QString &text)
{
    for (QAbstractButton *candidate : view.findChildren<QAbstractButton *>())
        if (candidate->text() == text)
            return candidate;
    return nullptr;
}

int pixelsOf(const QImage &image, const QColor &color)
{
    int count = 0;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x) {
            const QColor pixel = image.pixelColor(x, y);
            count += std::abs(pixel.red() - color.red()) + std::abs(pixel.green() - color.green())
                         + std::abs(pixel.blue() - color.blue()) < 40;
        }
    return count;
}

} // namespace

class TestUiCharts : public test::TestCase
{
    Q_OBJECT
private:
    /// A shown view with the small run drawn.
    static std::unique_ptr<ChartsView> shownView()
    {
        auto view = std::make_unique<ChartsView>();
        view->resize(1100, 420);
        view->setRecord(record());
        view->addPoints(smallRun());
        view->show();
        view->activateWindow();
        if (!QTest::qWaitForWindowActive(view.get()))
            qWarning("the window did not become active");
        const auto isDrawn = [&] { return view->panel(u"loss"_s)->chart()->xRange().second == 300; };
        if (!QTest::qWaitFor(isDrawn))
            qWarning("the curves were not drawn");
        return view;
    }

private Q_SLOTS:
    void initTestCase() { theme::apply(*qApp); }

    void keepsEveryPointAndTheBest()
    {
        MetricSeries series("val/loss");
        series.append(batch("", {0.5, 0.2, 0.3, 0.2}).points);
        QCOMPARE(series.size(), 4u);
        QCOMPARE(*series.best(), 1u); // the first of equals
        MetricSeries accuracy("val/accuracy");
        accuracy.append(batch("", {0.5, notANumber, infinity, 0.9}).points);
        QCOMPARE(*accuracy.best(), 3u);
        QCOMPARE(accuracy.notFiniteCount(), 2u);
        QCOMPARE(*accuracy.firstNotFinite(), 1u);
    }

    void sortsPointsThatComeLate()
    {
        MetricSeries series("val/loss");
        series.append({{10, 100, 0.1}, {30, 300, 0.3}});
        series.append({{20, 50, 0.05}});
        QCOMPARE(series.at(1).step, 20);
        QCOMPARE(*series.best(), 1u);
        QVERIFY(series.at(1).wallTime >= series.at(0).wallTime); // a clock that jumped back holds still
    }

    void mergesManyLatePoints()
    {
        // A run that was taken up at step 4,000 and did 3,000 to 10,000 again, in portions, beside a plain stable sort.
        MetricSeries series("val/loss");
        std::vector<MetricPoint> plain;
        const auto add = [&](std::int64_t from, std::int64_t to, double factor) {
            std::vector<MetricPoint> portion;
            for (std::int64_t step = from; step < to; ++step)
                portion.push_back({step, 1000 + double(step), step % 997 == 0 ? notANumber : factor * std::cos(double(step * step % 1013))});
            series.append(portion);
            plain.insert(plain.end(), portion.begin(), portion.end());
        };
        add(0, 10'000, 1);
        add(4'000, 4'700, 2); // has the best, which is cut off by the next portion and must be found again
        add(3'000, 8'000, 1.5);
        add(9'000, 12'000, 1);
        std::stable_sort(plain.begin(), plain.end(), [](const auto &a, const auto &b) { return a.step < b.step; });
        QCOMPARE(series.size(), plain.size());
        std::size_t best = 1, notFinite = 0;
        for (std::size_t i = 0; i < plain.size(); ++i) {
            QCOMPARE(series.at(i).step, plain[i].step);
            QVERIFY(series.at(i).value == plain[i].value || std::isnan(plain[i].value));
            QVERIFY(i == 0 || series.at(i).wallTime >= series.at(i - 1).wallTime);
            notFinite += std::isnan(plain[i].value);
            if (plain[i].value < plain[best].value)
                best = i;
        }
        QCOMPARE(*series.best(), best);
        QCOMPARE(series.notFiniteCount(), notFinite);
        QCOMPARE(*series.firstNotFinite(), 0u);
        QCOMPARE(series.blocks().count(), plain.size());
    }

    void case20_timeAxisNeverRunsBackwards()
    {
        // Set back 1 s, an hour and ten years, forward ten years and right again; a point a second otherwise.
        const std::pair<int, double> jumps[] = {{50, -1}, {100, -3600}, {150, -315'576'000}, {200, 315'576'000 + 3601}};
        MetricBatch points{"train/loss", {}};
        for (int step = 0; step < 300; ++step) {
            double wallTime = 1'700'000'000.0 + step;
            for (const auto &[at, seconds] : jumps)
                wallTime += step >= at ? seconds : 0;
            points.points.push_back({step, wallTime, 1.0 / (step + 1)});
        }
        ChartsView view;
        view.resize(1100, 420);
        view.setRecord(record());
        view.addPoints({points});
        view.show();
        auto *axis = view.findChild<QComboBox *>();
        axis->setCurrentIndex(axis->findData(int(XAxis::RelativeTime)));
        const MetricChart *chart = view.panel(u"loss"_s)->chart();
        QTRY_VERIFY(chart->xRange().second > 0);
        QCOMPARE(chart->xRange().first, 0.0);
        const XScale scale{XAxis::RelativeTime, 0, 1'700'000'000.0, 1};
        const MetricSeries *series = view.series("train/loss");
        double last = 0;
        for (const MetricPoint &point : series->points()) {
            const double x = scale.at(point.step, point.wallTime);
            QVERIFY2(x >= last && x - last <= 2.5, qPrintable(u"step %1: %2 s after %3 s"_s.arg(point.step).arg(x).arg(last)));
            last = x;
        }
        QVERIFY(std::abs(last - 299) < 5); // no hour is lost or won
        for (const QList<QPointF> &line : decimate(*series, scale, 0, last, 100).lines)
            QVERIFY(std::is_sorted(line.begin(), line.end(), [](QPointF a, QPointF b) { return a.x() < b.x(); }));
        axis->setCurrentIndex(axis->findData(int(XAxis::Step))); // the order is that of the steps, whatever the clock said
        QTRY_COMPARE(chart->xRange(), (MetricChart::Range{0, 299}));
    }

    /// A run taken up again, smoothed, with spikes and NaN, of which memory holds a sixth: drawn as if it held all.
    void pointsOutOfMemoryAreDrawnTheSame()
    {
        const QTemporaryDir folder;
        const auto pool = PagePool::create(folder.path().toStdString(), 1 << 20);
        MetricSeries paged("train/loss", pool), plain("train/loss");
        std::vector<double> values = falling(200'000);
        values[77'777] = -9;
        values[150'000] = notANumber;
        for (MetricSeries *series : {&paged, &plain}) {
            series->append(batch("", values).points);
            series->append(batch("", falling(100'000), 150'000).points);
            while (series->smoothed(0.97, 70'000).size() < series->size()) {}
        }
        QVERIFY(pool->residentBytes() <= 1 << 20);
        QCOMPARE(paged.size(), 300'000u);
        QVERIFY(paged.best() == plain.best() && paged.at(*paged.best()).value == -9);
        QVERIFY(paged.firstFinite() == plain.firstFinite() && paged.lastFinite() == plain.lastFinite());
        for (const auto &[from, to] : {std::pair(0.0, 250'000.0), std::pair(70'000.0, 80'000.0), std::pair(149'990.0, 150'010.0)}) {
            const CurveShape drawn = decimate(paged, {}, from, to, 800), expected = decimate(plain, {}, from, to, 800);
            QVERIFY(drawn.lines == expected.lines && drawn.notFinite == expected.notFinite);
            QVERIFY(drawn.pointCount() > 30);
            QVERIFY(decimate(paged, {}, from, to, 800, &paged.smoothed(0.97)).lines ==
                    decimate(plain, {}, from, to, 800, &plain.smoothed(0.97)).lines);
            QCOMPARE(valueRange(paged, {}, from, to), valueRange(plain, {}, from, to));
        }
    }

    void pointsThatCannotBeReadBackAreTold()
    {
        const QTemporaryDir folder;
        const std::string pages = folder.path().toStdString();
        ChartsView view;
        view.setPagePool(PagePool::create(pages, 1 << 20));
        view.resize(900, 500);
        view.show();
        view.addPoints({batch("train/loss", falling(200'000))});
        MetricChart *chart = view.panel(u"loss"_s)->chart();
        QTRY_COMPARE(chart->xRange(), (MetricChart::Range{0, 200'000}));
        for (const auto &entry : std::filesystem::directory_iterator("/proc/self/fd")) {
            std::error_code ignored;
            if (std::filesystem::read_symlink(entry.path(), ignored).string().starts_with(pages))
                QCOMPARE(::ftruncate(std::stoi(entry.path().filename().string()), 0), 0);
        }
        QSignalSpy lost(&view, &ChartsView::pointsLost);
        for (const double from : {1'000.0, 5'000.0})
            Q_EMIT chart->zoomed(from, from + 100);
        QCOMPARE(lost.count(), 1);
        QVERIFY(!lost[0][0].value<Error>().remedy.empty());
    }

    void decimatesToFourPointsAColumn()
    {
        std::vector<double> values(100'000, 0.5);
        values[54'321] = 9;   // one-point spikes must survive
        values[77'777] = -9;
        const MetricSeries series = seriesOf(values);
        const CurveShape shape = decimate(series, {}, 1, 100'000, 800);
        QVERIFY(shape.pointCount() <= 4 * 801);
        QCOMPARE(shape.lines.size(), 1);
        const auto has = [&](double y) {
            return std::any_of(shape.lines[0].begin(), shape.lines[0].end(), [y](QPointF p) { return p.y() == y; });
        };
        QVERIFY(has(9));
        QVERIFY(has(-9));
        QVERIFY(std::is_sorted(shape.lines[0].begin(), shape.lines[0].end(),
                               [](QPointF a, QPointF b) { return a.x() < b.x(); }));
    }

    void decimationEqualsBruteForce()
    {
        const std::vector<double> values = falling(20'000);
        const MetricSeries series = seriesOf(values);
        const auto [from, to] = std::pair(3'000.0, 17'000.0);
        const CurveShape shape = decimate(series, {}, from, to, 500);
        const double width = (to - from) / 500;
        std::map<int, std::pair<double, double>> expected, got;
        const auto widen = [](auto &columns, int column, double y) {
            const auto [entry, isNew] = columns.try_emplace(column, y, y);
            entry->second.first = std::min(entry->second.first, y);
            entry->second.second = std::max(entry->second.second, y);
        };
        for (const MetricPoint &point : series.points())
            if (double(point.step) >= from && double(point.step) <= to)
                widen(expected, int(std::floor((double(point.step) - from) / width)), point.value);
        for (const QPointF &point : shape.lines[0])
            if (point.x() >= from && point.x() <= to)
                widen(got, int(std::floor((point.x() - from) / width)), point.y());
        QVERIFY(expected == got);
    }

    void blocksHideNothing()
    {
        // Every point by itself, beside the same points looked at in blocks: noise, spikes and stretches of NaN.
        std::vector<double> values;
        std::uint32_t random = 1;
        for (int i = 0; i < 30'000; ++i) {
            random = random * 1'664'525 + 1'013'904'223;
            values.push_back(i % 7919 < 400 && i > 5000 ? notANumber : double(random >> 8));
        }
        const MetricSeries series = seriesOf(values);
        for (const auto &[from, to] : {std::pair(1.0, 30'000.0), std::pair(777.0, 23'456.0)}) {
            double low = infinity, high = -infinity;
            const int columns = 40;
            const CurveShape shape = decimate(series, {}, from, to, columns);
            std::map<int, std::pair<double, double>> expected, got;
            const auto widen = [&, first = from, width = (to - from) / columns](auto &map, double x, double y) {
                const auto [entry, isNew] = map.try_emplace(int(std::floor((x - first) / width)), y, y);
                entry->second = {std::min(entry->second.first, y), std::max(entry->second.second, y)};
            };
            for (const MetricPoint &point : series.points()) {
                if (double(point.step) < from || double(point.step) > to || !std::isfinite(point.value))
                    continue;
                widen(expected, double(point.step), point.value);
                low = std::min(low, point.value);
                high = std::max(high, point.value);
            }
            for (const QList<QPointF> &line : shape.lines)
                for (const QPointF &point : line)
                    if (point.x() >= from && point.x() <= to)
                        widen(got, point.x(), point.y());
            QVERIFY(expected == got);
            QVERIFY(!shape.notFinite.isEmpty());
            QCOMPARE(*valueRange(series, {}, from, to), std::pair(low, high));
        }
    }

    void drawsRawPointsWhenZoomed()
    {
        const MetricSeries series = seriesOf(falling(100'000));
        QCOMPARE(decimate(series, {}, 500, 600, 800).pointCount(), 103); // one more on both sides
    }

    void breaksTheLineAtNaN()
    {
        const MetricSeries series = seriesOf({1, 2, notANumber, 3, infinity, 4});
        const CurveShape shape = decimate(series, {}, 1, 6, 800);
        QCOMPARE(shape.lines.size(), 3);
        QCOMPARE(shape.lines[1].size(), 1);
        QCOMPARE(shape.notFinite, (QList<double>{3, 5}));
        QCOMPARE(*valueRange(series, {}, 1, 6), std::pair(1.0, 4.0));
        QCOMPARE(*valueRange(seriesOf({0, 10}), {}, 1.5, 1.75), std::pair(5.0, 7.5)); // between two points
        QVERIFY(!valueRange(seriesOf({notANumber, notANumber}), {}, 0, 9));
    }

    void smoothsWithoutBiasAndKeepsGaps()
    {
        MetricSeries series = seriesOf({4, 4, notANumber, 4});
        const auto &flat = series.smoothed(0.9);
        QCOMPARE(flat[0], 4.0);
        QVERIFY(std::isnan(flat[2]));
        QVERIFY(std::abs(flat[3] - 4) < 1e-12);
        series.append(batch("", {0}, 5).points); // continued, not begun anew
        QVERIFY(std::abs(series.smoothed(0.9)[4] - 4 * 0.9 * (1 - std::pow(0.9, 3)) / (1 - std::pow(0.9, 4))) < 1e-12);
    }

    void putsMetricsIntoFamilies_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("family");
        QTest::addColumn<int>("role");
        QTest::newRow("train") << u"train/loss"_s << u"loss"_s << int(CurveRole::Train);
        QTest::newRow("validation") << u"val/accuracy"_s << u"accuracy"_s << int(CurveRole::Validation);
        QTest::newRow("underscore") << u"val_loss"_s << u"loss"_s << int(CurveRole::Validation);
        QTest::newRow("the tutorial's") << u"Accuracy"_s << u"accuracy"_s << int(CurveRole::Plain);
        QTest::newRow("a slash that is no prefix") << u"images/s"_s << u"images/s"_s << int(CurveRole::Plain);
        QTest::newRow("nothing but prefix") << u"train/"_s << u"train/"_s << int(CurveRole::Plain);
    }
    void putsMetricsIntoFamilies()
    {
        QFETCH(QString, name);
        const MetricFamily family = familyOf(name.toStdString());
        QTEST(family.family, "family");
        QTEST(int(family.role), "role");
    }

    void choosesNiceTicks()
    {
        QCOMPARE(tickStep(4690, 8), 1000.0);
        QCOMPARE(tickStep(1, 5), 0.2);
        QCOMPARE(tickStep(0.083, 4), 0.05);
        QCOMPARE(tickFormat(0.2, 1), u"%.1f"_s);
        QCOMPARE(tickFormat(1000, 4690), u"%.0f"_s);
        QCOMPARE(tickFormat(1e-7, 1e-6), u"%.1e"_s);
        QCOMPARE(valueText(notANumber), u"NaN"_s);
        QCOMPARE(valueText(0.0814), u"0.0814"_s);
    }

    void waitsForTheFirstPoint()
    {
        ChartsView view;
        view.setRecord(record());
        const auto *stack = view.findChild<QStackedWidget *>();
        QCOMPARE(stack->currentIndex(), 1);
        view.addPoints(smallRun());
        QTRY_COMPARE(stack->currentIndex(), 0);
        view.clear();
        QCOMPARE(stack->currentIndex(), 1);
        QVERIFY(!view.series("train/loss"));
    }

    void showsLossAndAccuracy()
    {
        const auto view = shownView();
        QTRY_COMPARE(view->panel(u"loss"_s)->chips().size(), 2);
        QCOMPARE(view->series("train/loss")->size(), 300u); // at once
        QCOMPARE(view->shownFamilies(), (QStringList{u"loss"_s, u"accuracy"_s}));
        const QList<DrawnCurve> curves = view->panel(u"loss"_s)->chart()->layer().curves();
        QCOMPARE(curves.size(), 2);
        QVERIFY(!curves[0].style.dashed); // train solid, validation dashed with markers
        QVERIFY(curves[1].style.dashed && curves[1].style.markers);
        QCOMPARE(curves[1].shape.pointCount(), 3);
    }

    void showsTheTutorialsAccuracyOnce()
    {
        const auto view = shownView();
        QStringList labels;
        QTRY_VERIFY(!view->panel(u"accuracy"_s)->chips().isEmpty());
        for (const LegendChip *chip : view->panel(u"accuracy"_s)->chips())
            labels.append(chip->label());
        QCOMPARE(labels, QStringList{u"val/accuracy"_s});
        ChartsView script; // a script that logs nothing but the tutorial's name
        script.addPoints({batch("Accuracy", {0.9})});
        QCOMPARE(script.panel(u"accuracy"_s)->chips().size(), 1);
        script.addPoints({batch("val/accuracy", {0.9})}); // comes later, and takes the place
        QCOMPARE(script.panel(u"accuracy"_s)->chips().size(), 1);
        QCOMPARE(script.panel(u"accuracy"_s)->chips().first()->label(), u"val/accuracy"_s);
    }

    void marksTheBestPoint()
    {
        const auto view = shownView();
        QTRY_COMPARE(view->panel(u"loss"_s)->chart()->layer().best().size(), 1);
        const BestMark mark = view->panel(u"loss"_s)->chart()->layer().best().first();
        QCOMPARE(mark.point, QPointF(200, 0.081));
        QVERIFY2(mark.text.contains(u"0.0810"_s) && mark.text.contains(u"200"_s), qPrintable(mark.text));
        QCOMPARE(view->panel(u"accuracy"_s)->chart()->layer().best().first().point, QPointF(200, 0.97));
    }

    void offersMoreMetrics()
    {
        const auto view = shownView();
        const auto *more = qobject_cast<QToolButton *>(button(*view, u"More metrics"_s));
        const QMenu *menu = more->menu();
        QAction *images = nullptr;
        for (QAction *action : menu->actions())
            if (action->text() == u"images/s"_s)
                images = action;
        QVERIFY(images);
        images->trigger();
        QVERIFY(view->panel(u"images/s"_s));
        QTRY_COMPARE(view->panel(u"images/s"_s)->chart()->layer().curves().size(), 1);
        view->showFamily(u"images/s"_s, false);
        QVERIFY(!view->panel(u"images/s"_s));
    }

    void followsUntilZoomed()
    {
        const auto view = shownView();
        MetricChart *chart = view->panel(u"loss"_s)->chart();
        QTRY_COMPARE(chart->xRange(), std::pair(0.0, 300.0));
        view->addPoints({batch("train/loss", {0.2}, 400)});
        QTRY_COMPARE(chart->xRange(), std::pair(0.0, 400.0));

        wheel(chart, plotPoint(chart, 0.5), 3);
        const auto range = chart->xRange(), values = chart->yRange();
        QVERIFY(range.first > 50 && range.second < 350);
        QVERIFY(!chart->isFollowing());
        QCOMPARE(view->panel(u"accuracy"_s)->chart()->xRange(), range); // one range for all
        QVERIFY(!button(*view, u"Follow"_s)->isChecked());
        view->addPoints({batch("train/loss", {50, 60}, 401)});
        QTest::qWait(120);
        QCOMPARE(chart->xRange(), range);
        QCOMPARE(chart->yRange(), values);

        QTest::mouseDClick(chart->viewport(), Qt::LeftButton, {}, plotPoint(chart, 0.5));
        QCOMPARE(chart->xRange(), std::pair(0.0, 402.0));
        QVERIFY(chart->isFollowing() && button(*view, u"Follow"_s)->isChecked());
        QVERIFY(chart->yRange().second > 60);
    }

    void pansByDragging()
    {
        const auto view = shownView();
        MetricChart *chart = view->panel(u"loss"_s)->chart();
        QTRY_COMPARE(chart->xRange().second, 300.0);
        wheel(chart, plotPoint(chart, 0.5), 5);
        const auto before = chart->xRange();
        QTest::mousePress(chart->viewport(), Qt::LeftButton, {}, plotPoint(chart, 0.5));
        QMouseEvent move(QEvent::MouseMove, plotPoint(chart, 0.25), chart->viewport()->mapToGlobal(plotPoint(chart, 0.25)),
                         Qt::NoButton, Qt::LeftButton, {});
        QApplication::sendEvent(chart->viewport(), &move);
        QTest::mouseRelease(chart->viewport(), Qt::LeftButton, {}, plotPoint(chart, 0.25));
        const double span = before.second - before.first;
        QVERIFY(std::abs(chart->xRange().first - before.first - span / 4) < span / 50);
        QVERIFY(std::abs(chart->xRange().second - chart->xRange().first - span) < 1e-6);
    }

    void zoomsOutToTheWhole()
    {
        const auto view = shownView();
        MetricChart *chart = view->panel(u"loss"_s)->chart();
        QTRY_COMPARE(chart->xRange().second, 300.0);
        wheel(chart, plotPoint(chart, 0.3), 2);
        wheel(chart, plotPoint(chart, 0.9), -30);
        QVERIFY(chart->isFollowing());
        wheel(chart, plotPoint(chart, 0.5), 2, Qt::ControlModifier);
        QVERIFY(!chart->isFollowing());
        QCOMPARE(chart->xRange(), std::pair(0.0, 300.0)); // Ctrl+wheel zooms the values alone
        QTest::keyClick(chart, Qt::Key_0);
        QVERIFY(chart->isFollowing());
    }

    void readsValuesAtTheCursor()
    {
        const auto view = shownView();
        MetricChart *chart = view->panel(u"loss"_s)->chart();
        QTRY_COMPARE(chart->xRange().second, 300.0);
        QTest::mouseMove(chart->viewport(), plotPoint(chart, 2.0 / 3));
        QTRY_VERIFY(!chart->readoutText().isEmpty());
        const QStringList lines = chart->readoutText().split(u'\n');
        QCOMPARE(lines.size(), 3);
        QVERIFY2(lines[0].startsWith(u"step 200 · epoch 2"_s), qPrintable(lines[0]));
        const double train = view->series("train/loss")->at(199).value;
        QVERIFY(train > 0.081); // sorted: the higher first
        QCOMPARE(lines[1], u"train/loss "_s + valueText(train));
        QCOMPARE(lines[2], u"val/loss 0.0810"_s);
        // One cursor for all charts.
        QVERIFY(view->panel(u"accuracy"_s)->chart()->readoutText().contains(u"val/accuracy 0.9700"_s));
    }

    void movesTheCursorByKeyboard()
    {
        const auto view = shownView();
        MetricChart *chart = view->panel(u"loss"_s)->chart();
        QTRY_COMPARE(chart->xRange().second, 300.0);
        QTest::keyClick(chart, Qt::Key_End);
        QVERIFY(chart->readoutText().startsWith(u"step 300"_s));
        QTest::keyClick(chart, Qt::Key_Left);
        QVERIFY(chart->readoutText().startsWith(u"step 299"_s));
        QTest::keyClick(chart, Qt::Key_Home);
        QVERIFY(chart->readoutText().startsWith(u"step 1 "_s));
        QTest::keyClick(chart, Qt::Key_Escape);
        QVERIFY(chart->readoutText().isEmpty());
    }

    void changesTheHorizontalAxis()
    {
        const auto view = shownView();
        MetricChart *chart = view->panel(u"loss"_s)->chart();
        auto *axis = view->findChild<QComboBox *>();
        QTRY_COMPARE(chart->xRange().second, 300.0);
        axis->setCurrentIndex(1);
        QCOMPARE(chart->xRange().second, 3.0);
        QCOMPARE(chart->layer().best().first().point.x(), 2.0);
        axis->setCurrentIndex(2);
        QVERIFY(std::abs(chart->xRange().second - 2.99) < 1e-6); // seconds since the first point
    }

    void smoothsTheTrainCurveOnly()
    {
        const auto view = shownView();
        MetricChart *chart = view->panel(u"loss"_s)->chart();
        QTRY_COMPARE(chart->layer().curves().size(), 2);
        auto *smoothing = view->findChildren<QComboBox *>()[1];
        smoothing->setCurrentIndex(2);
        const QList<DrawnCurve> curves = chart->layer().curves();
        QCOMPARE(curves.size(), 3);
        QVERIFY(curves[0].style.faint && !curves[1].style.faint && !curves[2].style.faint);
        smoothing->setCurrentIndex(0);
        QCOMPARE(chart->layer().curves().size(), 2);
    }

    void hidesACurveByItsLegend()
    {
        const auto view = shownView();
        QTRY_COMPARE(view->panel(u"loss"_s)->chips().size(), 2);
        ChartPanel *panel = view->panel(u"loss"_s);
        for (LegendChip *chip : panel->chips())
            if (chip->label() == u"train/loss"_s)
                QTest::mouseClick(chip, Qt::LeftButton);
        QCOMPARE(panel->chart()->layer().curves().size(), 1);
        QVERIFY(panel->chart()->yRange().second < 1); // fits what is left
    }

    void saysWhereNaNsAre()
    {
        ChartsView view;
        view.addPoints({batch("train/loss", {2, 1, notANumber, notANumber, 0.5})});
        QTRY_VERIFY(!view.panel(u"loss"_s)->noticeText().isEmpty());
        const QString notice = view.panel(u"loss"_s)->noticeText();
        QVERIFY2(notice.contains(u"train/loss"_s) && notice.contains(u"2 values"_s) && notice.contains(u"step 3"_s),
                 qPrintable(notice));
    }

    void survivesOddData_data()
    {
        QTest::addColumn<QList<double>>("values");
        QTest::newRow("nothing but NaN") << QList<double>{notANumber, notANumber, notANumber};
        QTest::newRow("one point") << QList<double>{0.5};
        QTest::newRow("flat zero") << QList<double>{0, 0, 0, 0};
        QTest::newRow("huge") << QList<double>{1e300, -1e300, 1e308};
        QTest::newRow("tiny") << QList<double>{1e-300, 2e-300};
        QTest::newRow("infinite") << QList<double>{infinity, 1, -infinity};
    }
    void survivesOddData()
    {
        QFETCH(QList<double>, values);
        ChartsView view;
        view.resize(700, 500);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        view.addPoints({batch("train/loss", {values.begin(), values.end()})});
        QTRY_COMPARE(view.panel(u"loss"_s)->chips().size(), 1);
        QVERIFY(!view.grab().isNull());
        const auto [low, high] = view.panel(u"loss"_s)->chart()->yRange();
        QVERIFY(std::isfinite(low) && std::isfinite(high) && high > low);
    }

    void showsForeignNamesAsText()
    {
        ChartsView view;
        view.resize(900, 700);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        const std::string hostile = "<b>bold</b> & <img src=file:///etc/passwd>\n" + std::string(300, 'x');
        view.addPoints({batch(hostile, {1, 2})});
        const QString family = QString::fromStdString(hostile);
        view.showFamily(family, true);
        QCOMPARE(view.panel(family)->chips().first()->label(), family);
        QVERIFY(!view.grab().isNull());
        QVERIFY(view.panel(family)->width() <= view.width());
    }

    void speaksTheCurve()
    {
        MetricSeries loss("val/loss");
        loss.append(batch("", {2.3, 0.5, 0.081}, 100, 100).points);
        QCOMPARE(CurveSummary::of(loss), u"val/loss falls to 0.0810 at step 300, best"_s);
        loss.append(batch("", {0.4}, 400).points);
        QCOMPARE(CurveSummary::of(loss), u"val/loss falls to 0.0810 at step 300, best; higher since, now 0.4000"_s);
        const auto view = shownView();
        QTRY_VERIFY(view->panel(u"accuracy"_s)->chart()->accessibleDescription().contains(
            u"val/accuracy rises to 0.9700 at step 200, best"_s));
        QCOMPARE(view->panel(u"loss"_s)->chart()->accessibleName(), u"Chart of Loss"_s);
    }

    void writesEveryPointAsCsv()
    {
        const QTemporaryDir folder;
        MetricSeries series("a,\"b\"");
        series.append({{1, 0.5, 0.1}, {2, 1.5, notANumber}});
        const std::filesystem::path path = folder.filePath(u"points.csv"_s).toStdString();
        QVERIFY(saveCsv({{series.name(), series.points()}}, path));
        QCOMPARE(QByteArray::fromStdString(*readFile({path.parent_path(), path.filename()})),
                 QByteArray("metric,step,wall_time,value\n\"a,\"\"b\"\"\",1,0.5,0.1\n\"a,\"\"b\"\"\",2,1.5,nan\n"));
    }

    void savesTheChartFromTheKeyboard()
    {
        const QTemporaryDir folder;
        const auto view = shownView();
        ChartPanel *panel = view->panel(u"loss"_s);
        QTRY_COMPARE(panel->chips().size(), 2);
        panel->chart()->setFocus();
        const auto save = [&](const QKeySequence &keys, const QString &name) {
            QTest::keySequence(panel->chart(), keys);
            QFileDialog *dialog = nullptr;
            QTRY_VERIFY((dialog = panel->findChild<QFileDialog *>()) && dialog->isVisible());
            dialog->selectFile(folder.filePath(name));
            QMetaObject::invokeMethod(dialog, "accept");
            QTRY_VERIFY(QFile::exists(folder.filePath(name)));
            QTRY_VERIFY(!panel->findChild<QFileDialog *>());
        };
        save(QKeySequence::Save, u"chart.png"_s);
        QVERIFY(QImage(folder.filePath(u"chart.png"_s)).width() >= panel->width());
        save(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_S), u"chart.csv"_s);
        QFile csv(folder.filePath(u"chart.csv"_s));
        QVERIFY(csv.open(QIODevice::ReadOnly));
        QCOMPARE(csv.readAll().count('\n'), 1 + 300 + 3);
    }

    void offersItsActionsInAMenu()
    {
        const auto view = shownView();
        ChartPanel *panel = view->panel(u"loss"_s);
        MetricChart *chart = panel->chart();
        wheel(chart, plotPoint(chart, 0.5), 3);
        QVERIFY(!chart->isFollowing());
        QContextMenuEvent request(QContextMenuEvent::Mouse, plotPoint(chart, 0.5),
                                  chart->viewport()->mapToGlobal(plotPoint(chart, 0.5)));
        QApplication::sendEvent(chart->viewport(), &request);
        QMenu *menu = nullptr;
        QTRY_VERIFY((menu = qobject_cast<QMenu *>(QApplication::activePopupWidget())));
        QCOMPARE(menu->actions().size(), 5);
        QTest::mouseClick(menu, Qt::LeftButton, {}, menu->actionGeometry(menu->actions().last()).center());
        QVERIFY(chart->isFollowing());
        QTRY_VERIFY(!QApplication::activePopupWidget());
    }

    void copiesAsImage()
    {
        const auto view = shownView();
        ChartPanel *panel = view->panel(u"loss"_s);
        QTRY_COMPARE(panel->chips().size(), 2);
        panel->chart()->setFocus();
        QTest::keySequence(panel->chart(), QKeySequence::Copy);
        QTRY_VERIFY(!QApplication::clipboard()->image().isNull());
        QVERIFY(pixelsOf(QApplication::clipboard()->image(), theme::color(theme::Color::Train)) > 50);
    }

    void followsThePalette()
    {
        const auto view = shownView();
        QTRY_COMPARE(view->panel(u"loss"_s)->chips().size(), 2);
        const QColor light = theme::color(theme::Color::Train);
        QVERIFY(pixelsOf(view->grab().toImage(), light) > 100);
        theme::setScheme(theme::Scheme::Dark);
        const QColor dark = theme::color(theme::Color::Train);
        QVERIFY(light != dark);
        QTRY_VERIFY(pixelsOf(view->grab().toImage(), dark) > 100);
        QVERIFY(pixelsOf(view->grab().toImage(), light) < 20);
        theme::setScheme(theme::Scheme::Light);
    }

    void keepsThePlotWhereItIs()
    {
        const auto view = shownView();
        MetricChart *chart = view->panel(u"loss"_s)->chart();
        QTRY_COMPARE(chart->xRange().second, 300.0);
        const QRectF before = chart->plotArea();
        view->addPoints({batch("train/loss", {123'456.789}, 301)});
        QTRY_VERIFY(chart->yRange().second > 100'000);
        QCOMPARE(chart->plotArea(), before);
    }

    void takesAHundredThousandPoints()
    {
        ChartsView view;
        view.resize(1100, 420);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        const std::vector<double> values = falling(100'000);
        for (int part = 0; part < 10; ++part) {
            const auto begin = values.begin() + part * 10'000;
            view.addPoints({batch("train/loss", {begin, begin + 10'000}, 1 + part * 10'000)});
        }
        QCOMPARE(view.series("train/loss")->size(), 100'000u);
        MetricChart *chart = view.panel(u"loss"_s)->chart();
        QTRY_COMPARE(chart->xRange().second, 100'000.0);
        QVERIFY(chart->layer().curves().first().shape.pointCount() <= 4 * (qsizetype(chart->plotArea().width()) + 2));
    }
};

BOTTEGA_GUI_TEST_MAIN(TestUiCharts)
#include "tst_ui_charts.moc"
