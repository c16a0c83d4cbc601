// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QToolButton>

namespace bottega {

/// A small button that puts a text on the clipboard and says so for a moment.
class CopyButton : public QToolButton
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(CopyButton)
public:
    /// `what` names the thing for tooltip and screen reader: "Copy model id".
    explicit CopyButton(const QString &what, QWidget *parent = nullptr);
    void setCopiedText(const QString &text);

private:
    void copy();
    void showCopied(bool copied);

    QString m_what;
    QString m_text;
};

/// "3f1c9a02b7d4…": enough of a SHA-256 to compare by eye.
[[nodiscard]] QString shortHash(const QString &sha256);

} // namespace bottega
