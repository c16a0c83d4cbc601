// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/newworkspacedialog.h"

#include "core/base/safename.h"
#include "core/workspace/workspace.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/theme.h"

#include <QDir>
#include <QFileDialog>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

namespace bottega {

using namespace Qt::StringLiterals;

NewWorkspaceDialog::NewWorkspaceDialog(QWidget *parent)
    : QDialog(parent)
    , m_name(new QLineEdit(u"my-workspace"_s, this))
    , m_place(new QLineEdit(toQString(defaultWorkspacesFolder().string()), this))
    , m_line(new QLabel(this))
    , m_create(new QPushButton(tr("C&reate"), this))
{
    setObjectName(u"newWorkspaceDialog"_s);
    setWindowTitle(tr("New workspace"));
    setMinimumWidth(520);
    m_name->setObjectName(u"workspaceName"_s);
    m_place->setObjectName(u"workspacePlace"_s);
    m_create->setObjectName(u"createWorkspace"_s);
    m_create->setDefault(true);
    m_line->setTextFormat(Qt::PlainText);
    m_line->setWordWrap(true);
    m_line->setFont(theme::font(-1));
    m_line->setObjectName(u"workspaceLine"_s);
    theme::setLook(m_line, theme::Look::Muted);
    auto *browseButton = new QPushButton(tr("&Browse…"), this);
    auto *cancel = new QPushButton(tr("Cancel"), this);
    for (QPushButton *button : {browseButton, cancel})
        button->setAutoDefault(false);
    auto *nameLabel = new QLabel(tr("&Name"), this);
    nameLabel->setBuddy(m_name);
    auto *placeLabel = new QLabel(tr("&Where"), this);
    placeLabel->setBuddy(m_place);
    m_name->setAccessibleName(tr("Name"));
    m_place->setAccessibleName(tr("Where"));

    auto *buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(cancel);
    buttons->addWidget(m_create);
    auto *grid = new QGridLayout(this);
    grid->setContentsMargins(theme::page, theme::page, theme::page, theme::wide);
    grid->setHorizontalSpacing(theme::wide);
    grid->setVerticalSpacing(theme::gap + theme::tight);
    grid->addWidget(nameLabel, 0, 0);
    grid->addWidget(m_name, 0, 1, 1, 2);
    grid->addWidget(placeLabel, 1, 0);
    grid->addWidget(m_place, 1, 1);
    grid->addWidget(browseButton, 1, 2);
    grid->addWidget(m_line, 2, 1, 1, 2);
    grid->setRowStretch(3, 1);
    grid->addLayout(buttons, 4, 0, 1, 3);
    connect(m_name, &QLineEdit::textChanged, this, &NewWorkspaceDialog::changed);
    connect(m_place, &QLineEdit::textChanged, this, &NewWorkspaceDialog::changed);
    connect(browseButton, &QPushButton::clicked, this, &NewWorkspaceDialog::browse);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_create, &QPushButton::clicked, this, &NewWorkspaceDialog::confirm);
    m_name->selectAll();
    changed();
}

QString NewWorkspaceDialog::folder() const
{
    return QDir::cleanPath(m_place->text() + u'/' + m_name->text());
}

void NewWorkspaceDialog::changed()
{
    const bool nameFits = checkName("a workspace", toStdString(m_name->text()), 2, 32).has_value();
    const bool placeFits = QDir::isAbsolutePath(m_place->text());
    m_create->setEnabled(nameFits && placeFits);
    if (!nameFits)
        m_line->setText(tr("The name needs 2 to 32 letters, digits, “-”, “_” or “.”, a letter or digit first."));
    else if (!placeFits)
        m_line->setText(tr("A whole path is needed, such as /home/you/workspaces."));
    else
        m_line->setText(tr("Makes the folder %1").arg(folder()));
}

void NewWorkspaceDialog::browse()
{
    auto *dialog = new QFileDialog(this, tr("Where to make the workspace"), m_place->text());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    dialog->setOption(QFileDialog::DontUseNativeDialog);
    connect(dialog, &QFileDialog::fileSelected, m_place, &QLineEdit::setText);
    dialog->open();
}

void NewWorkspaceDialog::confirm()
{
    Q_EMIT workspaceWanted(folder(), m_name->text());
    accept();
}

} // namespace bottega
