// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobform/limitfields.h"

#include "ui/jobform/durationinput.h"
#include "ui/jobform/formfield.h"
#include "ui/widgets/format.h"

#include <QLineEdit>

namespace bottega {

using namespace Qt::StringLiterals;

LimitFields::LimitFields(QWidget *form)
    : QObject(form)
    , m_duration(makeEdit(u"maxDurationField"_s, form))
    , m_memory(makeEdit(u"maxMemoryField"_s, form))
    , m_disk(makeEdit(u"maxDiskField"_s, form))
{
    m_durationField = new FormField(tr("&Longest duration"), m_duration,
                                    tr("Such as 90 s, 10 min or 1:30:00. The run is stopped when it is over."), {}, form);
    m_memoryField = new FormField(tr("Most &memory"), m_memory,
                                  tr("Such as 2 GiB or 500 MB. The run is stopped when its processes use more."), {}, form);
    m_diskField = new FormField(tr("Most dis&k space"), m_disk,
                                tr("Such as 10 GiB. The run is stopped when its folder takes more."), {}, form);
}

QLineEdit *LimitFields::makeEdit(const QString &objectName, QWidget *form)
{
    auto *edit = new QLineEdit(form);
    edit->setObjectName(objectName);
    edit->setPlaceholderText(tr("no limit"));
    connect(edit, &QLineEdit::textChanged, this, &LimitFields::changed);
    return edit;
}

void LimitFields::choose(const Job &job)
{
    if (job.maxDurationSeconds > 0)
        m_duration->setText(durationText(job.maxDurationSeconds));
    m_memory->setText(sizeInput(job.maxMemoryBytes));
    m_disk->setText(sizeInput(job.maxDiskBytes));
}

void LimitFields::fill(JobRequest &request) const
{
    request.maxDurationSeconds = parseDuration(m_duration->text()).value_or(0);
    request.maxMemoryBytes = parseSize(m_memory->text()).value_or(0);
    request.maxDiskBytes = parseSize(m_disk->text()).value_or(0);
}

void LimitFields::check()
{
    m_durationField->setComplaint(
        parseDuration(m_duration->text()) ? QString() : tr("A time is needed, such as 90 s, 10 min or 1:30:00."));
    const auto sizeComplaint = [](const QLineEdit *edit) {
        return parseSize(edit->text()) ? QString() : tr("A size of at least 1 MiB is needed, such as 2 GiB or 500 MB.");
    };
    m_memoryField->setComplaint(sizeComplaint(m_memory));
    m_diskField->setComplaint(sizeComplaint(m_disk));
}

bool LimitFields::isAcceptable() const
{
    return m_durationField->complaint().isEmpty() && m_memoryField->complaint().isEmpty() && m_diskField->complaint().isEmpty();
}

} // namespace bottega
