// SPDX-License-Identifier: Apache-2.0
#include "core/formats/picture/picture.h"

#include "core/formats/picture/decoders.h"

namespace bottega {

tl::unexpected<Error> damagedPicture(const std::string &what, const std::string &where)
{
    return fail(ErrorCode::Corrupt, what, where, "nothing was used of it", "Replace or remove the file");
}

Result<void> checkPictureSize(std::uint64_t height, std::uint64_t width, const std::string &where)
{
    if (height > 0 && width > 0 && height <= largestPictureSide && width <= largestPictureSide &&
        height * width <= mostPicturePixels)
        return {};
    return damagedPicture("The picture claims " + std::to_string(width) + " × " + std::to_string(height) +
                              " pixels; 1 to 16,384 each way and 16 million together can be read",
                          where);
}

Picture planarPicture(const std::vector<std::uint8_t> &interleaved, std::uint32_t height, std::uint32_t width,
                      std::uint32_t channels)
{
    Picture picture{height, width, channels, {}};
    if (channels == 1) {
        picture.values = interleaved;
        return picture;
    }
    const std::size_t plane = std::size_t{height} * width;
    picture.values.resize(interleaved.size());
    for (std::size_t pixel = 0; pixel < plane; ++pixel) {
        for (std::size_t channel = 0; channel < channels; ++channel)
            picture.values[channel * plane + pixel] = interleaved[pixel * channels + channel];
    }
    return picture;
}

Result<Picture> decodePicture(std::string_view bytes, const std::string &where)
{
    using namespace std::string_view_literals;
    if (bytes.starts_with("\x89PNG\r\n\x1a\n"sv))
        return decodePng(bytes, where);
    if (bytes.starts_with("\xff\xd8\xff"sv))
        return decodeJpeg(bytes, where);
    if (bytes.starts_with("P5"sv) || bytes.starts_with("P6"sv))
        return decodePnm(bytes, where);
    return fail(ErrorCode::Unsupported, "The file is no PNG, JPEG, PGM or PPM picture", where,
                "nothing was used of it", "Convert it to PNG, or remove it");
}

} // namespace bottega
