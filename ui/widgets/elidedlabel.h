// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>

namespace bottega {

/// One line of PlainText that gives way: what does not fit ends in "…". text() is always the whole.
class ElidedLabel : public QLabel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ElidedLabel)
public:
    explicit ElidedLabel(QWidget *parent = nullptr);

    [[nodiscard]] QString shownText() const; // as it is painted in the present width

protected:
    void paintEvent(QPaintEvent *event) override;
};

} // namespace bottega
