// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/cli/console.h"

#include <array>
#include <streambuf>

namespace bottega::cli {

/// Writes to a file descriptor that it does not own, and keeps the reason where that fails.
class DescriptorBuffer final : public std::streambuf
{
public:
    explicit DescriptorBuffer(int fd);
    ~DescriptorBuffer() override;

    [[nodiscard]] int error() const { return m_error; } // errno of the first write that failed; 0 for none

protected:
    int_type overflow(int_type character) override;
    int sync() override;

private:
    int m_fd;
    int m_error = 0;
    std::array<char, 1 << 14> m_bytes;
};

/// Where the program was started with a standard stream closed, opens the null device in its place: no file that is
/// opened later can then be written to by mistake.
void openMissingStreams();

/// The console of this process: what is a terminal, how wide it is, and Ctrl+C.
[[nodiscard]] Console processConsole(std::ostream &out, std::ostream &err);

/// The exit code once all is written: a reader that went away is no news to anyone, a full disk is an error.
[[nodiscard]] int codeAfterWriting(int code, const DescriptorBuffer &out, Console &console);

} // namespace bottega::cli
