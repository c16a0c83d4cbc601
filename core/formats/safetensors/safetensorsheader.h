// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bottega::safetensors {

inline constexpr std::size_t lengthBytes = 8; // the header's length, before it
inline constexpr std::uint64_t maximumHeaderBytes = 100'000'000;
inline constexpr std::size_t maximumEntries = 100'000;
inline constexpr std::string_view metadataName = "__metadata__";

/// One array as the header describes it; nothing of it has been checked against the others or the file.
struct Entry
{
    std::string name;
    std::string type; // "F32"
    std::vector<std::uint64_t> shape;
    std::uint64_t begin = 0; // in the bytes behind the header
    std::uint64_t end = 0;
};

struct Header
{
    std::vector<Entry> entries; // in the header's order, names differ
    std::map<std::string, std::string> metadata;
};

/// Parses the header's JSON as a stream, so that a hostile one costs no more memory than its own size. Corrupt, with
/// `where` as the place, where it is anything but arrays of type, shape and offsets and one map of strings.
[[nodiscard]] Result<Header> parseHeader(std::string_view text, const std::string &where);

/// The JSON of a header, padded with blanks so that the values start at a multiple of 8. Usage where a name or text is no
/// UTF-8.
[[nodiscard]] Result<std::string> formatHeader(const Header &header);

} // namespace bottega::safetensors
