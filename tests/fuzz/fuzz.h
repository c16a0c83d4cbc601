// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>

/// What the fuzzers share. Each gives the bytes that libFuzzer makes up to one reader: whatever they are, it must end,
/// within memory, in an Error or in content that keeps what its header promises.
namespace bottega::fuzz {

/// Ends the program, which libFuzzer takes for a finding, where a promise is not kept.
inline void require(bool isKept)
{
    if (!isKept)
        std::abort();
}

/// A file in memory, under a path that readers can open.
class MemoryFile
{
public:
    explicit MemoryFile(std::string_view bytes) : m_fd(::memfd_create("fuzz", MFD_CLOEXEC)) { append(bytes); }
    ~MemoryFile() { ::close(m_fd); }
    MemoryFile(const MemoryFile &) = delete;
    MemoryFile &operator=(const MemoryFile &) = delete;

    void append(std::string_view bytes) const
    {
        require(::write(m_fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    }
    [[nodiscard]] std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(m_fd); }

private:
    int m_fd;
};

/// A folder for what is read by its name, in memory where the machine has such a place.
class MemoryFolder
{
public:
    MemoryFolder()
    {
        std::string name = "/dev/shm/bottega-fuzz-XXXXXX";
        if (!::mkdtemp(name.data()))
            require(::mkdtemp((name = "/tmp/bottega-fuzz-XXXXXX").data()) != nullptr);
        m_path = name;
    }
    ~MemoryFolder() { std::filesystem::remove_all(m_path); }
    MemoryFolder(const MemoryFolder &) = delete;
    MemoryFolder &operator=(const MemoryFolder &) = delete;

    [[nodiscard]] std::filesystem::path save(const std::string &name, std::string_view bytes) const
    {
        std::ofstream(m_path / name, std::ios::binary) << bytes;
        return m_path / name;
    }
    void clear() const
    {
        for (const auto &entry : std::filesystem::directory_iterator(m_path))
            std::filesystem::remove_all(entry.path());
    }
    [[nodiscard]] const std::filesystem::path &path() const { return m_path; }

private:
    std::filesystem::path m_path;
};

void takeInput(std::string_view bytes); // each fuzzer has its own

} // namespace bottega::fuzz
