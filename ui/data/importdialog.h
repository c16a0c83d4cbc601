// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workspace/datasets.h"
#include "core/workspace/workspace.h"

#include <QDialog>
#include <QStringList>

class QFileDialog;
class QLineEdit;
class QProgressBar;
class QPushButton;

namespace bottega {

class FieldHint;
class Notice;

/// Imports a data set from a folder or from its four files. To be shown with open(); the work is done in the background
/// and an error leaves the form as it was filled in.
class ImportDialog : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ImportDialog)
public:
    /// `name` may be empty; `taken` are the names that are in use.
    ImportDialog(const Workspace &workspace, const QString &name, const QStringList &taken, QWidget *parent = nullptr);

    void reject() override; // not while importing: what was asked is being done

Q_SIGNALS:
    void imported(const bottega::Dataset &dataset);

private:
    void buildForm(const QString &name);
    void chooseFolder();
    void chooseFiles();
    void openChooser(QFileDialog *dialog);
    void setSources(const QStringList &sources);
    [[nodiscard]] QString nameProblem() const;
    void validate();
    void importNow();
    void setBusy(bool busy);

    Workspace m_workspace;
    QStringList m_taken;
    QStringList m_sources;
    bool m_isBusy = false;
    QWidget *m_form = nullptr;
    QLineEdit *m_name = nullptr;
    FieldHint *m_nameHint = nullptr;
    QLineEdit *m_path = nullptr;
    QProgressBar *m_progress = nullptr;
    Notice *m_notice = nullptr;
    QPushButton *m_import = nullptr;
};

} // namespace bottega
