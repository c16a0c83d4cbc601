// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workspace/models.h"
#include "core/workspace/runrecord.h"
#include "core/workspace/workspace.h"

#include <QDialog>

#include <map>
#include <vector>

class QComboBox;
class QPlainTextEdit;
class QPushButton;

namespace bottega {

class FieldHint;
class Notice;
class TagEditor;

/// Registers an artifact of a run as the next version of a model. To be shown with open(); registering goes on in the
/// background, and an error leaves the form as it was filled in.
class RegisterModelDialog : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(RegisterModelDialog)
public:
    /// An empty `artifactPath` stands for outputs/model.npz.
    RegisterModelDialog(const Workspace &workspace, const RunRecord &record, const RunFolder &run,
                        const QString &artifactPath, QWidget *parent = nullptr);

    void reject() override; // not while registering: what was asked is being done

Q_SIGNALS:
    void registered(const bottega::Model &model);

private:
    struct Known // what the disk says, read once in the background
    {
        std::map<std::string, int> nextVersions; // by name
        std::vector<Artifact> artifacts;
    };

    void buildForm(const QString &name, const QString &artifactPath);
    void loadKnown();
    void showKnown(const Known &known);
    void validate();
    [[nodiscard]] QString nameProblem() const;
    [[nodiscard]] QString artifactProblem() const;
    void registerNow();
    void finish(const Result<Model> &result);
    void setBusy(bool busy);

    Workspace m_workspace;
    RunFolder m_run;
    Known m_known;
    bool m_isKnown = false;
    bool m_isBusy = false;
    QWidget *m_form = nullptr;
    QComboBox *m_name = nullptr;
    FieldHint *m_nameHint = nullptr;
    QComboBox *m_artifact = nullptr;
    FieldHint *m_artifactHint = nullptr;
    QPlainTextEdit *m_description = nullptr;
    TagEditor *m_tags = nullptr;
    Notice *m_notice = nullptr;
    QPushButton *m_register = nullptr;
};

} // namespace bottega
