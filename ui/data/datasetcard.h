// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workspace/datasets.h"

#include <QFrame>

#include <filesystem>
#include <optional>

class QHBoxLayout;
class QLabel;
class QProgressBar;
class QPushButton;

namespace bottega {

class IconView;
class Notice;
class SampleStrip;

/// One data set: what it is, how much, whether it is here, some of its images, and what can be done with it. Says what the
/// user asked for; the page does it and reports back.
class DatasetCard : public QFrame
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(DatasetCard)
public:
    explicit DatasetCard(const QString &name, QWidget *parent = nullptr);

    [[nodiscard]] const QString &name() const { return m_name; }
    [[nodiscard]] const std::optional<Dataset> &dataset() const { return m_dataset; }
    /// `folder` is where a ready set's files are.
    void setDataset(const Dataset &dataset, const std::filesystem::path &folder);
    void setDamaged(const Error &error);
    [[nodiscard]] bool isBusy() const { return m_isBusy; }

    /// Work is under way: `text` says which. Without a total the bar just moves.
    void setBusy(const QString &text, bool canCancel);
    void setProgress(qint64 done, qint64 total, const QString &text);
    void setIdle();
    void showError(const Error &error, const QString &action = {});
    void showFailedCheck(const Error &error); // its word stands until there is other work
    void showSuccess(const QString &text);

Q_SIGNALS:
    void getRequested();
    void importRequested();
    void verifyRequested();
    void removeRequested();
    void cancelRequested();

private:
    [[nodiscard]] QPushButton *addButton(QHBoxLayout *row, const QString &objectName, const QString &icon,
                                         const QString &text, void (DatasetCard::*signal)());
    void showState();
    void loadSamples(const std::filesystem::path &folder);

    QString m_name;
    std::optional<Dataset> m_dataset; // none where it is damaged
    bool m_isBusy = false;
    bool m_hasFailedCheck = false;
    bool m_canCancel = false;
    IconView *m_stateIcon = nullptr;
    QLabel *m_title = nullptr;
    QLabel *m_state = nullptr;
    QLabel *m_facts = nullptr;
    QLabel *m_note = nullptr;
    QLabel *m_origin = nullptr;
    SampleStrip *m_samples = nullptr;
    QLabel *m_work = nullptr;
    QProgressBar *m_progress = nullptr;
    Notice *m_notice = nullptr;
    QPushButton *m_get = nullptr;
    QPushButton *m_import = nullptr;
    QPushButton *m_verify = nullptr;
    QPushButton *m_remove = nullptr;
    QPushButton *m_cancel = nullptr;
};

} // namespace bottega
