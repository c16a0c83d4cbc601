// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace bottega {

enum class ErrorCode {
    Usage,       // the request itself is wrong: a parameter, a name, an option
    NotFound,    // the named thing does not exist; the remedy lists what does
    Exists,      // it is already there and is never overwritten unasked
    Corrupt,     // a file is not what it should be
    Io,          // the system refused a read or a write
    DiskFull,
    Permission,
    Unsupported,
    Unreachable, // a host or server did not answer
    Canceled,
    Failed,      // the work itself failed
};

/// Everything a person needs about one failure. Texts are plain, never markup; any may be empty but `what`.
struct Error
{
    ErrorCode code = ErrorCode::Failed;
    std::string what;   // what failed: one sentence without a final full stop
    std::string where;  // file, host or run, and byte offset where there is one
    std::string kept;   // what was kept or lost
    std::string remedy; // what to do
};

/// Stable lower-case name, as in the command line's JSON: "usage", "not-found", …
[[nodiscard]] std::string_view errorCodeName(ErrorCode code);

/// An `Error` from errno: chooses the code (DiskFull, Permission, NotFound, Exists, Io) and names the system's reason.
[[nodiscard]] Error systemError(int errnoValue, std::string what, std::string where);

/// All parts in one line: "what: where (kept). remedy".
[[nodiscard]] std::string describe(const Error &error);

} // namespace bottega
