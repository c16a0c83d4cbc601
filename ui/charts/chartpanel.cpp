// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/chartpanel.h"

#include "core/base/atomicsave.h"
#include "core/workspace/backgroundtask.h"
#include "ui/charts/chartexport.h"
#include "ui/charts/curvesummary.h"
#include "ui/charts/legendchip.h"
#include "ui/charts/ticks.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/format.h"
#include "ui/widgets/theme.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QToolButton>

#include <algorithm>
#include <functional>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

constexpr int widestTitle = 240;

CurveStyle styleOf(CurveRole role)
{
    const bool validation = role == CurveRole::Validation;
    const theme::Color color = validation ? theme::Color::Validation : theme::Color::Train;
    return {theme::color(color), validation, validation, false};
}

/// A file dialog that asks before it overwrites, and does not block.
void askForFile(QWidget *parent, const QString &title, const QString &name, const QString &filter,
                std::function<void(const QString &)> then)
{
    auto *dialog = new QFileDialog(parent, title, QString(), filter);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(name.section(u'.', -1));
    dialog->selectFile(name);
    QObject::connect(dialog, &QFileDialog::fileSelected, parent, std::move(then));
    dialog->open();
}

void reportFailure(QWidget *panel, const Result<void> &result)
{
    if (!result)
        showError(panel, result.error());
}

} // namespace

ChartPanel::ChartPanel(const QString &title, const QString &valueTitle, QWidget *parent)
    : QFrame(parent)
    , m_title(shownText(title, 200))
    , m_chart(new MetricChart(valueTitle, this))
    , m_notice(new QLabel(this))
{
    theme::setLook(this, theme::Look::Card);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(theme::gap, theme::gap, theme::tight, theme::tight);
    column->setSpacing(theme::tight);
    m_header = new QHBoxLayout;
    m_header->setContentsMargins(theme::gap, 0, theme::gap, 0);
    m_header->setSpacing(theme::tight);
    column->addLayout(m_header);
    m_notice->setTextFormat(Qt::PlainText);
    m_notice->setWordWrap(true);
    m_notice->setContentsMargins(theme::gap, 0, theme::gap, 0);
    m_notice->hide();
    column->addWidget(m_notice);
    column->addWidget(m_chart, 1);
    buildHeader();
    buildActions();
    restyle();
    m_chart->setAccessibleName(tr("Chart of %1").arg(m_title));
    setAccessibleName(m_title);
}

void ChartPanel::buildHeader()
{
    auto *label = new QLabel(this);
    label->setTextFormat(Qt::PlainText);
    label->setFont(theme::font(1, true));
    label->setText(label->fontMetrics().elidedText(m_title.simplified(), Qt::ElideMiddle, widestTitle));
    label->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    m_header->addWidget(label);
    m_header->addStretch(1);
    m_menuButton = new QToolButton(this);
    m_menuButton->setIcon(theme::icon(u"more"_s));
    m_menuButton->setToolTip(tr("Copy, save, show everything"));
    m_menuButton->setAccessibleName(tr("Actions on the chart of %1").arg(m_title));
    connect(m_menuButton, &QToolButton::clicked, this,
            [this] { showMenu(m_menuButton->mapToGlobal(m_menuButton->rect().bottomLeft())); });
    m_header->addWidget(m_menuButton);
}

void ChartPanel::buildActions()
{
    m_chart->setContextMenuPolicy(Qt::NoContextMenu); // the panel's menu is the chart's
    const auto add = [this](const QString &icon, const QString &text, const QKeySequence &keys, auto slot) {
        auto *action = new QAction(theme::icon(icon), text, this);
        action->setShortcut(keys);
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        connect(action, &QAction::triggered, this, slot);
        addAction(action);
    };
    add(u"copy"_s, tr("Copy as image"), QKeySequence::Copy, &ChartPanel::copyPicture);
    add(u"image"_s, tr("Save as PNG…"), QKeySequence::Save, &ChartPanel::savePicture);
    add(u"table"_s, tr("Save all points as CSV…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_S),
        &ChartPanel::saveCsv);
    auto *line = new QAction(this);
    line->setSeparator(true);
    addAction(line);
    auto *whole = new QAction(tr("Show everything and follow"), this);
    connect(whole, &QAction::triggered, m_chart, &MetricChart::followed);
    addAction(whole);
}

void ChartPanel::setMembers(const QList<Member> &members)
{
    if (members == m_members)
        return;
    QStringList hidden; // stay so
    for (const LegendChip *chip : std::as_const(m_chips))
        if (!chip->isChecked())
            hidden.append(chip->label());
    m_chart->setCurves({});
    qDeleteAll(m_chips);
    m_chips.clear();
    m_members = members;
    for (const Member &member : members) {
        auto *chip = new LegendChip(QString::fromUtf8(member.series->name()), this);
        chip->setStyleOf(styleOf(member.role));
        chip->setChecked(!hidden.contains(chip->label()));
        connect(chip, &QAbstractButton::toggled, this, &ChartPanel::refresh);
        m_header->insertWidget(m_header->count() - 1, chip);
        m_chips.append(chip);
    }
}

void ChartPanel::showMenu(const QPoint &globalPosition)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addActions(actions());
    menu->popup(globalPosition);
}

void ChartPanel::contextMenuEvent(QContextMenuEvent *event)
{
    showMenu(event->globalPos());
}

bool ChartPanel::hasPoints() const
{
    return std::any_of(m_members.begin(), m_members.end(),
                       [](const Member &member) { return !member.series->isEmpty(); });
}

void ChartPanel::setSmoothing(double weight)
{
    m_chart->setSmoothing(weight);
}

void ChartPanel::refresh()
{
    const bool hasValidation = std::any_of(m_members.begin(), m_members.end(), [](const Member &member) {
        return member.role == CurveRole::Validation;
    });
    QList<ChartCurve> curves;
    QStringList spoken;
    for (qsizetype i = 0; i < m_chips.size(); ++i) {
        const auto [series, role] = m_members[i];
        const bool validation = role == CurveRole::Validation;
        if (!series->isEmpty())
            m_chips[i]->setValue(valueText(series->points().back().value));
        curves.append({series, m_chips[i]->label(), styleOf(role), m_chips[i]->isChecked(),
                       validation || !hasValidation, !validation});
        spoken.append(CurveSummary::of(*series));
    }
    // Validation lies on top, so it comes last.
    std::stable_partition(curves.begin(), curves.end(), [](const ChartCurve &curve) { return curve.smooths; });
    m_chart->setCurves(std::move(curves));
    m_chart->setAccessibleDescription(spoken.join(u". "_s));
    updateNotice();
}

void ChartPanel::updateNotice()
{
    QStringList lines;
    for (const auto &[series, role] : std::as_const(m_members)) {
        if (series->notFiniteCount() == 0)
            continue;
        const QString step = countText(series->at(*series->firstNotFinite()).step);
        lines.append(tr("%1: %n values are NaN or infinite, the first at step %2", nullptr,
                        int(series->notFiniteCount())).arg(shownText(series->name(), 80), step));
    }
    m_notice->setText(lines.join(u'\n'));
    m_notice->setVisible(!lines.isEmpty());
}

QString ChartPanel::noticeText() const
{
    return m_notice->isHidden() ? QString() : m_notice->text();
}

void ChartPanel::restyle()
{
    QPalette palette = m_notice->palette();
    palette.setColor(QPalette::WindowText, theme::color(theme::Color::Danger));
    m_notice->setPalette(palette);
    m_notice->setFont(theme::font(-1));
    for (qsizetype i = 0; i < m_chips.size(); ++i)
        m_chips[i]->setStyleOf(styleOf(m_members[i].role));
}

void ChartPanel::changeEvent(QEvent *event)
{
    QFrame::changeEvent(event);
    if (event->type() != QEvent::PaletteChange || !m_chart)
        return;
    restyle();
    refresh();
}

QImage ChartPanel::picture()
{
    m_chart->setCursor(std::nullopt);
    QImage image(size() * devicePixelRatioF(), QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(devicePixelRatioF());
    image.fill(theme::color(theme::Color::Surface));
    QPainter painter(&image);
    render(&painter, QPoint(), QRegion(), DrawChildren);
    return image;
}

void ChartPanel::copyPicture()
{
    QApplication::clipboard()->setImage(picture());
}

void ChartPanel::savePicture()
{
    const QImage image = picture(); // as it was when asked for, not as it is when the name is typed
    askForFile(this, tr("Save chart"), suggestedFileName(m_title, u"png"_s), tr("PNG images (*.png)"),
               [this, image](const QString &file) {
                   runInBackground(
                       this, [image, path = toStdString(file)] { return savePng(image, path); },
                       [this](const Result<void> &result) { reportFailure(this, result); });
               });
}

void ChartPanel::saveCsv()
{
    askForFile(this, tr("Save points"), suggestedFileName(m_title, u"csv"_s), tr("CSV files (*.csv)"),
               [this](const QString &file) {
                   std::vector<NamedPoints> metrics;
                   for (const Member &member : std::as_const(m_members))
                       metrics.push_back({member.series->name(), member.series->points()});
                   runInBackground(
                       this, [metrics = std::move(metrics), path = toStdString(file)] { return bottega::saveCsv(metrics, path); },
                       [this](const Result<void> &result) { reportFailure(this, result); });
               });
}

} // namespace bottega
