// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/workspace/runrecord.h"

#include <optional>
#include <string>
#include <string_view>

namespace bottega {

/// The form in which the index keeps a record: everything but id, artifacts and model, packed, so that ten thousand are read
/// in a moment. Whoever adds a field to what is packed counts RunTable's version up.
[[nodiscard]] std::string packRecord(const RunRecord &record);
/// None where the bytes are not whole.
[[nodiscard]] std::optional<RunRecord> unpackRecord(const std::string &id, std::string_view bytes);

/// The same in words, to compare.
[[nodiscard]] Json storedRecordToJson(const RunRecord &record);

} // namespace bottega
