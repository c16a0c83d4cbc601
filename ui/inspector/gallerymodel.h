// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/inspector/inspection.h"

#include <QAbstractListModel>

#include <optional>
#include <vector>

namespace bottega {

/// Which images are shown. Without a class: all that are read wrongly.
struct SampleFilter
{
    std::optional<int> label;      // true class
    std::optional<int> prediction; // predicted class

    [[nodiscard]] bool isEmpty() const { return !label && !prediction; }
    bool operator==(const SampleFilter &) const = default;
};

enum class SampleOrder {
    Loss,            // worst first
    ConfidenceDown,  // surest first
    ConfidenceUp,    // least sure first
    Index,           // as in the file
};

/// The test images that pass the filter, in order. Rows are indices into the inspection; pictures are made when asked for.
class GalleryModel : public QAbstractListModel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(GalleryModel)
public:
    enum Role {
        SampleRole = Qt::UserRole + 1, // index in the data set
        LabelRole,                     // names of the classes
        PredictionRole,
        ConfidenceRole,
        LossRole,
        ImageRole, // QImage, at its own size
        RightRole,
    };

    explicit GalleryModel(QObject *parent = nullptr);

    void setInspection(InspectionPtr inspection);
    void setFilter(const SampleFilter &filter);
    void setOrder(SampleOrder order);
    [[nodiscard]] const SampleFilter &filter() const { return m_filter; }
    [[nodiscard]] int rowOf(std::size_t sample) const; // -1: not shown

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;

private:
    void rebuild();
    [[nodiscard]] bool passes(std::size_t sample) const;

    InspectionPtr m_inspection;
    SampleFilter m_filter;
    SampleOrder m_order = SampleOrder::Loss;
    std::vector<std::uint32_t> m_samples;
};

/// "98.3 %", never rounded up to 100 where it is not.
[[nodiscard]] QString percentText(double share);

} // namespace bottega
