// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractItemModel>

#include <algorithm>
#include <utility>
#include <vector>

namespace bottega {

/// Base of models whose rows are replaced as a whole by newer values: only rows that differ are inserted or removed, so
/// that views keep selection, expansion and place.
class MergingModel : public QAbstractItemModel
{
public:
    using QAbstractItemModel::QAbstractItemModel;

protected:
    /// Makes `items`, the children of `parent`, into `wanted`. Both are in the same strict order and `isSame` tells which
    /// item is which; `update(row, newItem)` is called where an item stays.
    template <class Item, class IsSame, class Update>
    void mergeRows(const QModelIndex &parent, std::vector<Item> &items, std::vector<Item> wanted, IsSame isSame,
                   Update update)
    {
        for (int row = static_cast<int>(items.size()); row-- > 0;) {
            const auto at = items.begin() + row;
            if (std::any_of(wanted.begin(), wanted.end(), [&](const Item &item) { return isSame(item, *at); }))
                continue;
            beginRemoveRows(parent, row, row);
            items.erase(at);
            endRemoveRows();
        }
        for (int row = 0; row < static_cast<int>(wanted.size()); ++row) {
            const auto at = items.begin() + row;
            if (at != items.end() && isSame(*at, wanted[row])) {
                update(row, std::move(wanted[row]));
                continue;
            }
            beginInsertRows(parent, row, row);
            items.insert(at, std::move(wanted[row]));
            endInsertRows();
        }
    }
};

} // namespace bottega
