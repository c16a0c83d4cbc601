// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"

#include <cerrno>
#include <system_error>

namespace bottega {

std::string_view errorCodeName(ErrorCode code)
{
    switch (code) {
    case ErrorCode::Usage: return "usage";
    case ErrorCode::NotFound: return "not-found";
    case ErrorCode::Exists: return "exists";
    case ErrorCode::Corrupt: return "corrupt";
    case ErrorCode::Io: return "io";
    case ErrorCode::DiskFull: return "disk-full";
    case ErrorCode::Permission: return "permission";
    case ErrorCode::Unsupported: return "unsupported";
    case ErrorCode::Unreachable: return "unreachable";
    case ErrorCode::Canceled: return "canceled";
    case ErrorCode::Failed: return "failed";
    }
    return "failed";
}

namespace {

ErrorCode codeFromErrno(int value)
{
    switch (value) {
    case ENOENT:
    case ENOTDIR: return ErrorCode::NotFound;
    case EEXIST:
    case ENOTEMPTY: return ErrorCode::Exists;
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return ErrorCode::DiskFull;
    case EACCES:
    case EPERM:
    case EROFS: return ErrorCode::Permission;
    default: return ErrorCode::Io;
    }
}

std::string remedyFor(ErrorCode code)
{
    switch (code) {
    case ErrorCode::DiskFull: return "Free some space and try again";
    case ErrorCode::Permission: return "Check the owner and the permissions of the folder";
    default: return {};
    }
}

} // namespace

Error systemError(int errnoValue, std::string what, std::string where)
{
    const ErrorCode code = codeFromErrno(errnoValue);
    return {code, std::move(what) + ": " + std::generic_category().message(errnoValue), std::move(where), {},
            remedyFor(code)};
}

std::string describe(const Error &error)
{
    std::string text = error.what;
    if (!error.where.empty())
        text += ": " + error.where;
    if (!error.kept.empty())
        text += " (" + error.kept + ")";
    if (!error.remedy.empty())
        text += ". " + error.remedy;
    return text;
}

} // namespace bottega
