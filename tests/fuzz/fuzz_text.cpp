// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/agent/logtail.h"
#include "core/base/redact.h"
#include "core/base/safename.h"
#include "tests/fuzz/fuzz.h"
#include "ui/logs/logdecoder.h"

#include <algorithm>

namespace bottega::fuzz {

namespace {

bool holdsControl(std::string_view text)
{
    return std::any_of(text.begin(), text.end(), [](unsigned char c) { return (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f; });
}

std::string withoutMarks(std::string text)
{
    for (std::size_t at = text.find(redactedMark); at != std::string::npos; at = text.find(redactedMark, at))
        text.erase(at, redactedMark.size());
    text.erase(std::remove(text.begin(), text.end(), '\n'), text.end());
    return text;
}

/// Whole, and line by line as it comes from a file that grows: the same is left, but for how many marks a key takes.
void takeSecretsOut(std::string_view text)
{
    const std::string whole = redact(text);
    std::string pieces;
    bool insideKey = false;
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t length = std::min(rest.find('\n'), rest.size() - 1) + 1;
        pieces += redact(rest.substr(0, length), &insideKey);
        rest.remove_prefix(length);
    }
    require(withoutMarks(pieces) == withoutMarks(whole));
    (void)redactValue(text.substr(0, text.find('=')), text);
}

/// All at once, and byte by byte: nothing in it acts on a view, and where all was UTF-8 (how many marks stand for what is
/// none depends on the pieces) it is the same.
void decodeLog(std::string_view bytes)
{
    const auto textOf = [](const std::vector<LogPiece> &pieces) {
        QString text;
        for (const LogPiece &piece : pieces)
            text += piece.kind == LogPiece::Kind::Text ? piece.text : piece.kind == LogPiece::Kind::NewLine ? QString(u'\n') : QString(u'\r');
        return text;
    };
    LogDecoder atOnce, byteByByte;
    const QString whole = textOf(atOnce.decode(QByteArrayView(bytes.data(), static_cast<qsizetype>(bytes.size()))));
    QString pieces;
    for (const char &byte : bytes)
        pieces += textOf(byteByByte.decode(QByteArrayView(&byte, 1)));
    require(pieces == whole || whole.contains(QChar::ReplacementCharacter));
    for (const QString &text : {whole, pieces})
        require(std::none_of(text.begin(), text.end(), [](QChar c) { return c == u'\x1b' || c == u'\0'; }));
}

} // namespace

/// Text of foreign origin on its way to a person: logs, names, values.
void takeInput(std::string_view bytes)
{
    takeSecretsOut(bytes);
    decodeLog(bytes);
    const MemoryFile log(bytes);
    const std::string tail = logTail(log.path(), 200);
    require(tail.size() <= 200 && !holdsControl(tail));
    require(!holdsControl(printable(bytes)) && printable(bytes).find('\n') == std::string::npos);
}

} // namespace bottega::fuzz
