// SPDX-License-Identifier: Apache-2.0
#include "core/formats/picture/decoders.h"

#include <cctype>
#include <optional>

namespace bottega {

namespace {

/// The numbers of a header: blanks and comments (from # to the end of the line) before each.
class Header
{
public:
    explicit Header(std::string_view bytes)
        : m_bytes(bytes)
    {
    }

    std::optional<std::uint32_t> number()
    {
        skipBlanks();
        std::uint32_t value = 0;
        const std::size_t first = m_at;
        while (m_at < m_bytes.size() && std::isdigit(static_cast<unsigned char>(m_bytes[m_at])) &&
               value < 100'000)
            value = value * 10 + static_cast<std::uint32_t>(m_bytes[m_at++] - '0');
        return m_at > first ? std::optional(value) : std::nullopt;
    }

    /// What follows the single blank after the last number.
    std::optional<std::string_view> rest()
    {
        if (m_at >= m_bytes.size() || !std::isspace(static_cast<unsigned char>(m_bytes[m_at])))
            return {};
        return m_bytes.substr(m_at + 1);
    }

private:
    void skipBlanks()
    {
        while (m_at < m_bytes.size() &&
               (std::isspace(static_cast<unsigned char>(m_bytes[m_at])) || m_bytes[m_at] == '#')) {
            if (m_bytes[m_at] == '#')
                m_at = std::min(m_bytes.find('\n', m_at), m_bytes.size());
            else
                ++m_at;
        }
    }

    std::string_view m_bytes;
    std::size_t m_at = 2; // behind P5 or P6
};

} // namespace

Result<Picture> decodePnm(std::string_view bytes, const std::string &where)
{
    Header header(bytes);
    const auto width = header.number(), height = header.number(), largest = header.number();
    const auto pixels = header.rest();
    if (!width || !height || !largest || !pixels)
        return damagedPicture("The header of the PGM or PPM picture is damaged", where);
    if (auto fits = checkPictureSize(*height, *width, where); !fits)
        return fail(fits.error());
    if (*largest != 255)
        return fail(ErrorCode::Unsupported,
                    "The picture's largest value is " + std::to_string(*largest) +
                        "; only 255, 8 bits a value, can be read",
                    where, "nothing was used of it", "Convert it to PNG");
    const std::uint32_t channels = bytes[1] == '6' ? 3 : 1;
    const std::size_t size = std::size_t{*height} * *width * channels;
    if (pixels->size() < size)
        return damagedPicture("The picture is cut short: it has " + std::to_string(pixels->size()) + " of " +
                                  std::to_string(size) + " values",
                              where);
    return planarPicture({pixels->begin(), pixels->begin() + static_cast<std::ptrdiff_t>(size)}, *height,
                         *width, channels);
}

} // namespace bottega
