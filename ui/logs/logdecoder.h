// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArrayView>
#include <QList>
#include <QString>
#include <QStringDecoder>

#include <optional>
#include <vector>

namespace bottega {

/// A colour as escape codes name it: one of the 16 of the terminal, which follow the theme, or an exact one.
struct LogColor
{
    enum class Kind { None, Indexed, Exact };
    Kind kind = Kind::None;
    unsigned value = 0; // 0–15, or 0xRRGGBB

    bool operator==(const LogColor &) const = default;
};

struct LogStyle
{
    LogColor foreground;
    LogColor background;
    bool bold = false;

    bool operator==(const LogStyle &) const = default;
    [[nodiscard]] bool isPlain() const { return *this == LogStyle(); }
};

/// What a log view does next, in order.
struct LogPiece
{
    enum class Kind {
        Text,        // append `text` to the last line
        NewLine,     // begin a line
        RestartLine, // throw the last line away: a progress bar draws itself anew
    };
    Kind kind = Kind::Text;
    QString text;
    LogStyle style;
};

/// Turns a log's bytes into pieces, wherever the stream is cut: UTF-8 with replacement of what is none, "\r" as "this line
/// again", ANSI colours as styles. All other escape codes and control characters become visible symbols, so that nothing
/// in a log can act on the view. Lines longer than `longestLine` are broken.
class LogDecoder
{
public:
    static constexpr qsizetype longestLine = 4000; // characters

    [[nodiscard]] std::vector<LogPiece> decode(QByteArrayView bytes);
    void reset();

private:
    void take(QChar c);
    void takeEscape(QChar c);
    void showEscape();
    void print(QChar c);
    void flush();
    void add(LogPiece::Kind kind);
    void applyStyle(QStringView parameters);

    QStringDecoder m_utf8{QStringDecoder::Utf8}; // keeps a character that is cut in two
    std::vector<LogPiece> m_pieces;
    QString m_text;      // not yet a piece
    LogStyle m_style;
    QString m_escape;    // an escape code that has begun
    bool m_return = false; // a "\r" whose meaning the next character decides
    qsizetype m_column = 0;
};

} // namespace bottega
