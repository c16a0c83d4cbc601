// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/runsfilter.h"

#include "ui/runs/runsmodel.h"

#include <algorithm>

namespace bottega {

RunsFilter::RunsFilter(QObject *parent)
    : QSortFilterProxyModel(parent)
{
    setSortRole(RunsModel::SortRole);
    setRecursiveFilteringEnabled(true);
}

void RunsFilter::setWords(const QString &text)
{
    m_words = text.split(u' ', Qt::SkipEmptyParts);
    invalidate(); // many rows that go one by one take seconds
}

bool RunsFilter::filterAcceptsRow(int row, const QModelIndex &parent) const
{
    if (m_words.isEmpty())
        return true;
    if (!parent.isValid())
        return false; // an experiment is there for the runs that match
    const QString text = sourceModel()->index(row, 0, parent).data(RunsModel::SearchRole).toString() + u' '
                         + parent.data(RunsModel::SearchRole).toString();
    return std::all_of(m_words.begin(), m_words.end(),
                       [&](const QString &word) { return text.contains(word, Qt::CaseInsensitive); });
}

} // namespace bottega
