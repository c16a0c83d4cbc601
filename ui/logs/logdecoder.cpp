// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/logs/logdecoder.h"

#include "ui/widgets/showncharacter.h"

#include <algorithm>
#include <array>

namespace bottega {

namespace {

constexpr char16_t escape = 0x1b;
constexpr char16_t escapeSymbol = 0x241b;  // ␛
constexpr qsizetype longestEscape = 64;

LogColor indexed(unsigned number)
{
    if (number < 16)
        return {LogColor::Kind::Indexed, number};
    if (number >= 232) {
        const unsigned grey = 8 + 10 * (std::min(number, 255u) - 232);
        return {LogColor::Kind::Exact, grey << 16 | grey << 8 | grey};
    }
    const auto level = [](unsigned step) { return step == 0 ? 0u : 55 + 40 * step; };
    const unsigned cube = number - 16;
    return {LogColor::Kind::Exact, level(cube / 36) << 16 | level(cube / 6 % 6) << 8 | level(cube % 6)};
}

/// "38;5;N" and "38;2;R;G;B": how many parameters after the first they take.
int extendedColor(const std::vector<unsigned> &codes, std::size_t at, LogColor &color)
{
    const auto code = [&](std::size_t i) { return at + i < codes.size() ? std::min(codes[at + i], 255u) : 0; };
    if (code(1) == 5) {
        color = indexed(code(2));
        return 2;
    }
    if (code(1) == 2) {
        color = {LogColor::Kind::Exact, code(2) << 16 | code(3) << 8 | code(4)};
        return 4;
    }
    return 0;
}

} // namespace

std::vector<LogPiece> LogDecoder::decode(QByteArrayView bytes)
{
    const QString text = m_utf8.decode(bytes);
    for (const QChar c : text)
        take(c);
    flush();
    return std::exchange(m_pieces, {});
}

void LogDecoder::reset()
{
    *this = LogDecoder();
}

void LogDecoder::take(QChar c)
{
    if (!m_escape.isEmpty()) {
        takeEscape(c);
        return;
    }
    if (c == u'\n') {
        m_return = false;
        add(LogPiece::Kind::NewLine);
        return;
    }
    if (c == u'\r') {
        m_return = true;
        return;
    }
    if (m_return) {
        m_return = false;
        if (m_column > 0)
            add(LogPiece::Kind::RestartLine);
    }
    if (c == escape)
        m_escape = c;
    else
        print(c);
}

void LogDecoder::takeEscape(QChar c)
{
    if (m_escape.size() == 1) {
        m_escape += c;
        if (c != u'[')
            showEscape();
        return;
    }
    const bool isParameter = c.unicode() >= 0x20 && c.unicode() <= 0x3f;
    if (isParameter && m_escape.size() < longestEscape) {
        m_escape += c;
        return;
    }
    const QStringView parameters = QStringView(m_escape).sliced(2);
    const bool isStyle = c == u'm' && std::all_of(parameters.begin(), parameters.end(), [](QChar p) {
        return (p >= u'0' && p <= u'9') || p == u';' || p == u':';
    });
    if (isStyle) {
        applyStyle(parameters);
        m_escape.clear();
        return;
    }
    m_escape += c;
    showEscape();
}

void LogDecoder::showEscape()
{
    const QString code = std::exchange(m_escape, {});
    print(QChar(escapeSymbol));
    for (const QChar c : code.sliced(1))
        take(c); // a line break or a new escape code inside a broken one still counts
}

void LogDecoder::print(QChar c)
{
    const char16_t code = c.unicode();
    if (m_column >= longestLine && !c.isLowSurrogate())
        add(LogPiece::Kind::NewLine);
    if (code != u'\t')
        c = shownCharacter(c);
    m_text += c;
    ++m_column;
}

void LogDecoder::flush()
{
    if (!m_text.isEmpty())
        m_pieces.push_back({LogPiece::Kind::Text, std::exchange(m_text, {}), m_style});
}

void LogDecoder::add(LogPiece::Kind kind)
{
    flush();
    m_pieces.push_back({kind, {}, {}});
    m_column = 0;
}

void LogDecoder::applyStyle(QStringView parameters)
{
    flush();
    std::vector<unsigned> codes;
    for (const QStringView part : parameters.split(u';')) {
        // "38:2::R:G:B" is the same thing with colons; nothing else uses them
        for (const QStringView number : part.split(u':'))
            codes.push_back(number.toUInt());
    }
    for (std::size_t i = 0; i < codes.size(); ++i) {
        const unsigned code = codes[i];
        if (code == 0)
            m_style = {};
        else if (code == 1)
            m_style.bold = true;
        else if (code == 22)
            m_style.bold = false;
        else if (code >= 30 && code <= 37)
            m_style.foreground = indexed(code - 30);
        else if (code >= 90 && code <= 97)
            m_style.foreground = indexed(code - 82);
        else if (code == 39)
            m_style.foreground = {};
        else if (code >= 40 && code <= 47)
            m_style.background = indexed(code - 40);
        else if (code >= 100 && code <= 107)
            m_style.background = indexed(code - 92);
        else if (code == 49)
            m_style.background = {};
        else if (code == 38)
            i += std::size_t(extendedColor(codes, i, m_style.foreground));
        else if (code == 48)
            i += std::size_t(extendedColor(codes, i, m_style.background));
    }
}

} // namespace bottega
