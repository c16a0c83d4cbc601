// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/confusionview.h"

#include "ui/inspector/classheader.h"
#include "ui/widgets/theme.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTextDocument>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

constexpr int smallestCell = 26;
constexpr int largestCell = 60;

double luminance(const QColor &color)
{
    const auto linear = [](double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

QColor mixed(const QColor &a, const QColor &b, double share)
{
    const auto mix = [share](double x, double y) { return float(x + (y - x) * share); };
    return QColor::fromRgbF(mix(a.redF(), b.redF()), mix(a.greenF(), b.greenF()), mix(a.blueF(), b.blueF()));
}

/// Black or white, whichever stands out more.
QColor inkOn(const QColor &ground)
{
    const double light = luminance(ground);
    return 1.05 / (light + 0.05) > (light + 0.05) / 0.05 ? QColor(Qt::white) : QColor(Qt::black);
}

class CellDelegate final : public QStyledItemDelegate
{
public:
    explicit CellDelegate(ConfusionTable *table)
        : QStyledItemDelegate(table)
        , m_table(table)
    {
    }

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const bool right = index.row() == index.column();
        const QColor full = theme::color(right ? theme::Color::Train : theme::Color::Validation);
        const double intensity = index.data(ConfusionModel::IntensityRole).toDouble();
        const QColor empty = option.palette.color(QPalette::Midlight);
        const QColor ground = mixed(empty, full, right ? 0.75 * intensity : 0.9 * intensity);
        const QRectF cell = QRectF(option.rect).adjusted(1, 1, -1, -1);
        painter->setPen(Qt::NoPen);
        painter->setBrush(ground);
        painter->drawRoundedRect(cell, 3, 3);
        paintText(*painter, option, index, ground);
        paintFrame(*painter, cell, option, index);
        painter->restore();
    }

private:
    static void paintText(QPainter &painter, const QStyleOptionViewItem &option, const QModelIndex &index,
                          const QColor &ground)
    {
        const bool nothing = index.data(ConfusionModel::CountRole).toLongLong() == 0;
        painter.setPen(nothing ? theme::color(theme::Color::Muted) : inkOn(ground));
        QFont font = theme::font(0, index.row() == index.column());
        const QString text = index.data().toString();
        if (QFontMetrics(font).horizontalAdvance(text) > option.rect.width() - 4)
            font = theme::font(-1);
        painter.setFont(font);
        painter.drawText(option.rect, Qt::AlignCenter | Qt::TextSingleLine, text);
    }

    void paintFrame(QPainter &painter, const QRectF &cell, const QStyleOptionViewItem &option,
                    const QModelIndex &index) const
    {
        const SampleFilter &chosen = m_table->chosen();
        const bool isChosen = !chosen.isEmpty() && (!chosen.label || *chosen.label == index.row())
                              && (!chosen.prediction || *chosen.prediction == index.column());
        const bool isCursor = m_table->hasFocus() && m_table->currentIndex() == index;
        if (!isChosen && !isCursor && !(option.state & QStyle::State_MouseOver))
            return;
        painter.setBrush(Qt::NoBrush);
        QPen pen(option.palette.color(QPalette::Text), isChosen ? 2 : 1.5);
        if (isCursor && !isChosen)
            pen.setStyle(Qt::DotLine);
        painter.setPen(pen);
        painter.drawRoundedRect(cell, 3, 3);
    }

    ConfusionTable *m_table;
};

} // namespace

ConfusionTable::ConfusionTable(ConfusionModel *model, QWidget *parent)
    : QTableView(parent)
{
    setHorizontalHeader(new ClassHeader(Qt::Horizontal, this));
    setVerticalHeader(new ClassHeader(Qt::Vertical, this));
    setItemDelegate(new CellDelegate(this));
    setModel(model);
    setShowGrid(false);
    setFrameShape(QFrame::NoFrame);
    setSelectionMode(NoSelection);
    setMouseTracking(true);
    setTabKeyNavigation(false);
    setCornerButtonEnabled(false);
    setStyleSheet(u"QTableCornerButton::section { background: transparent; border: none; }"_s);
    setMinimumSize(260, 240);
    theme::setLook(this, theme::Look::Plain);
    setAccessibleName(tr("Confusion matrix: a row for each true class, a column for each predicted one"));
    connect(model, &QAbstractItemModel::modelReset, this, &ConfusionTable::fitCells);
    connect(this, &QTableView::clicked, this,
            [this](const QModelIndex &index) { choose({index.row(), index.column()}); });
    connect(verticalHeader(), &QHeaderView::sectionClicked, this, [this](int row) { choose({row, std::nullopt}); });
    connect(horizontalHeader(), &QHeaderView::sectionClicked, this,
            [this](int column) { choose({std::nullopt, column}); });
}

QSize ConfusionTable::sizeHint() const
{
    return {440, 440};
}

void ConfusionTable::choose(const SampleFilter &filter)
{
    showChosen(filter);
    Q_EMIT cellChosen(filter);
}

void ConfusionTable::showChosen(const SampleFilter &filter)
{
    m_chosen = filter;
    viewport()->update();
}

void ConfusionTable::resizeEvent(QResizeEvent *event)
{
    QTableView::resizeEvent(event);
    fitCells();
}

void ConfusionTable::fitCells()
{
    const int classes = model() ? model()->rowCount() : 0;
    if (classes == 0)
        return;
    const int wide = (width() - verticalHeader()->sizeHint().width() - 2) / classes;
    const int high = (height() - horizontalHeader()->sizeHint().height() - 2) / classes;
    const int cell = std::clamp(std::min(wide, high), smallestCell, largestCell);
    if (horizontalHeader()->defaultSectionSize() == cell && verticalHeader()->defaultSectionSize() == cell)
        return;
    horizontalHeader()->setDefaultSectionSize(cell);
    verticalHeader()->setDefaultSectionSize(cell);
    updateGeometries();
}

void ConfusionTable::keyPressEvent(QKeyEvent *event)
{
    const bool chooses = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter || event->key() == Qt::Key_Space;
    if (chooses && currentIndex().isValid())
        choose({currentIndex().row(), currentIndex().column()});
    else
        QTableView::keyPressEvent(event);
}

bool ConfusionTable::viewportEvent(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QTableView::viewportEvent(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    const QString text = indexAt(help->pos()).data(Qt::ToolTipRole).toString();
    // Class names come from files; a tooltip would take some of them for markup.
    QToolTip::showText(help->globalPos(), Qt::convertFromPlainText(text), viewport());
    return true;
}

ConfusionView::ConfusionView(QWidget *parent)
    : QWidget(parent)
    , m_model(new ConfusionModel(this))
    , m_table(new ConfusionTable(m_model, this))
    , m_share(new QCheckBox(tr("Share of row, %"), this))
{
    auto *title = new QLabel(tr("Confusion matrix"), this);
    title->setTextFormat(Qt::PlainText);
    title->setFont(theme::font(1, true));
    auto *caption = new QLabel(tr("Rows: true class. Columns: predicted class. Choose a cell to see its images."), this);
    caption->setTextFormat(Qt::PlainText);
    caption->setWordWrap(true);
    theme::setLook(caption, theme::Look::Muted);
    m_share->setToolTip(tr("Show each cell as its share of the true class"));
    connect(m_share, &QCheckBox::toggled, m_model, &ConfusionModel::setShowsShares);
    connect(m_table, &ConfusionTable::cellChosen, this, &ConfusionView::cellChosen);

    auto *header = new QHBoxLayout;
    header->addWidget(title);
    header->addStretch(1);
    header->addWidget(m_share);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(theme::gap);
    column->addLayout(header);
    column->addWidget(caption);
    column->addWidget(m_table, 1);
}

void ConfusionView::setInspection(InspectionPtr inspection)
{
    m_model->setInspection(std::move(inspection));
}

void ConfusionView::clearChosen()
{
    m_table->showChosen({});
}

} // namespace bottega
