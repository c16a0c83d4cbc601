// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "ui/artifacts/artifactcontent.h"

#include <QTimer>
#include <QWidget>

#include <filesystem>

class QLabel;
class QPlainTextEdit;
class QStackedWidget;
class QTableView;

namespace bottega {

class ArraysModel;
class EmptyState;
class ImageView;
class Notice;

/// Shows one artifact: text, picture or the arrays of an .npz. Reads in the background; a newer request makes an older
/// one void.
class ArtifactPreview : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ArtifactPreview)
public:
    explicit ArtifactPreview(QWidget *parent = nullptr);

    void showArtifact(const std::filesystem::path &work, const QString &path);
    void showNothing(const QString &hint);
    /// The artifact grew: reads it again soon, once however often this is called meanwhile.
    void refreshSoon();
    [[nodiscard]] QString path() const { return m_path; }

private:
    void read();
    void showContent(const Result<ArtifactContent> &content);
    void showText(const TextContent &content);
    void showImage(const QImage &image);
    void showArrays(const std::vector<ArraySummary> &arrays);

    std::filesystem::path m_work;
    QString m_path;
    int m_request = 0;
    QTimer m_refresh;
    QLabel *m_title = nullptr;
    QLabel *m_caption = nullptr;
    Notice *m_notice = nullptr;
    QStackedWidget *m_pages = nullptr;
    EmptyState *m_empty = nullptr;
    QPlainTextEdit *m_text = nullptr;
    ImageView *m_image = nullptr;
    QTableView *m_table = nullptr;
    ArraysModel *m_arrays = nullptr;
};

} // namespace bottega
