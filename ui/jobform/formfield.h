// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;

namespace bottega {

/// One field of a form: label above, the editor, and below it a line of help that becomes the complaint while the value is
/// wrong. The complaint has an icon and words, and the screen reader gets it as the editor's description.
class FormField : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(FormField)
public:
    /// Takes the editor over. `note` stands at the label's right, such as limits.
    FormField(const QString &label, QWidget *editor, const QString &help, const QString &note = {},
              QWidget *parent = nullptr);

    void setHelp(const QString &help);
    void setComplaint(const QString &complaint); // empty: the value is right
    [[nodiscard]] QString complaint() const { return m_complaint; }
    [[nodiscard]] QWidget *editor() const { return m_editor; }

private:
    void showLine();

    QWidget *m_editor = nullptr;
    QLabel *m_line = nullptr;
    QWidget *m_icon = nullptr;
    QString m_help;
    QString m_complaint;
};

} // namespace bottega
