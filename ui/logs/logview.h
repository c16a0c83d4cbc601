// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/logs/logdecoder.h"

#include <QByteArray>
#include <QTimer>
#include <QWidget>

#include <vector>

class QCheckBox;
class QLabel;
class QPlainTextEdit;

namespace bottega {

class LogSearch;

/// A live log: bytes come in any pieces, the end is followed until the user scrolls away. Keeps about the last limit()
/// bytes and says how much it no longer shows. Large pieces are taken in slices, so that the window never waits.
class LogView : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(LogView)
public:
    explicit LogView(QWidget *parent = nullptr);

    void clear(); // for another run
    void append(const QByteArray &bytes);

    /// Bytes of the log that are kept, 4 MiB unless set.
    void setLimit(qsizetype bytes);
    [[nodiscard]] qsizetype limit() const { return m_limit; }
    [[nodiscard]] bool isFollowing() const;
    [[nodiscard]] QString text() const; // as shown
    [[nodiscard]] QPlainTextEdit *edit() const { return m_edit; }
    [[nodiscard]] LogSearch *search() const { return m_search; }

protected:
    void changeEvent(QEvent *event) override;

private:
    /// While one lives, the view moves the scroll bar and not the user.
    class ScopedScroll
    {
    public:
        explicit ScopedScroll(LogView &view) : m_view(view) { ++m_view.m_ownScrolls; }
        ~ScopedScroll() { --m_view.m_ownScrolls; }
        Q_DISABLE_COPY_MOVE(ScopedScroll)

    private:
        LogView &m_view;
    };

    void buildToolBar();
    void buildEdit();
    void takeSlice();
    void dropPending();
    void insert(const std::vector<LogPiece> &pieces);
    void trim();
    void setFollowing(bool following);
    void toEnd();
    void copy();
    void recolour();
    void updateNotice();

    LogDecoder m_decoder;
    QByteArray m_pending; // not yet in the view
    QTimer m_slice;
    qsizetype m_limit = qsizetype{4} << 20;
    qsizetype m_dropped = 0;    // bytes no longer shown
    int m_ownScrolls = 0;
    bool m_hasColors = false;

    QPlainTextEdit *m_edit = nullptr;
    LogSearch *m_search = nullptr;
    QLabel *m_notice = nullptr;
    QWidget *m_toolBar = nullptr;
    QCheckBox *m_follow = nullptr;
    QCheckBox *m_wrap = nullptr;
};

} // namespace bottega
