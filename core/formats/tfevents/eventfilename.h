// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace bottega {

/// What the name of one of our event files tells: `events.out.tfevents.<seconds>.<host>.<pid>.a<attempt>.<writer>[.<n>]`.
struct EventFileName
{
    std::string stem; // all before `.<n>`: the same for every file that one writer had to go on in
    int attempt = 1;
    std::string writer;
    int part = 0; // n; 0 for the first file, which has none

    [[nodiscard]] std::string text() const;
};

/// The name for a new file of this process. The writer's name must be one path component without full stops.
[[nodiscard]] Result<EventFileName> newEventFileName(int attempt, std::string_view writer);

/// Nothing for files that other programs named.
[[nodiscard]] std::optional<EventFileName> parseEventFileName(std::string_view name);

/// Whether TensorBoard would take a file of this name for an event file.
[[nodiscard]] bool isEventFileName(std::string_view name);

} // namespace bottega
