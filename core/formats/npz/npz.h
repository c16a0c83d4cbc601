// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/fileplace.h"
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bottega {

enum class NpyType { Float32, Float64, Int32, Int64, UInt8, UInt64 };

/// One array of an .npz file. `bytes` holds the values little endian in C order.
struct NpyArray
{
    NpyType type = NpyType::Float32;
    std::vector<std::uint64_t> shape; // empty: a scalar
    std::string bytes;

    [[nodiscard]] std::uint64_t count() const;
    /// The values as float32; Float32 and Float64 only, else Corrupt.
    [[nodiscard]] Result<std::vector<float>> toFloats() const;
    [[nodiscard]] static NpyArray fromFloats(std::vector<std::uint64_t> shape, const float *values);
};

[[nodiscard]] std::string_view npyTypeName(NpyType type); // "<f4", "|u1", …

/// Arrays by key ("l1/W"), in key order: the same content gives the same bytes.
using NpzArrays = std::map<std::string, NpyArray>;

/// Writes the .npz that numpy.load and Chainer's load_npz take: zip with deflate, members KEY.npy, NPY header 1.0
/// padded to 64, zip dates 1980-01-01. Saved atomically. Same arrays, same bytes.
[[nodiscard]] Result<void> writeNpz(const std::filesystem::path &path, const NpzArrays &arrays);

/// Reads an .npz by key. Never a pickle: object arrays are refused by name. Byte order and Fortran order are converted.
/// Caps: 100,000 members, 2 GiB produced in all and never more than the member declared, ratio 200:1 above 64 MiB;
/// overlapping, encrypted and zip64-lying members and wrong CRCs are Corrupt with the member's name and offset.
[[nodiscard]] Result<NpzArrays> readNpz(const FilePlace &place);

} // namespace bottega
