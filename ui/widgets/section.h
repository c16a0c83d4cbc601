// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QToolButton;

namespace bottega {

/// A part of a form that folds: its title is a button, and what stands beside it tells what is inside while it is closed.
class Section : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Section)
public:
    explicit Section(const QString &title, QWidget *parent = nullptr);

    [[nodiscard]] QWidget *body() const { return m_body; } // give it a layout
    void setOpen(bool open);
    [[nodiscard]] bool isOpen() const { return m_isOpen; }
    void setNote(const QString &note);
    [[nodiscard]] QToolButton *button() const { return m_button; }

protected:
    void changeEvent(QEvent *event) override;

private:
    void showState();

    QToolButton *m_button = nullptr;
    QLabel *m_note = nullptr;
    QWidget *m_body = nullptr;
    bool m_isOpen = true;
};

} // namespace bottega
