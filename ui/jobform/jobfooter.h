// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QLabel;
class QPushButton;

namespace bottega {

class Notice;

/// The foot of the form for a new run: what is wrong with it, what would run and how long, and its two buttons.
class JobFooter : public QFrame
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(JobFooter)
public:
    explicit JobFooter(QWidget *parent = nullptr);

    [[nodiscard]] Notice *notice() const { return m_notice; }
    void setSummary(const QString &text);
    void setEstimate(const QString &text);
    void setRunnable(bool runnable);

Q_SIGNALS:
    void runRequested();
    void cancelRequested();

private:
    QLabel *makeText(const QString &objectName);

    Notice *m_notice = nullptr;
    QLabel *m_estimate = nullptr;
    QLabel *m_summary = nullptr;
    QPushButton *m_run = nullptr;
};

} // namespace bottega
