// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/inspector/confusionmodel.h"
#include "ui/inspector/gallerymodel.h"

#include <QTableView>

class QCheckBox;

namespace bottega {

/// The grid of cells: square, shaded, with the counts in a colour that can be read on the shade. Click or Enter chooses a
/// cell, a header chooses its whole row or column.
class ConfusionTable : public QTableView
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ConfusionTable)
public:
    explicit ConfusionTable(ConfusionModel *model, QWidget *parent = nullptr);

    void showChosen(const SampleFilter &filter);
    [[nodiscard]] const SampleFilter &chosen() const { return m_chosen; }

    bool hasHeightForWidth() const override { return false; }
    QSize sizeHint() const override;

Q_SIGNALS:
    void cellChosen(const bottega::SampleFilter &filter);

protected:
    void resizeEvent(QResizeEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    bool viewportEvent(QEvent *event) override;

private:
    void fitCells();
    void choose(const SampleFilter &filter);

    SampleFilter m_chosen;
};

/// The confusion matrix with its captions and the choice between counts and shares.
class ConfusionView : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ConfusionView)
public:
    explicit ConfusionView(QWidget *parent = nullptr);

    void setInspection(InspectionPtr inspection);
    void clearChosen();

    [[nodiscard]] ConfusionModel *model() const { return m_model; }
    [[nodiscard]] ConfusionTable *table() const { return m_table; }
    [[nodiscard]] QCheckBox *shareBox() const { return m_share; }

Q_SIGNALS:
    void cellChosen(const bottega::SampleFilter &filter);

private:
    ConfusionModel *m_model = nullptr;
    ConfusionTable *m_table = nullptr;
    QCheckBox *m_share = nullptr;
};

} // namespace bottega
