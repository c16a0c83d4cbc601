// SPDX-License-Identifier: Apache-2.0
#include "core/compute/target.h"

#include "core/base/safename.h"
#include "core/compute/local/localtarget.h"

namespace bottega {

Result<std::unique_ptr<ComputeTarget>> findTarget(const std::string &name)
{
    if (name == "local")
        return std::make_unique<LocalTarget>();
    std::string known;
    for (const std::string &one : targetNames())
        known += (known.empty() ? "" : ", ") + one;
    return fail(ErrorCode::NotFound, "There is no compute target “" + printable(name, 80) + "”", {}, {},
                "There are: " + known);
}

std::vector<std::string> targetNames()
{
    return {"local"};
}

} // namespace bottega
