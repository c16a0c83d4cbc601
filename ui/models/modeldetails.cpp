// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/modeldetails.h"

#include "core/base/safename.h"
#include "core/workspace/backgroundtask.h"
#include "ui/models/descriptionedit.h"
#include "ui/models/downloaddialog.h"
#include "ui/models/evaluationpanel.h"
#include "ui/models/modelsmodel.h"
#include "ui/models/tageditor.h"
#include "ui/widgets/copybutton.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/format.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/theme.h"

#include <QFormLayout>
#include <QFrame>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

constexpr int factWidth = 110;

QLabel *plain(const QString &text, QWidget *parent)
{
    auto *label = new QLabel(parent);
    label->setTextFormat(Qt::PlainText);
    label->setText(text);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

QLabel *muted(const QString &text, QWidget *parent)
{
    QLabel *label = plain(text, parent);
    theme::setLook(label, theme::Look::Muted);
    return label;
}

QLabel *mono(const QString &text, QWidget *parent)
{
    QLabel *label = plain(text, parent);
    label->setFont(theme::monospace());
    return label;
}

QString shown(const std::string &text)
{
    return shownText(printable(text, 60)); // the facts share a line
}

CopyButton *copyButton(const QString &what, const std::string &text, QWidget *parent)
{
    auto *button = new CopyButton(what, parent);
    button->setCopiedText(toQString(text));
    return button;
}

QWidget *row(std::initializer_list<QWidget *> widgets)
{
    auto *box = new QWidget((*widgets.begin())->parentWidget());
    auto *layout = new QHBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::tight);
    for (QWidget *widget : widgets)
        layout->addWidget(widget);
    layout->addStretch();
    return box;
}

QFrame *figure(const QString &value, const QString &name, QWidget *parent)
{
    auto *card = new QFrame(parent);
    theme::setLook(card, theme::Look::Card);
    auto *layout = new QVBoxLayout(card);
    layout->setContentsMargins(theme::wide, theme::gap + theme::tight, theme::wide, theme::gap + theme::tight);
    layout->setSpacing(0);
    QLabel *number = plain(value, card);
    number->setFont(theme::font(2, true));
    layout->addWidget(number);
    layout->addWidget(muted(name, card));
    return card;
}

} // namespace

ModelDetails::ModelDetails(const Workspace &workspace, const Model &model, QWidget *parent)
    : QWidget(parent)
    , m_workspace(workspace)
    , m_model(model)
    , m_layout(new QVBoxLayout(this))
    , m_notice(new Notice(this))
    , m_description(new DescriptionEdit(this))
    , m_tags(new TagEditor(this))
{
    m_layout->setContentsMargins(theme::page, theme::page, theme::page, theme::page);
    m_layout->setSpacing(theme::gap);
    m_layout->addWidget(makeHeader());
    m_layout->addWidget(m_notice);
    m_layout->addSpacing(theme::gap);
    m_layout->addWidget(makeFigures());
    addSection(tr("Description"), m_description);
    addSection(tr("Tags"), m_tags);
    addSection(tr("Where it comes from"), makeLineage());
    addSection(tr("Files"), makeFiles());
    addSection(tr("Evaluate on a data set"), new EvaluationPanel(workspace, model, this));
    if (!model.metrics.empty())
        addSection(tr("Metrics when it was registered"), makeMetrics());
    m_layout->addStretch();
    showNewer(model);

    connect(m_description, &DescriptionEdit::descriptionChanged, this, [this](const QString &text) {
        change([model = m_model, text = toStdString(text)](const Models &models) { return models.setDescription(model, text); });
    });
    connect(m_tags, &TagEditor::tagAdded, this, [this](const QString &key, const QString &value) {
        change([model = m_model, key = toStdString(key), value = toStdString(value)](const Models &models) {
            return models.setTag(model, key, value);
        });
    });
    connect(m_tags, &TagEditor::tagRemoved, this, [this](const QString &key) {
        change([model = m_model, key = toStdString(key)](const Models &models) {
            return models.setTag(model, key, std::nullopt);
        });
    });
}

void ModelDetails::showNewer(const Model &model)
{
    if (m_saving > 0)
        return;
    m_description->setDescription(toQString(model.description));
    if (m_tags->tags() != model.tags)
        m_tags->setTags(model.tags);
    m_model = model;
}

QWidget *ModelDetails::makeHeader()
{
    QLabel *title = plain(shown(m_model.id()), this);
    title->setObjectName(u"modelId"_s);
    title->setFont(theme::font(2, true));
    auto *download = new QPushButton(theme::icon(u"download"_s), tr("Download…"), this);
    download->setObjectName(u"downloadModel"_s);
    connect(download, &QPushButton::clicked, this, [this] { downloadModel(window(), m_workspace, m_model); });
    auto *remove = new QPushButton(theme::icon(u"delete"_s), tr("Delete"), this);
    remove->setObjectName(u"deleteModel"_s);
    remove->setToolTip(tr("Move this version to the trash"));
    connect(remove, &QPushButton::clicked, this, &ModelDetails::deleteRequested);

    auto *box = new QWidget(this);
    auto *layout = new QGridLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setHorizontalSpacing(theme::gap);
    layout->setVerticalSpacing(theme::tight);
    layout->addWidget(row({title, copyButton(tr("Copy model id"), m_model.id(), this)}), 0, 0);
    layout->addWidget(download, 0, 1);
    layout->addWidget(remove, 0, 2);
    layout->addWidget(muted(tr("Registered %1").arg(momentText(m_model.createdAt)), this), 1, 0);
    layout->setColumnStretch(0, 1);
    return box;
}

QWidget *ModelDetails::makeFigures()
{
    auto *box = new QWidget(this);
    auto *layout = new QHBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::gap);
    if (const auto accuracy = accuracyOf(m_model))
        layout->addWidget(figure(percentText(*accuracy), tr("accuracy"), box));
    if (const auto loss = m_model.metrics.find("val/loss"); loss != m_model.metrics.end())
        layout->addWidget(figure(QLocale().toString(loss->second, 'f', 4), tr("loss"), box));
    layout->addWidget(figure(bytesText(bytesOf(m_model)), tr("%n file(s)", nullptr, static_cast<int>(m_model.files.size())), box));
    layout->addStretch();
    return box;
}

QWidget *ModelDetails::makeLineage()
{
    auto *box = new QWidget(this);
    auto *form = new QFormLayout(box);
    form->setContentsMargins(0, 0, 0, 0);
    form->setHorizontalSpacing(theme::wide);
    form->setVerticalSpacing(2);
    auto *run = new QToolButton(box);
    run->setObjectName(u"openRun"_s);
    run->setIcon(theme::icon(u"runs"_s, theme::Color::Accent));
    run->setIconSize({16, 16});
    run->setText(plainLabel(shown(m_model.run)));
    run->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    run->setToolTip(tr("Open the run that made this model"));
    run->setCursor(Qt::PointingHandCursor);
    theme::setLook(run, theme::Look::Compact);
    connect(run, &QToolButton::clicked, this, [this] { Q_EMIT runRequested(toQString(m_model.run)); });
    if (!m_model.run.empty())
        form->addRow(muted(tr("Run"), box), row({run, copyButton(tr("Copy run id"), m_model.run, box)}));
    addFact(form, tr("Experiment"), m_model.experiment);
    addFact(form, tr("Recipe"), m_model.recipe);
    addFact(form, tr("Data set"), m_model.dataName);
    if (!m_model.dataSha256.empty())
        form->addRow(muted(tr("Data SHA-256"), box), row({mono(shortHash(shown(m_model.dataSha256)), box),
                                                          copyButton(tr("Copy SHA-256 of the data"), m_model.dataSha256, box)}));
    if (form->rowCount() > 0)
        form->itemAt(0, QFormLayout::LabelRole)->widget()->setMinimumWidth(factWidth);
    return box;
}

void ModelDetails::addFact(QFormLayout *form, const QString &label, const std::string &value)
{
    if (!value.empty())
        form->addRow(muted(label, form->parentWidget()), plain(shown(value), form->parentWidget()));
}

QWidget *ModelDetails::makeMetrics()
{
    auto *box = new QWidget(this);
    auto *form = new QFormLayout(box);
    form->setContentsMargins(0, 0, 0, 0);
    form->setHorizontalSpacing(theme::wide);
    form->setVerticalSpacing(theme::tight);
    for (const auto &[name, value] : m_model.metrics)
        form->addRow(muted(shown(name), box), plain(QLocale().toString(value, 'g', 6), box));
    form->itemAt(0, QFormLayout::LabelRole)->widget()->setMinimumWidth(factWidth);
    return box;
}

QWidget *ModelDetails::makeFiles()
{
    auto *box = new QWidget(this);
    auto *grid = new QGridLayout(box);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(theme::wide);
    grid->setVerticalSpacing(theme::tight);
    grid->setColumnStretch(3, 1);
    const QString titles[] = {tr("Name"), tr("Size"), tr("SHA-256")};
    for (int column = 0; column < 3; ++column)
        grid->addWidget(muted(titles[column], box), 0, column);
    for (const ModelFile &file : m_model.files) {
        const int at = grid->rowCount();
        grid->addWidget(plain(shown(file.path), box), at, 0);
        grid->addWidget(plain(bytesText(file.size), box), at, 1);
        grid->addWidget(row({mono(shortHash(shown(file.sha256)), box),
                             copyButton(tr("Copy SHA-256 of %1").arg(shown(file.path)), file.sha256, box)}),
                        at, 2);
    }
    grid->setColumnMinimumWidth(0, factWidth);
    return box;
}

void ModelDetails::addSection(const QString &title, QWidget *content)
{
    QLabel *heading = plain(title, this);
    heading->setFont(theme::font(1, true));
    m_layout->addSpacing(theme::wide);
    m_layout->addWidget(heading);
    m_layout->addWidget(content);
}

void ModelDetails::change(std::function<Result<void>(const Models &)> work)
{
    ++m_saving;
    runInBackground(
        this, [work = std::move(work), models = Models(m_workspace)] { return work(models); },
        [this](const Result<void> &result) {
            --m_saving;
            m_notice->clear();
            if (!result)
                m_notice->showError(result.error());
            Q_EMIT changed(); // after a refusal too: what is on disk is shown again
        });
}

} // namespace bottega
