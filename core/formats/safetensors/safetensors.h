// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/formats/npz/npz.h"

#include <filesystem>
#include <map>
#include <string>

namespace bottega {

/// What a .safetensors file holds: arrays by name, and free text by key.
struct Safetensors
{
    NpzArrays arrays;
    std::map<std::string, std::string> metadata;
};

/// The bytes of the file: header padded to 8, arrays by falling size of their elements, then by name, without a gap.
/// Same content, same bytes. Usage: values that do not fit the shape, names that are no UTF-8 or reserved. Unsupported:
/// what `readSafetensors` would refuse for its size.
[[nodiscard]] Result<std::string> encodeSafetensors(const Safetensors &content);

/// Saved atomically.
[[nodiscard]] Result<void> writeSafetensors(const std::filesystem::path &path, const Safetensors &content);

/// Reads the element types that `NpyType` has; F16 and BF16 become Float32, exactly. Other types are Unsupported, by
/// name. Corrupt: a header above 100 MB or of more than 100,000 arrays, names or keys that come twice, shapes that do not
/// fit their bytes, arrays that overlap or leave a byte of the file to nobody. Nothing but the header is allocated before
/// all of it has been held against the size of the file. At most 2 GiB of values.
[[nodiscard]] Result<Safetensors> readSafetensors(const FilePlace &place);

} // namespace bottega
