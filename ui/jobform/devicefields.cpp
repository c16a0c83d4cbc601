// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobform/devicefields.h"

#include "core/engine/backend/precision.h"
#include "core/workspace/backgroundtask.h"
#include "ui/jobform/formfield.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/format.h"

#include <QComboBox>
#include <QLineEdit>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

constexpr int secondsBetween = 3;

QString gpuItem(const GpuDevice &gpu)
{
    return DeviceFields::tr("GPU %1: %2, %3", "index, name, memory")
        .arg(QString::number(gpu.index), toQString(gpu.name), bytesText(gpu.memoryBytes));
}

QString gpuUse(const GpuDevice &gpu)
{
    const QString memory = DeviceFields::tr("%1 of %2 in use", "memory of a GPU").arg(bytesText(gpu.memoryUsedBytes), bytesText(gpu.memoryBytes));
    if (!gpu.busyPercent)
        return memory;
    return DeviceFields::tr("%1, %2 % busy", "use of memory, use of the GPU").arg(memory, QString::number(*gpu.busyPercent));
}

QString whyNoGpu(const DeviceList &devices)
{
    switch (devices.absence) {
    case GpuAbsence::None:
        return {};
    case GpuAbsence::NoDriver:
        return DeviceFields::tr("No GPU: no NVIDIA driver is installed (nvidia-smi was not found).");
    case GpuAbsence::NoGpu:
        return DeviceFields::tr("No GPU: the NVIDIA driver finds none.");
    case GpuAbsence::Failed:
        return DeviceFields::tr("No GPU: nvidia-smi failed: %1").arg(toQString(devices.reason));
    case GpuAbsence::TimedOut:
        return DeviceFields::tr("No GPU: nvidia-smi does not answer.");
    }
    Q_UNREACHABLE();
}

} // namespace

DeviceFields::DeviceFields(QWidget *form)
    : QObject(form)
    , m_form(form)
    , m_device(new QComboBox(form))
    , m_threads(new QLineEdit(form))
    , m_precision(new QComboBox(form))
{
    m_device->setObjectName(u"deviceField"_s);
    m_device->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_device->addItem(tr("Automatic"), u"auto"_s);
    m_device->addItem(tr("CPU"), u"cpu"_s);
    m_deviceField = new FormField(tr("De&vice"), m_device, tr("Looking for GPUs…"), {}, form);
    m_threads->setObjectName(u"threadsField"_s);
    m_threadsField = new FormField(tr("CPU t&hreads"), m_threads, tr("The result does not depend on their number."), {}, form);
    m_precision->setObjectName(u"precisionField"_s);
    for (const std::string_view name : engine::precisionNames) {
        const QString text = toQString(std::string(name));
        m_precision->addItem(text.toUpper(), text);
    }
    m_precisionField = new FormField(tr("Prec&ision"), m_precision,
                                     tr("Of products on a GPU. TF32 and BF16 are faster in large layers, and round more."), {}, form);
    m_pause.setSingleShot(true);
    m_pause.setInterval(secondsBetween * 1000);
    connect(&m_pause, &QTimer::timeout, this, &DeviceFields::read);
    connect(m_threads, &QLineEdit::textChanged, this, &DeviceFields::changed);
    connect(m_precision, &QComboBox::currentIndexChanged, this, &DeviceFields::changed);
    connect(m_device, &QComboBox::currentIndexChanged, this, [this] {
        showHelp();
        enableFields();
        Q_EMIT changed();
    });
    enableFields();
    read();
}

QWidget *DeviceFields::deviceEditor() const
{
    return m_device;
}

QWidget *DeviceFields::threadsEditor() const
{
    return m_threads;
}

QWidget *DeviceFields::precisionEditor() const
{
    return m_precision;
}

void DeviceFields::read()
{
    if (m_isRead && !m_form->isVisible()) {
        m_pause.start();
        return;
    }
    runInBackground(
        this, [] { return readDevices(); },
        [this](const DeviceList &devices) {
            take(devices);
            m_pause.start();
        });
}

void DeviceFields::take(const DeviceList &devices)
{
    const bool isNew = !m_isRead || devices != m_devices;
    m_isRead = true;
    if (!isNew)
        return;
    m_devices = devices;
    showItems();
    showHelp();
    enableFields();
    Q_EMIT devicesChanged();
}

void DeviceFields::setItem(const QString &device, const QString &text)
{
    const int index = m_device->findData(device);
    if (index < 0)
        m_device->addItem(text, device);
    else
        m_device->setItemText(index, text);
}

/// Items are changed in place: the list may be open, and one of them is chosen.
void DeviceFields::showItems()
{
    const QString processor = toQString(m_devices.cpu.name), set = toQString(m_devices.cpu.instructionSet);
    setItem(u"cpu"_s, processor.isEmpty() ? tr("CPU: %1", "instruction set").arg(set)
                                          : tr("CPU: %1, %2", "name, instruction set").arg(processor, set));
    for (const GpuDevice &gpu : m_devices.gpus)
        setItem(u"cuda:"_s + toQString(gpu.uuid), gpuItem(gpu));
    for (int i = m_device->count() - 1; i >= 0; --i) {
        const QString device = m_device->itemData(i).toString();
        const auto isIt = [&device](const GpuDevice &gpu) { return device == u"cuda:"_s + toQString(gpu.uuid); };
        if (!device.startsWith("cuda:"_L1) || std::any_of(m_devices.gpus.begin(), m_devices.gpus.end(), isIt))
            continue;
        if (i == m_device->currentIndex())
            m_device->setItemText(i, tr("%1: not on this computer", "a GPU").arg(device.mid(5)));
        else
            m_device->removeItem(i);
    }
    m_threads->setPlaceholderText(tr("all: %1", "number of threads").arg(m_devices.cpu.processors));
}

void DeviceFields::showHelp()
{
    if (!m_isRead)
        return;
    QString help = tr("A GPU where the trainer can use one, else the CPU.");
    if (!m_devices.gpus.empty() && chosen() == "cpu"_L1)
        help = tr("Leaves the GPU to others.");
    if (m_devices.gpus.empty())
        help = whyNoGpu(m_devices);
    for (const GpuDevice &gpu : m_devices.gpus) {
        if (chosen() == u"cuda:"_s + toQString(gpu.uuid))
            help = gpuUse(gpu);
    }
    m_deviceField->setHelp(help);
}

void DeviceFields::enableFields()
{
    const bool isGpu = chosen().startsWith("cuda"_L1);
    m_threads->setEnabled(!isGpu);
    m_precision->setEnabled(isGpu || (chosen() == "auto"_L1 && !m_devices.gpus.empty()));
}

QString DeviceFields::chosen() const
{
    return m_device->currentData().toString();
}

void DeviceFields::choose(const Job &job)
{
    const bool wantsCpu = job.device == "cpu" || (job.device == "auto" && job.gpu == "never");
    const bool wantsAny = job.device == "cuda" || (job.device == "auto" && job.gpu == "require");
    const QString device = wantsCpu ? u"cpu"_s : wantsAny ? u"cuda"_s : toQString(job.device);
    if (m_device->findData(device) < 0)
        m_device->addItem(wantsAny ? tr("Any GPU") : device.mid(5), device);
    m_device->setCurrentIndex(m_device->findData(device));
    m_threads->setText(job.threads > 0 ? QString::number(job.threads) : QString());
    m_precision->setCurrentIndex(qMax(0, m_precision->findData(toQString(job.precision))));
}

void DeviceFields::fill(JobRequest &request) const
{
    request.device = toStdString(chosen());
    request.gpu = request.device == "cpu" ? "never" : "auto";
    request.threads = m_threads->isEnabled() ? m_threads->text().trimmed().toInt() : 0;
    request.precision = m_precision->isEnabled() ? toStdString(m_precision->currentData().toString()) : Job().precision;
}

void DeviceFields::check()
{
    bool isNumber = true;
    const QString text = m_threads->text().trimmed();
    const int count = text.toInt(&isNumber);
    const int most = m_isRead ? m_devices.cpu.processors : 65'536;
    const bool fits = text.isEmpty() || !m_threads->isEnabled() || (isNumber && count >= 1 && count <= most);
    m_threadsField->setComplaint(fits ? QString() : tr("A whole number is needed: 1 to %1.").arg(most));
}

bool DeviceFields::isAcceptable() const
{
    return m_threadsField->complaint().isEmpty();
}

} // namespace bottega
