// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/data/importdialog.h"

#include "core/base/safename.h"
#include "core/workspace/backgroundtask.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/fieldhint.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/theme.h"

#include <QDialogButtonBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

QLabel *hintLabel(const QString &text, QWidget *parent)
{
    auto *label = new QLabel(text, parent);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setFont(theme::font(-1));
    theme::setLook(label, theme::Look::Muted);
    return label;
}

QVBoxLayout *stacked(std::initializer_list<QWidget *> widgets)
{
    auto *layout = new QVBoxLayout;
    layout->setSpacing(theme::tight);
    for (QWidget *widget : widgets)
        layout->addWidget(widget);
    return layout;
}

} // namespace

ImportDialog::ImportDialog(const Workspace &workspace, const QString &name, const QStringList &taken, QWidget *parent)
    : QDialog(parent)
    , m_workspace(workspace)
    , m_taken(taken)
{
    setObjectName(u"importDialog"_s);
    setWindowTitle(tr("Import a data set"));
    setMinimumWidth(560);
    buildForm(name);
    validate();
}

void ImportDialog::buildForm(const QString &name)
{
    m_form = new QWidget(this);
    m_name = new QLineEdit(name, m_form);
    m_name->setObjectName(u"datasetName"_s);
    m_nameHint = new FieldHint(m_name, m_form);
    m_nameHint->setObjectName(u"datasetNameHint"_s);
    m_path = new QLineEdit(m_form);
    m_path->setObjectName(u"importPath"_s);
    m_path->setPlaceholderText(tr("Folder with the four files"));
    auto *folder = new QPushButton(theme::icon(u"folder"_s), tr("Folder…"), m_form);
    folder->setObjectName(u"chooseFolder"_s);
    auto *files = new QPushButton(theme::icon(u"file"_s), tr("Files…"), m_form);
    files->setObjectName(u"chooseFiles"_s);
    m_progress = new QProgressBar(this);
    m_progress->setRange(0, 0);
    m_progress->setTextVisible(false);
    m_progress->hide();
    m_notice = new Notice(this);

    auto *pathRow = new QHBoxLayout;
    pathRow->setSpacing(theme::gap);
    pathRow->addWidget(m_path, 1);
    pathRow->addWidget(folder);
    pathRow->addWidget(files);
    auto *from = new QVBoxLayout;
    from->setSpacing(theme::tight);
    from->addLayout(pathRow);
    from->addWidget(hintLabel(tr("IDX files as MNIST's, plain or .gz: train-images-idx3-ubyte, train-labels-idx1-ubyte, "
                                 "t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte"),
                              m_form));
    auto *form = new QFormLayout(m_form);
    form->setContentsMargins(0, 0, 0, 0);
    form->setHorizontalSpacing(theme::wide);
    form->setVerticalSpacing(theme::gap + theme::tight);
    auto *nameLabel = new QLabel(tr("&Name"), m_form);
    nameLabel->setBuddy(m_name);
    form->addRow(nameLabel, stacked({m_name, m_nameHint}));
    auto *fromLabel = new QLabel(tr("&From"), m_form);
    fromLabel->setBuddy(m_path);
    form->addRow(fromLabel, from);

    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_import = buttons->addButton(tr("Import"), QDialogButtonBox::AcceptRole);
    m_import->setObjectName(u"importButton"_s);
    m_import->setDefault(true);
    theme::setLook(m_import, theme::Look::Primary);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(theme::page, theme::page, theme::page, theme::page);
    layout->setSpacing(theme::wide);
    layout->addWidget(m_form);
    layout->addWidget(m_progress);
    layout->addWidget(m_notice);
    layout->addStretch();
    layout->addWidget(buttons);

    connect(m_name, &QLineEdit::textChanged, this, &ImportDialog::validate);
    connect(m_path, &QLineEdit::textEdited, this, [this](const QString &text) {
        m_sources = text.trimmed().isEmpty() ? QStringList() : QStringList{text.trimmed()};
        validate();
    });
    connect(folder, &QPushButton::clicked, this, &ImportDialog::chooseFolder);
    connect(files, &QPushButton::clicked, this, &ImportDialog::chooseFiles);
    connect(buttons, &QDialogButtonBox::rejected, this, &ImportDialog::reject);
    connect(m_import, &QPushButton::clicked, this, &ImportDialog::importNow);
}

void ImportDialog::chooseFolder()
{
    auto *dialog = new QFileDialog(this, tr("Folder with the four files"));
    dialog->setFileMode(QFileDialog::Directory);
    openChooser(dialog);
}

void ImportDialog::chooseFiles()
{
    auto *dialog = new QFileDialog(this, tr("The four files"));
    dialog->setFileMode(QFileDialog::ExistingFiles);
    openChooser(dialog);
}

void ImportDialog::openChooser(QFileDialog *dialog)
{
    dialog->setObjectName(u"importChooser"_s);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setOption(QFileDialog::DontUseNativeDialog);
    connect(dialog, &QFileDialog::filesSelected, this, &ImportDialog::setSources);
    dialog->open();
}

void ImportDialog::setSources(const QStringList &sources)
{
    m_sources = sources;
    m_path->setText(sources.size() == 1 ? sources.first()
                                        : tr("%n files in %1", nullptr, static_cast<int>(sources.size()))
                                              .arg(QFileInfo(sources.value(0)).path()));
    validate();
}

QString ImportDialog::nameProblem() const
{
    const QString name = m_name->text().trimmed();
    if (m_taken.contains(name))
        return tr("There is a data set of this name already.");
    if (!name.isEmpty() && !checkName("a data set", toStdString(name), 1, 64))
        return tr("Use 1 to 64 letters, digits, '-', '_' or '.', starting with a letter or digit.");
    return {};
}

void ImportDialog::validate()
{
    const QString problem = nameProblem();
    m_nameHint->setTexts(problem, tr("Under “mnist” or “fashion-mnist” the content must be exactly the known one."));
    m_import->setEnabled(!m_isBusy && problem.isEmpty() && !m_name->text().trimmed().isEmpty() && !m_sources.isEmpty());
}

void ImportDialog::importNow()
{
    std::vector<std::filesystem::path> sources;
    for (const QString &source : m_sources)
        sources.emplace_back(toStdString(source));
    setBusy(true);
    runInBackground(
        this,
        [datasets = Datasets(m_workspace), name = toStdString(m_name->text().trimmed()), sources] {
            return datasets.import(name, sources);
        },
        [this](const Result<Dataset> &dataset) {
            setBusy(false);
            if (!dataset)
                return m_notice->showError(dataset.error());
            Q_EMIT imported(*dataset);
            accept();
        });
}

void ImportDialog::setBusy(bool busy)
{
    m_isBusy = busy;
    m_form->setEnabled(!busy);
    m_progress->setVisible(busy);
    m_import->setText(busy ? tr("Importing…") : tr("Import"));
    if (busy)
        m_notice->clear();
    validate();
}

void ImportDialog::reject()
{
    if (!m_isBusy)
        QDialog::reject();
}

} // namespace bottega
