// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace bottega {

/// Unpacks an open gzip file of one member, forward only, with bounded memory. Borrows the descriptor.
class GzipFile
{
public:
    GzipFile(int fd, std::filesystem::path path);
    ~GzipFile();
    GzipFile(const GzipFile &) = delete;
    GzipFile &operator=(const GzipFile &) = delete;

    /// Fills `buffer`; fewer bytes only at the end, which has then been proved by the file's own CRC and length.
    /// Corrupt where the file is cut, damaged, or goes on behind its end.
    [[nodiscard]] Result<std::size_t> read(std::span<std::uint8_t> buffer);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace bottega
