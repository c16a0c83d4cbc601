// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/artifacts/artifactpreview.h"

#include "core/base/safename.h"
#include "core/workspace/backgroundtask.h"
#include "ui/artifacts/arraysmodel.h"
#include "ui/artifacts/imageview.h"
#include "ui/widgets/emptystate.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/format.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/theme.h"

#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <chrono>

namespace bottega {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

QTableView *arraysTable(ArraysModel *model, QWidget *parent)
{
    auto *table = new QTableView(parent);
    table->setObjectName(u"arraysTable"_s);
    table->setModel(model);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setShowGrid(false);
    table->setWordWrap(false);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(26);
    table->horizontalHeader()->setMinimumSectionSize(72);
    table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    table->horizontalHeader()->setSectionResizeMode(ArraysModel::KeyColumn, QHeaderView::Stretch);
    table->horizontalHeader()->setHighlightSections(false);
    theme::setLook(table, theme::Look::Plain);
    return table;
}

QPlainTextEdit *textView(QWidget *parent)
{
    auto *view = new QPlainTextEdit(parent);
    view->setObjectName(u"artifactText"_s);
    view->setReadOnly(true);
    view->setLineWrapMode(QPlainTextEdit::NoWrap);
    view->setFont(theme::monospace());
    theme::setLook(view, theme::Look::Plain);
    return view;
}

} // namespace

ArtifactPreview::ArtifactPreview(QWidget *parent)
    : QWidget(parent)
    , m_title(new QLabel(this))
    , m_caption(new QLabel(this))
    , m_notice(new Notice(this))
    , m_pages(new QStackedWidget(this))
    , m_empty(new EmptyState(u"file"_s, tr("No file chosen"), QString(), this))
    , m_text(textView(this))
    , m_image(new ImageView(this))
    , m_arrays(new ArraysModel(this))
{
    m_table = arraysTable(m_arrays, this);
    m_title->setObjectName(u"previewTitle"_s);
    m_title->setTextFormat(Qt::PlainText);
    m_title->setFont(theme::font(0, true));
    m_title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_caption->setObjectName(u"previewCaption"_s);
    m_caption->setTextFormat(Qt::PlainText);
    theme::setLook(m_caption, theme::Look::Muted);
    for (QWidget *page : {static_cast<QWidget *>(m_empty), static_cast<QWidget *>(m_text), static_cast<QWidget *>(m_image),
                          static_cast<QWidget *>(m_table)})
        m_pages->addWidget(page);

    auto *heading = new QHBoxLayout;
    heading->setContentsMargins(theme::wide, theme::gap, theme::wide, theme::gap);
    heading->addWidget(m_title, 1);
    heading->addWidget(m_caption);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(heading);
    layout->addWidget(m_notice);
    layout->addWidget(m_pages, 1);

    m_refresh.setSingleShot(true);
    m_refresh.setInterval(500ms);
    connect(&m_refresh, &QTimer::timeout, this, &ArtifactPreview::read);
}

void ArtifactPreview::showArtifact(const std::filesystem::path &work, const QString &path)
{
    m_refresh.stop();
    m_work = work;
    m_path = path;
    m_title->setText(shownText(printable(toStdString(path.section(u'/', -1)), 60)));
    m_caption->clear();
    read();
}

void ArtifactPreview::showNothing(const QString &hint)
{
    ++m_request;
    m_refresh.stop();
    m_path.clear();
    m_title->clear();
    m_caption->clear();
    m_notice->clear();
    m_empty->setHint(hint);
    m_pages->setCurrentWidget(m_empty);
}

void ArtifactPreview::refreshSoon()
{
    if (!m_path.isEmpty() && !m_refresh.isActive())
        m_refresh.start();
}

void ArtifactPreview::read()
{
    const int request = ++m_request;
    runInBackground(
        this, [work = m_work, path = toStdString(m_path)] { return readArtifactContent(work, path); },
        [this, request](const Result<ArtifactContent> &content) {
            if (request == m_request)
                showContent(content);
        });
}

void ArtifactPreview::showContent(const Result<ArtifactContent> &content)
{
    m_notice->clear();
    if (!content) {
        m_empty->setHint({});
        m_pages->setCurrentWidget(m_empty);
        m_notice->showError(content.error());
    } else if (const auto *text = std::get_if<TextContent>(&*content)) {
        showText(*text);
    } else if (const auto *image = std::get_if<QImage>(&*content)) {
        showImage(*image);
    } else if (const auto *arrays = std::get_if<std::vector<ArraySummary>>(&*content)) {
        showArrays(*arrays);
    } else {
        m_caption->setText(bytesText(std::get<NoPreview>(*content).totalBytes));
        m_empty->setHint(tr("This kind of file has no preview. Download it to open it elsewhere."));
        m_pages->setCurrentWidget(m_empty);
    }
}

void ArtifactPreview::showText(const TextContent &content)
{
    const bool isCut = content.shownBytes < content.totalBytes;
    m_caption->setText(content.totalBytes == 0 ? tr("empty file")
                       : isCut ? tr("first %1 of %2").arg(bytesText(content.shownBytes), bytesText(content.totalBytes))
                               : bytesText(content.totalBytes));
    const int place = m_text->verticalScrollBar()->value();
    if (m_text->toPlainText() != content.text) {
        m_text->setPlainText(content.text);
        m_text->verticalScrollBar()->setValue(place);
    }
    m_pages->setCurrentWidget(m_text);
}

void ArtifactPreview::showImage(const QImage &image)
{
    m_caption->setText(tr("%1 × %2 points").arg(QLocale().toString(image.width()), QLocale().toString(image.height())));
    m_image->setImage(image);
    m_pages->setCurrentWidget(m_image);
}

void ArtifactPreview::showArrays(const std::vector<ArraySummary> &arrays)
{
    std::uint64_t values = 0;
    for (const ArraySummary &array : arrays)
        values += array.count;
    //: e.g. "6 arrays, 89,610 values"
    m_caption->setText(tr("%1, %2").arg(tr("%n array(s)", nullptr, static_cast<int>(arrays.size())),
                                        tr("%L1 values").arg(values)));
    m_arrays->setArrays(arrays);
    m_pages->setCurrentWidget(m_table);
}

} // namespace bottega
