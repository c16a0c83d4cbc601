// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/network/networkview.h"

#include "ui/network/layertexts.h"
#include "ui/network/networkdelegate.h"
#include "ui/network/networkmodel.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/theme.h"

#include <QEvent>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QStyle>
#include <QTreeView>
#include <QVBoxLayout>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

constexpr int mostRows = 14; // then the drawing scrolls by itself

QString sentence(const QString &text)
{
    return text.left(1).toUpper() + text.mid(1);
}

} // namespace

NetworkView::NetworkView(QWidget *parent)
    : QWidget(parent)
    , m_model(new NetworkModel(this))
    , m_delegate(new NetworkDelegate(this))
    , m_tree(new QTreeView(this))
    , m_sums(new QLabel(this))
{
    m_tree->setObjectName(u"networkDrawing"_s);
    m_tree->setAccessibleName(tr("Layers of the network"));
    m_tree->setModel(m_model);
    m_tree->setItemDelegate(m_delegate);
    m_tree->setRootIsDecorated(false);
    m_tree->setUniformRowHeights(true);
    m_tree->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_tree->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_tree->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_tree->setFont(theme::font(-1));
    theme::setLook(m_tree, theme::Look::Plain);
    QHeaderView *header = m_tree->header();
    header->setStretchLastSection(false);
    header->setMinimumSectionSize(2 * theme::page);
    header->setSectionResizeMode(NetworkModel::Layer, QHeaderView::Stretch);
    header->setSectionResizeMode(NetworkModel::Output, QHeaderView::ResizeToContents);
    header->setSectionResizeMode(NetworkModel::Parameters, QHeaderView::ResizeToContents);
    header->setSectionsClickable(false);
    m_sums->setObjectName(u"networkSums"_s);
    m_sums->setTextFormat(Qt::PlainText);
    m_sums->setWordWrap(true);
    m_sums->setFont(theme::font(-1));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_tree);
    layout->addWidget(m_sums);
    connect(m_model, &NetworkModel::modelReset, this, [this] {
        m_delegate->setLaneCount(m_model->laneCount());
        showSums();
        fit();
    });
    fit();
}

const std::optional<engine::NetworkPlan> &NetworkView::plan() const
{
    return m_model->plan();
}

const std::optional<Error> &NetworkView::error() const
{
    return m_model->error();
}

void NetworkView::setNetwork(const engine::NetworkSpec &spec, const engine::Shape &picture, std::int64_t classes)
{
    m_model->setNetwork(spec, picture, classes);
}

void NetworkView::setEmpty(const QString &reason)
{
    m_model->clear();
    m_sums->setText(reason);
}

void NetworkView::showSums()
{
    const bool isWrong = m_model->error().has_value();
    if (isWrong)
        m_sums->setText(sentence(toQString(m_model->error()->what)));
    else if (m_model->plan())
        m_sums->setText(tr("%1 parameters, %2 to train on one image")
                            .arg(QLocale().toString(qint64{m_model->plan()->parameterCount}),
                                 flopsText(m_model->plan()->trainingFlops)));
    m_sums->setProperty("danger", isWrong);
    m_sums->setProperty("muted", !isWrong);
    m_sums->style()->unpolish(m_sums);
    m_sums->style()->polish(m_sums);
    m_tree->setAccessibleDescription(m_sums->text());
}

void NetworkView::fit()
{
    const int rows = qMin(mostRows, m_model->rowCount());
    m_tree->setVisible(rows > 0);
    if (rows == 0)
        return;
    const int row = m_tree->sizeHintForRow(0);
    m_tree->setFixedHeight(m_tree->header()->sizeHint().height() + rows * row + 2 * m_tree->frameWidth() + theme::tight);
}

void NetworkView::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
        fit();
}

} // namespace bottega
