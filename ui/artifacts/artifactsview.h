// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/runfolder.h"

#include <QStringList>
#include <QWidget>

#include <optional>
#include <vector>

class QPushButton;
class QStackedWidget;
class QTreeView;

namespace bottega {

class ArtifactPreview;
class ArtifactsModel;

/// The files a run made: a tree by folder with sizes, a preview of the chosen one, and what can be done with them. Files
/// are read in the background and never through links; what grows while it is shown keeps selection and place.
class ArtifactsView : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ArtifactsView)
public:
    explicit ArtifactsView(QWidget *parent = nullptr);

    void setRun(const RunFolder &run); // forgets the artifacts of the former one
    void setArtifacts(const std::vector<Artifact> &artifacts);
    /// Artifact paths of the chosen files and folders, the latter as their path.
    [[nodiscard]] QStringList selectedPaths() const;

Q_SIGNALS:
    void registerRequested(const QString &artifactPath);
    void downloadRequested(const QStringList &paths);

private:
    void selectFirstModel();
    void updateChosen();

    std::optional<RunFolder> m_run;
    ArtifactsModel *m_model = nullptr;
    QTreeView *m_tree = nullptr;
    ArtifactPreview *m_preview = nullptr;
    QStackedWidget *m_pages = nullptr;
    QPushButton *m_register = nullptr;
    QPushButton *m_download = nullptr;
};

} // namespace bottega
