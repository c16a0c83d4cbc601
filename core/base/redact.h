// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.h"

#include <string>
#include <string_view>

namespace bottega {

/// What stands in the place of a secret.
inline constexpr std::string_view redactedMark = "[redacted]";

/// True where a parameter, tag or variable of this name holds a secret by its name: its last word is password, secret,
/// token, credential, passphrase, or key as in api_key. Words end at '_', '-', '.' and capitals; "max_token",
/// "num_tokens" and "tokenizer" are none.
[[nodiscard]] bool isSecretName(std::string_view name);

/// The value of something named, as it may be shown or leave the machine: the mark where the name says that it is a
/// secret, else redact(value).
[[nodiscard]] std::string redactValue(std::string_view name, std::string_view value);

/// Text of foreign origin as it may be shown or leave the machine: user and password in URLs, values that follow a secret
/// name and '=' or ':', bearer tokens, tokens of well-known shapes and private keys in PEM give way to the mark. All else
/// stays byte for byte; the files themselves are never rewritten. One pass, linear. `insideKey` carries the state of a PEM
/// block from one piece of a long text to the next; pieces end at line ends.
[[nodiscard]] std::string redact(std::string_view text, bool *insideKey = nullptr);

/// The same for all texts in a document. The name of a text is its member's, or where members "key" or "name" and
/// "value" stand together, what the former says.
[[nodiscard]] Json redactJson(const Json &json);

} // namespace bottega
