// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/workspace/runrecord.h"

#include <string>

namespace bottega {

/// The form in which the index keeps a record: everything but artifacts and model.
[[nodiscard]] Json recordToStored(const RunRecord &record);
[[nodiscard]] Result<RunRecord> recordFromStored(const std::string &id, const std::string &text);

} // namespace bottega
