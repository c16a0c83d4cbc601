// SPDX-License-Identifier: Apache-2.0
#include "core/base/uniquefd.h"

#include <unistd.h>

namespace bottega {

void UniqueFd::reset(int fd)
{
    if (m_fd >= 0)
        ::close(m_fd);
    m_fd = fd;
}

} // namespace bottega
