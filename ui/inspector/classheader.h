// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHeaderView>

namespace bottega {

/// Class names along the confusion matrix; across the top they stand upright when they are wider than a cell.
class ClassHeader : public QHeaderView
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ClassHeader)
public:
    explicit ClassHeader(Qt::Orientation orientation, QWidget *parent = nullptr);

    QSize sizeHint() const override;

protected:
    void paintSection(QPainter *painter, const QRect &rect, int logicalIndex) const override;
    QSize sectionSizeFromContents(int logicalIndex) const override;

private:
    [[nodiscard]] int longestName() const;
    [[nodiscard]] bool isUpright() const;
};

} // namespace bottega
