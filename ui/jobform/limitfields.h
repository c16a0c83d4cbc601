// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compute/submit.h"

#include <QObject>

class QLineEdit;
class QWidget;

namespace bottega {

class FormField;

/// The fields for the longest duration, the most memory and the most disk space of a run. Empty is no limit.
class LimitFields : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(LimitFields)
public:
    explicit LimitFields(QWidget *form);

    [[nodiscard]] FormField *durationField() const { return m_durationField; }
    [[nodiscard]] FormField *memoryField() const { return m_memoryField; }
    [[nodiscard]] FormField *diskField() const { return m_diskField; }

    void choose(const Job &job);
    void fill(JobRequest &request) const;
    void check();
    [[nodiscard]] bool isAcceptable() const;

Q_SIGNALS:
    void changed();

private:
    QLineEdit *makeEdit(const QString &objectName, QWidget *form);

    QLineEdit *m_duration = nullptr;
    QLineEdit *m_memory = nullptr;
    QLineEdit *m_disk = nullptr;
    FormField *m_durationField = nullptr;
    FormField *m_memoryField = nullptr;
    FormField *m_diskField = nullptr;
};

} // namespace bottega
