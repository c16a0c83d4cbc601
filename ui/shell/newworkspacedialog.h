// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

class QLabel;
class QLineEdit;
class QPushButton;

namespace bottega {

/// Asks for a new workspace's name and the folder to make it in. Makes nothing itself. Open it with open().
class NewWorkspaceDialog : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(NewWorkspaceDialog)
public:
    explicit NewWorkspaceDialog(QWidget *parent = nullptr);

Q_SIGNALS:
    void workspaceWanted(const QString &folder, const QString &name);

private:
    [[nodiscard]] QString folder() const;
    void changed();
    void browse();
    void confirm();

    QLineEdit *m_name = nullptr;
    QLineEdit *m_place = nullptr;
    QLabel *m_line = nullptr;
    QPushButton *m_create = nullptr;
};

} // namespace bottega
