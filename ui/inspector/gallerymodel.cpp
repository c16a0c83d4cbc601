// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/gallerymodel.h"

#include <QLocale>

#include <algorithm>
#include <cmath>

namespace bottega {

GalleryModel::GalleryModel(QObject *parent)
    : QAbstractListModel(parent)
{
}

void GalleryModel::setInspection(InspectionPtr inspection)
{
    beginResetModel();
    m_inspection = std::move(inspection);
    rebuild();
    endResetModel();
}

void GalleryModel::setFilter(const SampleFilter &filter)
{
    if (filter == m_filter)
        return;
    beginResetModel();
    m_filter = filter;
    rebuild();
    endResetModel();
}

void GalleryModel::setOrder(SampleOrder order)
{
    if (order == m_order)
        return;
    beginResetModel();
    m_order = order;
    rebuild();
    endResetModel();
}

bool GalleryModel::passes(std::size_t sample) const
{
    const engine::Evaluation &evaluation = m_inspection->evaluation;
    if (m_filter.isEmpty())
        return !m_inspection->isRight(sample);
    const bool label = !m_filter.label || *m_filter.label == evaluation.labels[sample];
    const bool prediction = !m_filter.prediction || *m_filter.prediction == evaluation.predictions[sample];
    // A whole row or column is asked for its mistakes; one cell for what it holds.
    const bool wanted = (m_filter.label && m_filter.prediction) || !m_inspection->isRight(sample);
    return label && prediction && wanted;
}

void GalleryModel::rebuild()
{
    m_samples.clear();
    if (!m_inspection)
        return;
    for (std::size_t i = 0; i < m_inspection->count(); ++i)
        if (passes(i))
            m_samples.push_back(std::uint32_t(i));
    const engine::Evaluation &evaluation = m_inspection->evaluation;
    const auto sortBy = [this](const std::vector<float> &values, bool descending) {
        std::stable_sort(m_samples.begin(), m_samples.end(), [&](std::uint32_t a, std::uint32_t b) {
            return descending ? values[a] > values[b] : values[a] < values[b];
        });
    };
    if (m_order == SampleOrder::Loss)
        sortBy(evaluation.losses, true);
    else if (m_order != SampleOrder::Index)
        sortBy(evaluation.confidences, m_order == SampleOrder::ConfidenceDown);
}

int GalleryModel::rowOf(std::size_t sample) const
{
    const auto found = std::find(m_samples.begin(), m_samples.end(), sample);
    return found == m_samples.end() ? -1 : int(found - m_samples.begin());
}

int GalleryModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_samples.size());
}

QVariant GalleryModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const std::size_t sample = m_samples[std::size_t(index.row())];
    const engine::Evaluation &evaluation = m_inspection->evaluation;
    const QString label = m_inspection->classNames[evaluation.labels[sample]];
    const QString prediction = m_inspection->classNames[evaluation.predictions[sample]];
    switch (role) {
    case Qt::DisplayRole:
        //: True class, then what the model read
        return tr("%1 → %2").arg(label, prediction);
    case Qt::AccessibleTextRole:
        return tr("Image %1, true %2, predicted %3 with %4")
            .arg(QLocale().toString(int(sample)), label, prediction, percentText(evaluation.confidences[sample]));
    case SampleRole:
        return int(sample);
    case LabelRole:
        return label;
    case PredictionRole:
        return prediction;
    case ConfidenceRole:
        return evaluation.confidences[sample];
    case LossRole:
        return evaluation.losses[sample];
    case ImageRole:
        return m_inspection->image(sample);
    case RightRole:
        return m_inspection->isRight(sample);
    default:
        return {};
    }
}

QString percentText(double share)
{
    const double percent = share * 100;
    const double shown = share < 1 ? std::min(std::round(percent * 10) / 10, 99.9) : percent;
    //: A share; the number comes formatted
    return GalleryModel::tr("%1 %").arg(QLocale().toString(shown, 'f', shown >= 100 ? 0 : 1));
}

} // namespace bottega
