// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/metricchart.h"

#include <QFrame>

class QHBoxLayout;
class QLabel;
class QToolButton;

namespace bottega {

class LegendChip;

/// One chart with its header: title, legend, what is odd about the data, and the actions on it (copy, save, reset).
class ChartPanel : public QFrame
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ChartPanel)
public:
    /// `title` as people see it: "Loss"; foreign text is fine.
    ChartPanel(const QString &title, const QString &valueTitle, QWidget *parent = nullptr);

    struct Member
    {
        const MetricSeries *series = nullptr; // belongs to somebody who outlives the panel
        CurveRole role = CurveRole::Plain;

        bool operator==(const Member &) const = default;
    };
    /// The curves; shown with the next refresh().
    void setMembers(const QList<Member> &members);
    [[nodiscard]] bool hasPoints() const;
    void setSmoothing(double weight);
    /// New points: legend, notice, spoken summary, curves.
    void refresh();

    [[nodiscard]] MetricChart *chart() const { return m_chart; }
    [[nodiscard]] QString title() const { return m_title; }
    [[nodiscard]] QString noticeText() const;
    [[nodiscard]] QList<LegendChip *> chips() const { return m_chips; }
    [[nodiscard]] QImage picture(); // header and chart, at the screen's own scale

protected:
    void changeEvent(QEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    void buildHeader();
    void buildActions();
    void showMenu(const QPoint &globalPosition);
    void updateNotice();
    void restyle();
    void copyPicture();
    void savePicture();
    void saveCsv();

    QString m_title;
    QList<Member> m_members;
    QList<LegendChip *> m_chips; // one for each member
    MetricChart *m_chart = nullptr;
    QHBoxLayout *m_header = nullptr; // title, stretch, a chip for each curve, the menu button
    QToolButton *m_menuButton = nullptr;
    QLabel *m_notice = nullptr;
};

} // namespace bottega
