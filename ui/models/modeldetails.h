// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workspace/models.h"
#include "core/workspace/workspace.h"

#include <QWidget>

#include <functional>

class QFormLayout;
class QVBoxLayout;

namespace bottega {

class DescriptionEdit;
class Notice;
class TagEditor;

/// One version of a model with all that is known of it, and what can be done with it. Description and tags are saved as
/// soon as they are changed.
class ModelDetails : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ModelDetails)
public:
    ModelDetails(const Workspace &workspace, const Model &model, QWidget *parent = nullptr);

    [[nodiscard]] const Model &model() const { return m_model; }
    /// Newer description and tags of the same version; passed over while a change is being saved.
    void showNewer(const Model &model);

Q_SIGNALS:
    void runRequested(const QString &runId);
    void deleteRequested();
    void changed(); // description or tags, on disk

private:
    [[nodiscard]] QWidget *makeHeader();
    [[nodiscard]] QWidget *makeFigures();
    [[nodiscard]] QWidget *makeLineage();
    [[nodiscard]] QWidget *makeMetrics();
    [[nodiscard]] QWidget *makeFiles();
    void addSection(const QString &title, QWidget *content);
    void addFact(QFormLayout *form, const QString &label, const std::string &value);
    void change(std::function<Result<void>(const Models &)> work);

    Workspace m_workspace;
    Model m_model;
    int m_saving = 0;
    QVBoxLayout *m_layout = nullptr;
    Notice *m_notice = nullptr;
    DescriptionEdit *m_description = nullptr;
    TagEditor *m_tags = nullptr;
};

} // namespace bottega
