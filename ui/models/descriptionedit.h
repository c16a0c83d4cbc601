// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QPlainTextEdit;

namespace bottega {

/// A description, edited where it stands: Save and Cancel appear once it differs; Ctrl+Enter saves, Escape takes back.
class DescriptionEdit : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(DescriptionEdit)
public:
    explicit DescriptionEdit(QWidget *parent = nullptr);
    void setDescription(const QString &text); // leaves alone what is being edited

Q_SIGNALS:
    void descriptionChanged(const QString &text);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    [[nodiscard]] bool isEdited() const;
    void save();
    void takeBack();
    void fitHeight();

    QString m_saved;
    QPlainTextEdit *m_text = nullptr;
    QWidget *m_buttons = nullptr;
};

} // namespace bottega
