// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <QWidget>

class QComboBox;
class QPlainTextEdit;

namespace bottega {

/// Editor of a network description in JSON, with samples to start from. The line that an error is about is marked.
class NetworkEditor : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(NetworkEditor)
public:
    explicit NetworkEditor(QWidget *parent = nullptr);

    [[nodiscard]] QString text() const;
    void setText(const QString &json); // laid out with a line for each layer
    /// Marks what an error of parseNetwork or planNetwork names, and says it; null: nothing is wrong.
    /// Returns the words: "Line 3: …".
    QString setError(const Error *error);

    [[nodiscard]] QPlainTextEdit *edit() const { return m_edit; }

Q_SIGNALS:
    void textChanged();

private:
    void insertSample(int index);

    QComboBox *m_samples = nullptr;
    QPlainTextEdit *m_edit = nullptr;
};

/// Where in the JSON the layer of that number begins, counted from 0; −1: there is none.
[[nodiscard]] qsizetype layerOffset(const QString &json, int layer);

} // namespace bottega
