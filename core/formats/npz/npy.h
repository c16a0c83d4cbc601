// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/formats/npz/npz.h"

#include <string>

namespace bottega {

/// Bytes of one element.
[[nodiscard]] std::uint64_t npyItemSize(NpyType type);

/// The .npy file of one array: version 1.0, header padded to 64 bytes. The bytes must fit the shape.
[[nodiscard]] std::string encodeNpy(const NpyArray &array);

/// Reads .npy versions 1.0 to 3.0 from a whole file's bytes; other byte orders and Fortran order are converted. Refused,
/// with `where` as the place: object arrays (they are pickles, which run code), structured and other types as
/// Unsupported; headers above 64 KiB, shapes and sizes that do not fit the bytes as Corrupt.
[[nodiscard]] Result<NpyArray> decodeNpy(std::string bytes, const std::string &where);

} // namespace bottega
