// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/gallery.h"

#include "ui/inspector/samplecard.h"
#include "ui/inspector/thumbnaildelegate.h"
#include "ui/widgets/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QItemSelectionModel>
#include <QLabel>
#include <QListView>
#include <QStackedWidget>
#include <QToolButton>

#include <algorithm>

namespace bottega {

using namespace Qt::StringLiterals;

Gallery::Gallery(QWidget *parent)
    : QWidget(parent)
    , m_model(new GalleryModel(this))
    , m_card(new SampleCard(this))
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(theme::gap);
    buildHeader();
    buildList();
    column->addWidget(m_header);
    column->addWidget(m_stack, 1);
    column->addWidget(m_card);
    showTitle();
}

void Gallery::buildHeader()
{
    m_header = new QWidget(this);
    auto *row = new QHBoxLayout(m_header);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(theme::gap);
    m_title = new QLabel(m_header);
    m_title->setTextFormat(Qt::PlainText);
    m_title->setFont(theme::font(1, true));
    m_title->setMinimumWidth(80);
    m_clear = new QToolButton(m_header);
    m_clear->setIcon(theme::icon(u"close"_s));
    m_clear->setAccessibleName(tr("Clear filter"));
    m_clear->setToolTip(tr("Show all wrongly read images again"));
    connect(m_clear, &QToolButton::clicked, this, [this] {
        setFilter({});
        Q_EMIT filterCleared();
    });
    m_order = new QComboBox(m_header);
    m_order->setAccessibleName(tr("Order of the images"));
    m_order->addItem(tr("Highest loss"), int(SampleOrder::Loss));
    m_order->addItem(tr("Most sure"), int(SampleOrder::ConfidenceDown));
    m_order->addItem(tr("Least sure"), int(SampleOrder::ConfidenceUp));
    m_order->addItem(tr("File order"), int(SampleOrder::Index));
    connect(m_order, &QComboBox::currentIndexChanged, this, [this] {
        const auto kept = m_card->sample();
        m_model->setOrder(SampleOrder(m_order->currentData().toInt()));
        selectSample(kept);
    });
    row->addWidget(m_title);
    row->addWidget(m_clear);
    row->addStretch(1);
    row->addWidget(m_order);
}

void Gallery::buildList()
{
    m_stack = new QStackedWidget(this);
    m_list = new QListView(m_stack);
    m_list->setModel(m_model);
    m_list->setItemDelegate(new ThumbnailDelegate(m_list));
    m_list->setViewMode(QListView::IconMode);
    m_list->setMovement(QListView::Static);
    m_list->setResizeMode(QListView::Adjust);
    m_list->setUniformItemSizes(true);
    m_list->setSpacing(0);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setSelectionMode(QAbstractItemView::SingleSelection);
    m_list->setMouseTracking(true);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setMinimumHeight(130);
    m_list->setAccessibleName(tr("Images"));
    theme::setLook(m_list, theme::Look::Plain);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this, &Gallery::showSelected);
    m_stack->addWidget(m_list);
    m_nothing = new QLabel(m_stack);
    m_nothing->setTextFormat(Qt::PlainText);
    m_nothing->setAlignment(Qt::AlignCenter);
    m_nothing->setWordWrap(true);
    theme::setLook(m_nothing, theme::Look::Muted);
    m_stack->addWidget(m_nothing);
}

void Gallery::setInspection(InspectionPtr inspection)
{
    const auto kept = m_card->sample();
    m_inspection = std::move(inspection);
    m_model->setInspection(m_inspection);
    selectSample(kept);
    showTitle();
}

void Gallery::setFilter(const SampleFilter &filter)
{
    const auto kept = m_card->sample();
    m_model->setFilter(filter);
    selectSample(kept);
    showTitle();
}

void Gallery::selectSample(std::optional<std::size_t> sample)
{
    const int row = sample ? m_model->rowOf(*sample) : -1;
    if (m_model->rowCount() > 0)
        m_list->setCurrentIndex(m_model->index(std::max(row, 0)));
    showSelected();
}

void Gallery::showSelected()
{
    const QModelIndex current = m_list->currentIndex();
    std::optional<std::size_t> sample;
    if (current.isValid())
        sample = std::size_t(current.data(GalleryModel::SampleRole).toInt());
    m_card->setSample(m_inspection, sample);
}

void Gallery::showTitle()
{
    const SampleFilter &filter = m_model->filter();
    const int count = m_model->rowCount();
    const auto name = [this](int index) { return m_inspection ? m_inspection->classNames.value(index) : QString(); };
    QString text;
    if (filter.label && filter.prediction)
        text = tr("true %1 → predicted %2").arg(name(*filter.label), name(*filter.prediction));
    else if (filter.label)
        text = tr("true %1, read wrongly").arg(name(*filter.label));
    else if (filter.prediction)
        text = tr("wrongly read as %1").arg(name(*filter.prediction));
    else
        text = tr("Wrongly read");
    m_title->setText(tr("%1 (%2)", "what is shown, how many").arg(text, locale().toString(count)));
    m_clear->setVisible(!filter.isEmpty());
    m_nothing->setText(filter.isEmpty() ? tr("The model reads every test image right.")
                                        : tr("No test image falls here."));
    m_stack->setCurrentIndex(count > 0 || !m_inspection ? 0 : 1);
}

QString Gallery::title() const
{
    return m_title->text();
}

} // namespace bottega
