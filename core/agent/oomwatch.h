// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace bottega {

/// Whether the kernel killed for want of memory since this was made: by the count of our control group, which holds the
/// work too, else by the machine's. A likely cause of a SIGKILL that nobody told of, never a certain one.
class OomWatch
{
public:
    /// `root` stands before /proc and /sys.
    explicit OomWatch(std::filesystem::path root = "/");

    /// "the kernel's out-of-memory killer: oom_kill of the control group /jobs rose from 0 to 1"; nothing where no count rose.
    [[nodiscard]] std::optional<std::string> evidence() const;

private:
    struct Count
    {
        std::filesystem::path file;
        std::string whose;
        std::uint64_t value = 0;
    };
    [[nodiscard]] std::optional<Count> groupCount() const;
    [[nodiscard]] std::optional<Count> machineCount() const;

    std::filesystem::path m_root;
    std::optional<Count> m_group;
    std::optional<Count> m_machine;
};

} // namespace bottega
