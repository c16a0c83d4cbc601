// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/inspector/gallerymodel.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QListView;
class QStackedWidget;
class QToolButton;

namespace bottega {

class SampleCard;

/// The images that a model reads wrongly, or those of one cell of the confusion matrix; one of them large.
class Gallery : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Gallery)
public:
    explicit Gallery(QWidget *parent = nullptr);

    /// Filter, order and the selected image stay.
    void setInspection(InspectionPtr inspection);
    void setFilter(const SampleFilter &filter);

    [[nodiscard]] GalleryModel *model() const { return m_model; }
    [[nodiscard]] QListView *list() const { return m_list; }
    [[nodiscard]] SampleCard *card() const { return m_card; }
    [[nodiscard]] QString title() const; // what is shown, in words

Q_SIGNALS:
    void filterCleared(); // by the user

private:
    void buildHeader();
    void buildList();
    void showTitle();
    void showSelected();
    void selectSample(std::optional<std::size_t> sample);

    InspectionPtr m_inspection;
    GalleryModel *m_model = nullptr;
    QWidget *m_header = nullptr;
    QLabel *m_title = nullptr;
    QToolButton *m_clear = nullptr;
    QComboBox *m_order = nullptr;
    QStackedWidget *m_stack = nullptr;
    QListView *m_list = nullptr;
    QLabel *m_nothing = nullptr;
    SampleCard *m_card = nullptr;
};

} // namespace bottega
