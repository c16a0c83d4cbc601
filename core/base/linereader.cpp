// SPDX-License-Identifier: Apache-2.0
#include "core/base/linereader.h"

#include "core/base/file.h"

namespace bottega {

namespace {

constexpr std::size_t chunkBytes = std::size_t{1} << 20;

/// Cuts chunks into lines.
class Cutter
{
public:
    Cutter(LineFile &file, const std::function<void(std::string_view)> &take) : m_file(file), m_take(take) {}

    void add(std::string_view chunk)
    {
        for (std::size_t end = chunk.find('\n'); end != std::string_view::npos; end = chunk.find('\n')) {
            finishLine(chunk.substr(0, end));
            chunk.remove_prefix(end + 1);
        }
        keep(chunk);
    }

private:
    void keep(std::string_view part)
    {
        m_isTooLong = m_isTooLong || m_file.tail.size() + part.size() > longestLine;
        if (!m_isTooLong)
            m_file.tail += part;
    }

    void finishLine(std::string_view rest)
    {
        if (m_file.tail.empty() && !m_isTooLong)
            give(rest); // nearly always: no copy
        else
            keep(rest), m_isTooLong ? void(++m_file.tooLong) : give(m_file.tail);
        m_file.tail.clear();
        m_isTooLong = false;
    }

    void give(std::string_view line) const
    {
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (!line.empty())
            m_take(line);
    }

    LineFile &m_file;
    const std::function<void(std::string_view)> &m_take;
    bool m_isTooLong = false;
};

} // namespace

Result<LineFile> readLines(const FilePlace &place, std::uint64_t limit,
                           const std::function<void(std::string_view)> &take)
{
    const auto fd = place.open();
    if (!fd)
        return fail(fd.error());
    const auto size = sizeWithin(limit, fd->get(), place.path());
    if (!size)
        return fail(size.error());
    LineFile file;
    Cutter cutter(file, take);
    std::string chunk;
    while (file.bytes < *size) { // what is appended meanwhile is for the next time
        chunk.resize(std::min<std::uint64_t>(chunkBytes, *size - file.bytes));
        const auto count = readAt(fd->get(), std::as_writable_bytes(std::span(chunk)), file.bytes, place.path());
        if (!count)
            return fail(count.error());
        if (*count == 0)
            break; // somebody truncated it
        cutter.add(std::string_view(chunk).substr(0, *count));
        file.bytes += *count;
    }
    return file;
}

} // namespace bottega
