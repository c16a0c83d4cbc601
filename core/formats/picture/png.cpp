// SPDX-License-Identifier: Apache-2.0
#include "core/formats/picture/decoders.h"

#include <png.h>

namespace bottega {

namespace {

/// libpng's simplified reader: it keeps its error jumps to itself, so none crosses our frames.
class PngReader
{
public:
    PngReader() { m_image.version = PNG_IMAGE_VERSION; }
    PngReader(const PngReader &) = delete;
    PngReader &operator=(const PngReader &) = delete;
    ~PngReader() { png_image_free(&m_image); }

    Result<Picture> read(std::string_view bytes, const std::string &where)
    {
        if (!png_image_begin_read_from_memory(&m_image, bytes.data(), bytes.size()))
            return failed(where);
        if (auto fits = checkPictureSize(m_image.height, m_image.width, where); !fits)
            return fail(fits.error());
        m_image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB; // else 16 bits would be taken as linear light
        const bool isColored = (m_image.format & PNG_FORMAT_FLAG_COLOR) != 0;
        m_image.format = isColored ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
        std::vector<std::uint8_t> pixels(PNG_IMAGE_SIZE(m_image));
        constexpr png_color black = {0, 0, 0};
        const std::uint32_t height = m_image.height, width = m_image.width;
        if (!png_image_finish_read(&m_image, &black, pixels.data(), 0, nullptr) || PNG_IMAGE_FAILED(m_image))
            return failed(where);
        return planarPicture(pixels, height, width, isColored ? 3 : 1);
    }

private:
    [[nodiscard]] tl::unexpected<Error> failed(const std::string &where) const
    {
        return damagedPicture("The PNG picture is damaged: " + std::string(m_image.message), where);
    }

    png_image m_image = {};
};

} // namespace

Result<Picture> decodePng(std::string_view bytes, const std::string &where)
{
    return PngReader().read(bytes, where);
}

} // namespace bottega
