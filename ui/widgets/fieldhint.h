// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>

namespace bottega {

/// The small line under a field of a form: a hint, or what is wrong with the field, which then shows it too. PlainText.
class FieldHint : public QLabel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(FieldHint)
public:
    /// `field` is the widget that the line belongs to; borrowed.
    explicit FieldHint(QWidget *field, QWidget *parent = nullptr);

    /// An empty problem means that there is none.
    void setTexts(const QString &problem, const QString &hint);
    [[nodiscard]] bool hasProblem() const { return m_hasProblem; }

private:
    QWidget *m_field = nullptr;
    bool m_hasProblem = false;
};

} // namespace bottega
