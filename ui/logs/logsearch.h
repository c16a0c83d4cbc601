// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>
#include <QWidget>

#include <vector>

class QLabel;
class QLineEdit;
class QPlainTextEdit;

namespace bottega {

/// The search field over a log: all places counted and marked, next and previous with Enter and Shift+Enter (F3 too). The
/// text may grow while one searches.
class LogSearch : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(LogSearch)
public:
    explicit LogSearch(QPlainTextEdit *edit, QWidget *parent = nullptr);

    void begin(); // focus the field; the selected word becomes the search text
    void next();
    void previous();
    [[nodiscard]] QString countText() const;

Q_SIGNALS:
    void jumped(); // the view now shows a place that was searched for

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void build();
    void restart();
    void countMatches();
    void markVisible();
    void jump(bool backward);
    void showCount();

    QPlainTextEdit *m_edit;
    QLineEdit *m_field = nullptr;
    QLabel *m_count = nullptr;
    QTimer m_delay;
    std::vector<int> m_matches; // positions in the document, sorted
    bool m_more = false;        // there are more than were counted
};

} // namespace bottega
