// SPDX-License-Identifier: Apache-2.0
#include "core/formats/picture/picture.h"
#include "tests/fuzz/fuzz.h"

namespace bottega::fuzz {

void takeInput(std::string_view bytes)
{
    const auto picture = decodePicture(bytes, "input");
    if (!picture)
        return;
    require(picture->channels == 1 || picture->channels == 3);
    require(picture->height > 0 && picture->height <= largestPictureSide);
    require(picture->width > 0 && picture->width <= largestPictureSide);
    require(picture->values.size() == std::size_t{picture->height} * picture->width * picture->channels);
}

} // namespace bottega::fuzz
