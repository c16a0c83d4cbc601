// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"

#include <tl/expected.hpp>

namespace bottega {

/// A value or an `Error`. Every synchronous operation that can fail returns one, marked [[nodiscard]].
template <class T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(Error error)
{
    return tl::unexpected<Error>(std::move(error));
}

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string what, std::string where = {},
                                                std::string kept = {}, std::string remedy = {})
{
    return fail({code, std::move(what), std::move(where), std::move(kept), std::move(remedy)});
}

} // namespace bottega
