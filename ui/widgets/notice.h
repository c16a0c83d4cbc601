// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <QFrame>
#include <QIcon>

class QLabel;
class QPushButton;

namespace bottega {

/// A message in its place on a page, instead of a box over it: what went wrong or well, with at most one button.
/// Hidden until there is something to say. All PlainText, selectable.
class Notice : public QFrame
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Notice)
public:
    explicit Notice(QWidget *parent = nullptr);

    void showError(const Error &error);
    void showSuccess(const QString &text);
    void showHint(const QString &text);
    void setAction(const QString &text); // empty: no button
    void clear();
    [[nodiscard]] QString text() const;

Q_SIGNALS:
    void actionTriggered();

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    enum class Kind { Error, Success, Hint };
    void show(Kind kind, const QString &title, const QString &text);

    Kind m_kind = Kind::Hint;
    QIcon m_icon;
    QLabel *m_title = nullptr;
    QLabel *m_text = nullptr;
    QPushButton *m_action = nullptr;
};

} // namespace bottega
