// SPDX-License-Identifier: Apache-2.0
#include "core/base/fileplace.h"

#include "core/base/file.h"
#include "core/base/safename.h"

namespace bottega {

Result<UniqueFd> FilePlace::open() const
{
    return m_name.empty() ? openRegularFile(m_path) : openBeneath(m_folder, m_name);
}

} // namespace bottega
