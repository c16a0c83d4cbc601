// SPDX-License-Identifier: Apache-2.0
#include "core/base/format.h"

#include "core/base/safename.h"

namespace bottega {

Result<void> checkFormat(const Json &record, int known, const std::string &what, const std::filesystem::path &where)
{
    const auto format = record.find("format");
    if (format == record.end())
        return {};
    if (!format->is_number_integer() || format->get<std::int64_t>() < 1)
        return fail(ErrorCode::Corrupt, what + " has no valid format number", where.string(), "nothing was changed",
                    "Restore the file from a copy");
    if (format->get<std::int64_t>() <= known)
        return {};
    const std::string writer = printable(stringMember(record, "createdBy"), 60);
    return fail(ErrorCode::Unsupported,
                what + " was written by " + (writer.empty() ? "a newer version of Bottega" : writer) + " in format " +
                    std::to_string(format->get<std::int64_t>()) + "; this is Bottega " BOTTEGA_VERSION
                    ", which knows formats up to " + std::to_string(known),
                where.string(), "nothing was changed", "Update Bottega, or open it with the version that wrote it");
}

} // namespace bottega
