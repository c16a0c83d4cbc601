// SPDX-License-Identifier: Apache-2.0
#include "core/base/kernelfile.h"

#include "core/base/uniquefd.h"

#include <algorithm>
#include <fcntl.h>
#include <unistd.h>

namespace bottega {

std::string readKernelFile(const std::filesystem::path &path, std::size_t limit)
{
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    std::string text;
    char buffer[4096];
    while (fd && text.size() < limit) {
        const ssize_t count = ::read(fd.get(), buffer, std::min(sizeof buffer, limit - text.size()));
        if (count <= 0)
            break;
        text.append(buffer, static_cast<std::size_t>(count));
    }
    return text;
}

} // namespace bottega
