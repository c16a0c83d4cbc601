// SPDX-License-Identifier: Apache-2.0
#include "core/formats/picture/decoders.h"

#include <csetjmp>
#include <cstdio>
#include <memory>
// libjpeg's headers want <cstdio> before them.
#include <jerror.h>
#include <jpeglib.h>

namespace bottega {

namespace {

constexpr int mostScans = 100; // a progressive file may ask for endless passes over a large picture

/// Everything that libjpeg's jumps pass over is plain memory in here: no destructor is skipped.
struct Decoder
{
    jpeg_decompress_struct jpeg;
    jpeg_error_mgr errors;
    jpeg_progress_mgr progress;
    std::jmp_buf failed;
    char message[JMSG_LENGTH_MAX];
};

Decoder &decoderOf(j_common_ptr jpeg)
{
    return *static_cast<Decoder *>(jpeg->client_data);
}

[[noreturn]] void giveUp(j_common_ptr jpeg)
{
    Decoder &decoder = decoderOf(jpeg);
    decoder.errors.format_message(jpeg, decoder.message);
    std::longjmp(decoder.failed, 1);
}

/// libjpeg only warns of damage and fills the rest with grey: nothing to train on.
void onMessage(j_common_ptr jpeg, int level)
{
    const int code = decoderOf(jpeg).errors.msg_code;
    if (level < 0 && code != JWRN_EXTRANEOUS_DATA && code != JWRN_ADOBE_XFORM && code != JWRN_JFIF_MAJOR)
        giveUp(jpeg);
}

void countScans(j_common_ptr jpeg)
{
    Decoder &decoder = decoderOf(jpeg);
    if (decoder.jpeg.input_scan_number > mostScans) {
        std::snprintf(decoder.message, sizeof decoder.message, "more than %d scans", mostScans);
        std::longjmp(decoder.failed, 1);
    }
}

void prepare(Decoder &decoder)
{
    decoder.jpeg.err = jpeg_std_error(&decoder.errors);
    decoder.errors.error_exit = giveUp;
    decoder.errors.emit_message = onMessage;
    decoder.progress.progress_monitor = countScans;
    decoder.jpeg.client_data = &decoder;
}

/// False: `message` tells why.
bool readHeader(Decoder &decoder, std::string_view bytes)
{
    if (setjmp(decoder.failed) != 0)
        return false;
    jpeg_create_decompress(&decoder.jpeg);
    decoder.jpeg.client_data = &decoder;
    decoder.jpeg.progress = &decoder.progress;
    jpeg_mem_src(&decoder.jpeg, reinterpret_cast<const unsigned char *>(bytes.data()), bytes.size());
    jpeg_read_header(&decoder.jpeg, TRUE);
    return true;
}

bool readPixels(Decoder &decoder, std::uint8_t *pixels)
{
    if (setjmp(decoder.failed) != 0)
        return false;
    jpeg_start_decompress(&decoder.jpeg);
    const std::size_t stride =
        std::size_t{decoder.jpeg.output_width} * static_cast<std::size_t>(decoder.jpeg.output_components);
    while (decoder.jpeg.output_scanline < decoder.jpeg.output_height) {
        JSAMPROW row = pixels + decoder.jpeg.output_scanline * stride;
        jpeg_read_scanlines(&decoder.jpeg, &row, 1);
    }
    jpeg_finish_decompress(&decoder.jpeg);
    return true;
}

struct Destroy
{
    void operator()(Decoder *decoder) const
    {
        jpeg_destroy_decompress(&decoder->jpeg);
        delete decoder;
    }
};

tl::unexpected<Error> damaged(const Decoder &decoder, const std::string &where)
{
    return damagedPicture("The JPEG picture is damaged: " + std::string(decoder.message), where);
}

} // namespace

Result<Picture> decodeJpeg(std::string_view bytes, const std::string &where)
{
    const std::unique_ptr<Decoder, Destroy> decoder(new Decoder{});
    prepare(*decoder);
    if (!readHeader(*decoder, bytes))
        return damaged(*decoder, where);
    jpeg_decompress_struct &jpeg = decoder->jpeg;
    if (auto fits = checkPictureSize(jpeg.image_height, jpeg.image_width, where); !fits)
        return fail(fits.error());
    if (jpeg.num_components != 1 && jpeg.num_components != 3)
        return fail(ErrorCode::Unsupported,
                    "The JPEG picture has " + std::to_string(jpeg.num_components) +
                        " components; grey and RGB can be read",
                    where, "nothing was used of it", "Convert it to RGB");
    const bool isColored = jpeg.num_components == 3;
    jpeg.out_color_space = isColored ? JCS_RGB : JCS_GRAYSCALE;
    const std::uint32_t height = jpeg.image_height, width = jpeg.image_width, channels = isColored ? 3 : 1;
    std::vector<std::uint8_t> pixels(std::size_t{height} * width * channels);
    if (!readPixels(*decoder, pixels.data()))
        return damaged(*decoder, where);
    return planarPicture(pixels, height, width, channels);
}

} // namespace bottega
