// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/fileplace.h"
#include "core/base/result.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace bottega {

/// Keys keep their order, so that documents read as they were meant.
using Json = nlohmann::ordered_json;

/// Parses one document; refuses nesting deeper than 64 levels and names line and column of an error. `where` names
/// the file in it. Never throws.
[[nodiscard]] Result<Json> parseJson(std::string_view text, const std::string &where);

/// Reads and parses a regular file of at most 16 MiB whose top level is an object.
[[nodiscard]] Result<Json> readJsonObject(const FilePlace &place);

/// One line; invalid UTF-8 is replaced, never thrown on.
[[nodiscard]] std::string dumpJson(const Json &json, int indent = -1);

/// NaN and infinities as the strings "NaN", "Infinity" and "-Infinity", since JSON has no numbers for them.
[[nodiscard]] Json jsonNumber(double value);
[[nodiscard]] std::optional<double> numberFromJson(const Json &json);

/// A member of the wanted type, or the fallback where it is missing or of another type.
[[nodiscard]] std::string stringMember(const Json &object, const char *key, const std::string &fallback = {});
[[nodiscard]] double numberMember(const Json &object, const char *key, double fallback = 0);
[[nodiscard]] std::int64_t integerMember(const Json &object, const char *key, std::int64_t fallback = 0);

} // namespace bottega
