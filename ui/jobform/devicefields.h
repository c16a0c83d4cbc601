// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compute/devices.h"
#include "core/compute/submit.h"

#include <QObject>
#include <QTimer>

class QComboBox;
class QLineEdit;
class QWidget;

namespace bottega {

class FormField;

/// The fields for the device, the number of threads and the precision. The devices are read in the background, again and again while
/// the form is open, so that memory and use of the GPUs are those of the moment.
class DeviceFields : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(DeviceFields)
public:
    explicit DeviceFields(QWidget *form);

    [[nodiscard]] FormField *deviceField() const { return m_deviceField; }
    [[nodiscard]] FormField *threadsField() const { return m_threadsField; }
    [[nodiscard]] FormField *precisionField() const { return m_precisionField; }
    [[nodiscard]] QWidget *deviceEditor() const;
    [[nodiscard]] QWidget *threadsEditor() const;
    [[nodiscard]] QWidget *precisionEditor() const;

    void choose(const Job &job);
    void fill(JobRequest &request) const;
    void check();
    [[nodiscard]] bool isAcceptable() const;
    [[nodiscard]] const DeviceList &devices() const { return m_devices; } // empty until they are read

Q_SIGNALS:
    void changed();
    void devicesChanged();

private:
    void read();
    void take(const DeviceList &devices);
    void showItems();
    void showHelp();
    void enableFields();
    void setItem(const QString &device, const QString &text);
    [[nodiscard]] QString chosen() const;

    QWidget *m_form = nullptr;
    QComboBox *m_device = nullptr;
    QLineEdit *m_threads = nullptr;
    QComboBox *m_precision = nullptr;
    FormField *m_deviceField = nullptr;
    FormField *m_threadsField = nullptr;
    FormField *m_precisionField = nullptr;
    QTimer m_pause;
    DeviceList m_devices;
    bool m_isRead = false;
};

} // namespace bottega
