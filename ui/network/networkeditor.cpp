// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/network/networkeditor.h"

#include "ui/network/layertexts.h"
#include "ui/network/samplenetworks.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/theme.h"

#include <QComboBox>
#include <QPlainTextEdit>
#include <QRegularExpression>
#include <QStyle>
#include <QTextBlock>
#include <QVBoxLayout>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

constexpr int linesShown = 10;

/// "…, line 3, column 7" as parseJson tells where it stopped; 0: it does not.
int lineOfError(const Error &error)
{
    static const QRegularExpression line(u"\\bline (\\d{1,6}), column \\d+$"_s);
    return line.match(toQString(error.where)).captured(1).toInt();
}

} // namespace

qsizetype layerOffset(const QString &json, int layer)
{
    constexpr int layerDepth = 2; // inside the object and its list
    int depth = 0, found = -1;
    bool isText = false;
    for (qsizetype i = 0; i < json.size(); ++i) {
        const QChar c = json[i];
        if (isText) {
            i += c == u'\\';
            isText = c != u'"';
        } else if (c == u'"') {
            isText = true;
        } else if (c == u'{' || c == u'[') {
            if (depth++ == layerDepth && c == u'{' && ++found == layer)
                return i;
        } else if (c == u'}' || c == u']') {
            --depth;
        }
    }
    return -1;
}

NetworkEditor::NetworkEditor(QWidget *parent)
    : QWidget(parent)
    , m_samples(new QComboBox(this))
    , m_edit(new QPlainTextEdit(this))
{
    m_samples->setObjectName(u"networkSamples"_s);
    m_samples->setAccessibleName(tr("Start from a sample network"));
    m_samples->addItem(tr("Start from a sample…"));
    for (const SampleNetwork &sample : sampleNetworks())
        m_samples->addItem(sample.title);
    m_edit->setObjectName(u"networkEdit"_s);
    m_edit->setFont(theme::monospace());
    m_edit->setTabChangesFocus(true);
    m_edit->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_edit->setFixedHeight(linesShown * m_edit->fontMetrics().lineSpacing() + 2 * theme::gap);
    setFocusProxy(m_edit);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::tight);
    layout->addWidget(m_edit);
    layout->addWidget(m_samples, 0, Qt::AlignLeft);
    connect(m_edit, &QPlainTextEdit::textChanged, this, &NetworkEditor::textChanged);
    connect(m_samples, &QComboBox::activated, this, &NetworkEditor::insertSample);
}

QString NetworkEditor::text() const
{
    return m_edit->toPlainText();
}

void NetworkEditor::setText(const QString &json)
{
    m_edit->setPlainText(readableNetwork(json));
}

/// Like typing over everything: it can be undone.
void NetworkEditor::insertSample(int index)
{
    if (index < 1)
        return;
    m_samples->setCurrentIndex(0);
    QTextCursor cursor(m_edit->document());
    cursor.select(QTextCursor::Document);
    cursor.insertText(sampleNetworks().at(index - 1).json);
    m_edit->moveCursor(QTextCursor::Start);
    m_edit->setFocus();
}

QString NetworkEditor::setError(const Error *error)
{
    m_edit->setExtraSelections({});
    if (m_edit->property("invalid").toBool() != (error != nullptr)) {
        m_edit->setProperty("invalid", error != nullptr);
        m_edit->style()->unpolish(m_edit);
        m_edit->style()->polish(m_edit);
    }
    if (!error)
        return {};
    const QString words = toQString(error->what) + (error->remedy.empty() ? QString() : u". "_s + toQString(error->remedy));
    QTextBlock block = m_edit->document()->findBlockByNumber(lineOfError(*error) - 1);
    if (const int layer = layerOfError(*error); layer >= 0)
        block = m_edit->document()->findBlock(static_cast<int>(layerOffset(text(), layer)));
    if (!block.isValid())
        return words;
    QTextEdit::ExtraSelection mark;
    mark.cursor = QTextCursor(block);
    QColor color = theme::color(theme::Color::Danger);
    color.setAlphaF(0.18f);
    mark.format.setBackground(color);
    mark.format.setProperty(QTextFormat::FullWidthSelection, true);
    m_edit->setExtraSelections({mark});
    return tr("Line %1: %2").arg(block.blockNumber() + 1).arg(words);
}

} // namespace bottega
