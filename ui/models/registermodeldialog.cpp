// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/registermodeldialog.h"

#include "core/base/safename.h"
#include "core/workspace/backgroundtask.h"
#include "ui/models/tageditor.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/fieldhint.h"
#include "ui/widgets/format.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/theme.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTextDocument>
#include <QVBoxLayout>

#include <algorithm>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype longestDescription = 5000;

QComboBox *editableCombo(const QString &name, const QString &text, QWidget *parent)
{
    auto *combo = new QComboBox(parent);
    combo->setObjectName(name);
    combo->setEditable(true);
    combo->setInsertPolicy(QComboBox::NoInsert);
    combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    combo->setMinimumContentsLength(40);
    combo->setCurrentText(text);
    return combo;
}

QWidget *withHint(QWidget *field, QWidget *hint)
{
    auto *box = new QWidget(field->parentWidget());
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::tight);
    layout->addWidget(field);
    layout->addWidget(hint);
    return box;
}

QString defaultName(const RunRecord &record)
{
    return record.job.recipe == "mnist-mlp" ? u"chainer-dnn-mnist"_s : toQString(record.job.experiment);
}

bool matches(const std::vector<Artifact> &artifacts, const std::string &path)
{
    return std::any_of(artifacts.begin(), artifacts.end(), [&path](const Artifact &artifact) {
        return artifact.path == path || artifact.path.starts_with(path.ends_with('/') ? path : path + '/');
    });
}

} // namespace

RegisterModelDialog::RegisterModelDialog(const Workspace &workspace, const RunRecord &record, const RunFolder &run,
                                         const QString &artifactPath, QWidget *parent)
    : QDialog(parent)
    , m_workspace(workspace)
    , m_run(run)
{
    setObjectName(u"registerModelDialog"_s);
    setWindowTitle(tr("Register model"));
    setMinimumWidth(520);
    m_known.artifacts = record.artifacts;
    buildForm(defaultName(record), artifactPath.isEmpty() ? u"outputs/model.npz"_s : artifactPath);
    loadKnown();
    validate();
}

void RegisterModelDialog::buildForm(const QString &name, const QString &artifactPath)
{
    m_form = new QWidget(this);
    m_name = editableCombo(u"modelName"_s, name, m_form);
    m_nameHint = new FieldHint(m_name, m_form);
    m_nameHint->setObjectName(u"modelNameHint"_s);
    m_artifact = editableCombo(u"artifactPath"_s, artifactPath, m_form);
    m_artifactHint = new FieldHint(m_artifact, m_form);
    m_artifactHint->setObjectName(u"artifactPathHint"_s);
    m_description = new QPlainTextEdit(m_form);
    m_description->setObjectName(u"modelDescription"_s);
    m_description->setPlaceholderText(tr("What it is for, what is special about it"));
    m_description->setTabChangesFocus(true);
    m_description->setFixedHeight(72);
    m_description->document()->setDocumentMargin(theme::gap - 2); // in line with the fields above
    m_tags = new TagEditor(m_form);
    m_notice = new Notice(this);

    auto *form = new QFormLayout(m_form);
    form->setContentsMargins(0, 0, 0, 0);
    form->setHorizontalSpacing(theme::wide);
    form->setVerticalSpacing(theme::gap + theme::tight);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    const auto addRow = [form](const QString &text, QWidget *field, QWidget *buddy) {
        form->addRow(text, field);
        static_cast<QLabel *>(form->labelForField(field))->setBuddy(buddy);
    };
    addRow(tr("&Name"), withHint(m_name, m_nameHint), m_name);
    addRow(tr("&File or folder"), withHint(m_artifact, m_artifactHint), m_artifact);
    addRow(tr("&Description"), m_description, m_description);
    addRow(tr("Ta&gs"), m_tags, m_tags->findChild<QLineEdit *>());

    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_register = buttons->addButton(tr("Register"), QDialogButtonBox::AcceptRole);
    m_register->setObjectName(u"registerButton"_s);
    m_register->setDefault(true);
    theme::setLook(m_register, theme::Look::Primary);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(theme::page, theme::page, theme::page, theme::page);
    layout->setSpacing(theme::wide);
    layout->addWidget(m_form);
    layout->addWidget(m_notice);
    layout->addStretch();
    layout->addWidget(buttons);

    connect(m_name, &QComboBox::currentTextChanged, this, &RegisterModelDialog::validate);
    connect(m_artifact, &QComboBox::currentTextChanged, this, &RegisterModelDialog::validate);
    connect(m_description, &QPlainTextEdit::textChanged, this, &RegisterModelDialog::validate);
    connect(m_tags, &TagEditor::tagAdded, this, [this](const QString &key, const QString &value) {
        TagEditor::Tags tags = m_tags->tags();
        tags[toStdString(key)] = toStdString(value);
        m_tags->setTags(tags);
    });
    connect(m_tags, &TagEditor::tagRemoved, this, [this](const QString &key) {
        TagEditor::Tags tags = m_tags->tags();
        tags.erase(toStdString(key));
        m_tags->setTags(tags);
    });
    connect(buttons, &QDialogButtonBox::rejected, this, &RegisterModelDialog::reject);
    connect(m_register, &QPushButton::clicked, this, &RegisterModelDialog::registerNow);
}

void RegisterModelDialog::loadKnown()
{
    const auto read = [workspace = m_workspace, run = m_run]() -> Result<Known> {
        const Models models(workspace);
        const auto list = models.list();
        if (!list)
            return fail(list.error());
        auto artifacts = run.artifacts();
        if (!artifacts)
            return fail(artifacts.error());
        Known known{{}, std::move(*artifacts)};
        for (const Model &model : *list)
            if (!known.nextVersions.contains(model.name))
                known.nextVersions[model.name] = models.nextVersion(model.name).value_or(model.version + 1);
        return known;
    };
    runInBackground(this, read, [this](const Result<Known> &known) {
        if (known)
            showKnown(*known);
        else
            m_notice->showError(known.error());
    });
}

void RegisterModelDialog::showKnown(const Known &known)
{
    m_known = known;
    m_isKnown = true;
    const QString name = m_name->currentText();
    const QString artifact = m_artifact->currentText();
    for (const auto &[model, version] : m_known.nextVersions)
        m_name->addItem(toQString(model));
    for (const Artifact &one : m_known.artifacts)
        if (const QString path = toQString(one.path); shownText(path) == path) // others can't be typed, nor told from what they look like
            m_artifact->addItem(path);
    m_name->setCurrentText(name);
    m_artifact->setCurrentText(artifact);
    validate();
}

QString RegisterModelDialog::nameProblem() const
{
    const std::string name = toStdString(m_name->currentText().trimmed());
    if (name.empty())
        return tr("A name is needed.");
    if (checkName("a model", name, 1, 64))
        return {};
    return tr("Use 1 to 64 letters, digits, '-', '_' or '.', starting with a letter or digit.");
}

QString RegisterModelDialog::artifactProblem() const
{
    const QString text = m_artifact->currentText().trimmed();
    if (text.isEmpty())
        return tr("A file of the run is needed.");
    if (!m_isKnown || matches(m_known.artifacts, toStdString(text)))
        return {};
    return m_known.artifacts.empty() ? tr("The run has no files yet.") : tr("The run has no such file; the list shows what it has.");
}

void RegisterModelDialog::validate()
{
    const QString problem = nameProblem();
    const auto known = m_known.nextVersions.find(toStdString(m_name->currentText().trimmed()));
    QString hint;
    if (m_isKnown)
        hint = known == m_known.nextVersions.end() ? tr("A new model: this becomes version 1.")
                                                   : tr("This becomes version %1.").arg(known->second);
    m_nameHint->setTexts(problem, hint);
    const QString artifact = artifactProblem();
    m_artifactHint->setTexts(artifact, tr("A folder is registered with everything in it."));
    const bool isTooLong = m_description->toPlainText().toUtf8().size() > longestDescription;
    if (isTooLong)
        m_notice->showHint(tr("The description is too long: at most 5,000 characters are kept."));
    else if (!m_isBusy)
        m_notice->clear();
    m_register->setEnabled(!m_isBusy && problem.isEmpty() && artifact.isEmpty() && !isTooLong);
}

void RegisterModelDialog::registerNow()
{
    m_tags->commitPending();
    const Models::Registration registration{toStdString(m_name->currentText().trimmed()),
                                            toStdString(m_artifact->currentText().trimmed()),
                                            toStdString(m_description->toPlainText().trimmed()), m_tags->tags()};
    setBusy(true);
    runInBackground(
        this,
        [models = Models(m_workspace), run = m_run, registration] { return models.registerFromRun(run, registration); },
        [this](const Result<Model> &result) { finish(result); });
}

void RegisterModelDialog::finish(const Result<Model> &result)
{
    setBusy(false);
    if (!result)
        return m_notice->showError(result.error());
    Q_EMIT registered(*result);
    accept();
}

void RegisterModelDialog::setBusy(bool busy)
{
    m_isBusy = busy;
    m_form->setEnabled(!busy);
    m_register->setText(busy ? tr("Registering…") : tr("Register"));
    validate();
}

void RegisterModelDialog::reject()
{
    if (!m_isBusy)
        QDialog::reject();
}

} // namespace bottega
