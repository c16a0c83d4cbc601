// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/data/datasetcard.h"

#include "core/base/safename.h"
#include "core/workspace/backgroundtask.h"
#include "ui/data/samplestrip.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/format.h"
#include "ui/widgets/iconview.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

QLabel *textLabel(const QFont &font, QWidget *parent)
{
    auto *label = new QLabel(parent);
    label->setTextFormat(Qt::PlainText);
    label->setFont(font);
    label->setWordWrap(true);
    return label;
}

QLabel *mutedLabel(QWidget *parent)
{
    QLabel *label = textLabel(theme::font(0), parent);
    theme::setLook(label, theme::Look::Muted);
    return label;
}

QString factsText(const Dataset &dataset)
{
    //: training images · test images · image size · classes · bytes unpacked
    return DatasetCard::tr("%1 · %2 · %3 × %4 · %5 · %6")
        .arg(DatasetCard::tr("%Ln training image(s)", nullptr, static_cast<int>(dataset.trainCount)),
             DatasetCard::tr("%Ln test image(s)", nullptr, static_cast<int>(dataset.testCount)),
             QString::number(dataset.columns), QString::number(dataset.rows),
             DatasetCard::tr("%Ln class(es)", nullptr, dataset.classes), bytesText(dataset.bytes));
}

/// What one should know before training on it.
QString noteText(const std::string &name)
{
    if (name == "mnist-small")
        return DatasetCard::tr("The first 10,000 training and 2,000 test images of MNIST, so that a first run needs no "
                               "network. A model trained on it reaches about 91 %; use MNIST for real results.");
    return {};
}

} // namespace

DatasetCard::DatasetCard(const QString &name, QWidget *parent)
    : QFrame(parent)
    , m_name(name)
    , m_stateIcon(new IconView(theme::icon(u"data"_s), 16, this))
    , m_title(textLabel(theme::font(1, true), this))
    , m_state(textLabel(theme::font(0), this))
    , m_facts(textLabel(theme::font(0), this))
    , m_note(textLabel(theme::font(0), this))
    , m_origin(mutedLabel(this))
    , m_samples(new SampleStrip(this))
    , m_work(mutedLabel(this))
    , m_progress(new QProgressBar(this))
    , m_notice(new Notice(this))
{
    setObjectName(u"dataset-"_s + name);
    theme::setLook(this, theme::Look::Card);
    m_state->setObjectName(u"datasetState"_s);
    m_state->setWordWrap(false);
    m_work->setObjectName(u"datasetWork"_s);
    m_progress->setTextVisible(false);

    auto *heading = new QHBoxLayout;
    heading->setSpacing(theme::tight);
    heading->addWidget(m_title, 1);
    heading->addWidget(m_stateIcon);
    heading->addWidget(m_state);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(theme::gap);
    m_get = addButton(buttons, u"getDataset"_s, u"download"_s, QString(), &DatasetCard::getRequested);
    m_import = addButton(buttons, u"importDataset"_s, u"import"_s, tr("Import files…"), &DatasetCard::importRequested);
    m_verify = addButton(buttons, u"verifyDataset"_s, u"verify"_s, tr("Verify"), &DatasetCard::verifyRequested);
    m_remove = addButton(buttons, u"removeDataset"_s, u"delete"_s, tr("Remove…"), &DatasetCard::removeRequested);
    m_cancel = addButton(buttons, u"cancelDataset"_s, u"cancel"_s, tr("Cancel"), &DatasetCard::cancelRequested);
    buttons->addStretch();
    m_get->setIcon(theme::icon(u"download"_s, theme::Color::OnAccent));
    theme::setLook(m_get, theme::Look::Primary);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(theme::wide, theme::wide, theme::wide, theme::wide);
    layout->setSpacing(theme::gap);
    layout->addLayout(heading);
    for (QWidget *widget : {static_cast<QWidget *>(m_facts), static_cast<QWidget *>(m_note), static_cast<QWidget *>(m_origin),
                            static_cast<QWidget *>(m_samples), static_cast<QWidget *>(m_work),
                            static_cast<QWidget *>(m_progress), static_cast<QWidget *>(m_notice)})
        layout->addWidget(widget);
    layout->addLayout(buttons);
    connect(m_notice, &Notice::actionTriggered, this, &DatasetCard::getRequested);
    setIdle();
}

QPushButton *DatasetCard::addButton(QHBoxLayout *row, const QString &objectName, const QString &icon,
                                    const QString &text, void (DatasetCard::*signal)())
{
    auto *button = new QPushButton(theme::icon(icon), text, this);
    button->setObjectName(objectName);
    connect(button, &QPushButton::clicked, this, signal);
    row->addWidget(button);
    return button;
}

void DatasetCard::setDataset(const Dataset &dataset, const std::filesystem::path &folder)
{
    const bool becameReady =
        dataset.state == DatasetState::Ready && (!m_dataset || m_dataset->state != DatasetState::Ready);
    if (!m_dataset)
        m_notice->clear(); // it told the damage
    m_dataset = dataset;
    m_title->setText(shownText(printable(dataset.title)));
    m_facts->setText(factsText(dataset));
    m_note->setText(noteText(dataset.name));
    m_origin->setText(shownText(printable(dataset.origin, 400)));
    if (dataset.state != DatasetState::Ready)
        m_samples->setSamples({}, {});
    else if (becameReady)
        loadSamples(folder);
    showState();
}

void DatasetCard::setDamaged(const Error &error)
{
    m_dataset.reset();
    m_hasFailedCheck = false;
    m_title->setText(m_name);
    m_facts->clear();
    m_note->clear();
    m_origin->clear();
    m_samples->setSamples({}, {});
    m_notice->showError(error);
    showState();
}

void DatasetCard::setBusy(const QString &text, bool canCancel)
{
    m_isBusy = true;
    m_hasFailedCheck = false;
    m_canCancel = canCancel;
    m_notice->clear();
    m_work->setText(text);
    m_progress->setRange(0, 0);
    showState();
}

void DatasetCard::setProgress(qint64 done, qint64 total, const QString &text)
{
    constexpr int steps = 1000;
    m_progress->setRange(0, total > 0 ? steps : 0);
    if (total > 0)
        m_progress->setValue(static_cast<int>(std::min(done, total) * steps / total));
    m_work->setText(text);
}

void DatasetCard::setIdle()
{
    m_isBusy = false;
    showState();
}

void DatasetCard::showError(const Error &error, const QString &action)
{
    m_notice->showError(error);
    m_notice->setAction(action);
}

void DatasetCard::showFailedCheck(const Error &error)
{
    m_hasFailedCheck = error.code == ErrorCode::Corrupt;
    m_notice->showError(error);
    showState();
}

void DatasetCard::showSuccess(const QString &text)
{
    m_notice->showSuccess(text);
}

void DatasetCard::showState()
{
    const bool isReady = m_dataset && m_dataset->state == DatasetState::Ready;
    const bool isOffered = m_dataset && m_dataset->state == DatasetState::Offered;
    const bool isDamaged = !m_dataset || m_hasFailedCheck;
    m_stateIcon->setIcon(isDamaged ? theme::icon(u"warning"_s, theme::Color::Danger)
                         : isReady ? theme::icon(u"check"_s, theme::Color::Success)
                                   : theme::icon(u"download"_s, theme::Color::Muted));
    m_state->setText(isDamaged   ? tr("Damaged")
                     : isReady   ? tr("Ready, proved by SHA-256")
                     : isOffered ? tr("At hand on this machine")
                                 : tr("To be downloaded"));
    for (QLabel *label : {m_facts, m_note, m_origin})
        label->setVisible(!label->text().isEmpty());
    m_work->setVisible(m_isBusy);
    m_progress->setVisible(m_isBusy);
    m_get->setText(isOffered ? tr("Get") : tr("Download"));
    m_get->setVisible(!m_isBusy && m_dataset && !isReady);
    m_import->setVisible(!m_isBusy && m_dataset && !isReady);
    m_verify->setVisible(!m_isBusy && isReady);
    m_remove->setVisible(!m_isBusy && (isReady || !m_dataset));
    m_cancel->setVisible(m_isBusy && m_canCancel);
}

void DatasetCard::loadSamples(const std::filesystem::path &folder)
{
    runInBackground(
        this, [folder] { return readClassSamples(folder); },
        [this](const Result<std::vector<ClassSample>> &samples) {
            if (!m_dataset || m_dataset->state != DatasetState::Ready)
                return;
            if (samples)
                m_samples->setSamples(*samples, m_dataset->classNames);
            else
                m_notice->showError(samples.error());
        });
}

} // namespace bottega
