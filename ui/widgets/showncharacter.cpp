// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/showncharacter.h"

namespace bottega {

QChar shownCharacter(QChar character)
{
    constexpr char16_t controlSymbols = 0x2400; // ␀ and the others after it
    constexpr char16_t deleteSymbol = 0x2421;
    const char16_t c = character.unicode();
    if (c < 0x20)
        return QChar(static_cast<char16_t>(controlSymbols + c));
    if (c == 0x7f)
        return QChar(deleteSymbol);
    const bool isControl = c >= 0x80 && c < 0xa0;
    const bool turnsDirection = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x2028 || c == 0x2029;
    return isControl || turnsDirection ? QChar(QChar::ReplacementCharacter) : character;
}

} // namespace bottega
