// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/theme.h"

#include <QFrame>

class QLabel;

namespace bottega {

/// A line above a page's content that says what happened and what is kept, without stopping anybody: icon, plain text and
/// a button to put it away. Hidden until it has something to say.
class Banner : public QFrame
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Banner)
public:
    explicit Banner(QWidget *parent = nullptr);

    void showMessage(const QString &iconName, theme::Color color, const QString &text);
    [[nodiscard]] QString text() const;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QLabel *m_text = nullptr;
    QIcon m_icon;
    theme::Color m_color = theme::Color::Accent;
};

} // namespace bottega
