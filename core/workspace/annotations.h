// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"

#include <filesystem>
#include <string>
#include <vector>

namespace bottega {

/// One thing that a person said of something: "of models/digits/2, the tag stage is production".
struct Annotation
{
    double time = 0;     // seconds since 1970
    std::string subject; // slash path inside the workspace: "models/digits/2"
    std::string key;     // "description", "tag:stage", "deleted"
    Json value;          // null takes the former value back
};

/// Appends one line in a single write and syncs it. A torn last line of an earlier writer is closed off first, so that it
/// costs itself only. Several processes may append.
[[nodiscard]] Result<void> appendAnnotation(const std::filesystem::path &path, const Annotation &annotation);

/// All annotations in the order written: for one subject and key the last one holds. A missing file is an empty one;
/// lines that are no annotation, of a newer format or above 16 MiB are passed over, a last one without its end is left for later.
[[nodiscard]] Result<std::vector<Annotation>> readAnnotations(const std::filesystem::path &path);

} // namespace bottega
