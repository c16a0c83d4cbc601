// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/fileplace.h"
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace bottega {

/// An IDX file of unsigned bytes in memory: the format of MNIST (big-endian header, then the values in C order).
struct IdxArray
{
    std::vector<std::uint32_t> shape; // [N, rows, cols] for images, [N] for labels
    std::vector<std::uint8_t> values;
};

/// Shape of an IDX file from its header alone.
struct IdxInfo
{
    std::vector<std::uint32_t> shape;
    std::uint64_t fileBytes = 0; // of the unpacked file, header included
};

/// Reads an IDX file, plain or gzip (told by content, not by name). The header's promise is held against the size of
/// the file before anything is allocated; a packed file is unpacked into exactly the promised size. Element types other
/// than unsigned byte, more than 4 dimensions, an overflowing product, missing and trailing bytes are refused as Corrupt.
[[nodiscard]] Result<IdxArray> readIdx(const FilePlace &place);

/// The header only, of a plain file.
[[nodiscard]] Result<IdxInfo> readIdxInfo(const FilePlace &place);

/// The exact bytes of the IDX file that holds `array`.
[[nodiscard]] std::string encodeIdx(const IdxArray &array);

} // namespace bottega
