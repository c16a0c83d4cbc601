// SPDX-License-Identifier: Apache-2.0
#include "core/run/journal.h"

#include "core/base/crc32c.h"
#include "core/base/file.h"
#include "core/base/linereader.h"
#include "core/base/memoryguard.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <unordered_set>

namespace bottega {

namespace {

constexpr std::uint64_t maximumBytes = std::uint64_t{1} << 30;
constexpr std::string_view firstKey = "{\"time\":";
constexpr std::string_view crcKey = ",\"crc\":\"";
constexpr std::size_t crcDigits = 8;
constexpr std::size_t tailLength = crcKey.size() + crcDigits + 2; // ,"crc":"xxxxxxxx"}

std::string sumOf(std::string_view text)
{
    char digits[crcDigits + 1];
    std::snprintf(digits, sizeof digits, "%08x", crc32c(text));
    return digits;
}

template <class T>
void addOptional(Json &json, const char *key, const std::optional<T> &value)
{
    if (value)
        json[key] = *value;
}

void addText(Json &json, const char *key, const std::string &text)
{
    if (!text.empty())
        json[key] = text;
}

Json entryToJson(const JournalEntry &entry)
{
    Json json = {{"time", entry.time},
                 {"attempt", entry.attempt},
                 {"state", runStateName(entry.state)},
                 {"evidence", entry.evidence}};
    addOptional(json, "agentPid", entry.agentPid);
    addOptional(json, "agentStart", entry.agentStart);
    addOptional(json, "pid", entry.pid);
    addOptional(json, "pidStart", entry.pidStart);
    addOptional(json, "exitStatus", entry.exitStatus);
    addOptional(json, "signal", entry.signal);
    addOptional(json, "steady", entry.steady);
    addText(json, "bootId", entry.bootId);
    addText(json, "machineId", entry.machineId);
    addText(json, "pidNamespace", entry.pidNamespace);
    addText(json, "host", entry.host);
    addText(json, "by", entry.by);
    addText(json, "limit", entry.limit);
    return json;
}

template <class T>
std::optional<T> optionalMember(const Json &json, const char *key)
{
    const auto found = json.find(key);
    if (found == json.end() || !found->is_number_integer())
        return {};
    return found->get<T>();
}

std::optional<JournalEntry> entryFromJson(const Json &json)
{
    const auto state = runStateFromName(stringMember(json, "state"));
    if (!state)
        return {};
    JournalEntry entry;
    entry.time = numberMember(json, "time");
    entry.attempt = static_cast<int>(integerMember(json, "attempt", 1));
    entry.state = *state;
    entry.evidence = stringMember(json, "evidence");
    entry.agentPid = optionalMember<int>(json, "agentPid");
    entry.agentStart = optionalMember<std::uint64_t>(json, "agentStart");
    entry.pid = optionalMember<int>(json, "pid");
    entry.pidStart = optionalMember<std::uint64_t>(json, "pidStart");
    entry.exitStatus = optionalMember<int>(json, "exitStatus");
    entry.signal = optionalMember<int>(json, "signal");
    if (json.contains("steady"))
        entry.steady = numberMember(json, "steady");
    entry.bootId = stringMember(json, "bootId");
    entry.machineId = stringMember(json, "machineId");
    entry.pidNamespace = stringMember(json, "pidNamespace");
    entry.host = stringMember(json, "host");
    entry.by = stringMember(json, "by");
    entry.limit = stringMember(json, "limit");
    return entry;
}

/// Nothing for a line whose sum, form or state is not right.
std::optional<JournalEntry> entryFromLine(std::string_view line)
{
    const auto json = openJournalLine(line);
    return json ? entryFromJson(*json) : std::nullopt;
}

/// Collects entries. A line that is no entry may hold whole ones, where an end of line was damaged or another writer's line
/// fell into it: they are found by their sums.
class LineTaker
{
public:
    explicit LineTaker(JournalContent &content) : m_content(content) {}

    void take(std::string_view line)
    {
        if (!add(line))
            m_content.damagedLines += addEnclosed(line);
    }

private:
    bool add(std::string_view line)
    {
        auto entry = entryFromLine(line);
        if (!entry)
            return false;
        // A line whose sync failed is written again: it may stand twice.
        if (m_lines.emplace(line).second)
            m_content.entries.push_back(std::move(*entry));
        return true;
    }

    /// Returns how many stretches of `line` are none. Every sum is looked at once, and what is before it up to the sum
    /// before that: linear.
    int addEnclosed(std::string_view line)
    {
        int damaged = 0;
        std::size_t done = 0;
        std::size_t searched = 0;
        for (std::size_t sum = line.find(crcKey); sum != std::string_view::npos; sum = line.find(crcKey, searched)) {
            const std::size_t end = sum + tailLength;
            const std::string_view before = line.substr(searched, sum - searched);
            const std::size_t start = before.rfind(firstKey);
            if (start != std::string_view::npos && end <= line.size() &&
                add(line.substr(searched + start, end - searched - start))) {
                damaged += searched + start > done ? 1 : 0;
                done = end;
            }
            searched = std::max(done, sum + 1);
        }
        return damaged + (done < line.size() ? 1 : 0);
    }

    JournalContent &m_content;
    std::unordered_set<std::string> m_lines;
};

Result<UniqueFd> openJournal(const std::filesystem::path &path, std::uint64_t &size)
{
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
    if (!fd)
        return fail(systemError(errno, "The run's journal could not be opened", path.string()));
    struct stat info = {};
    if (::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode))
        return fail(ErrorCode::Corrupt, "The run's journal is not a regular file", path.string(), "nothing was written");
    size = static_cast<std::uint64_t>(info.st_size);
    return fd;
}

bool endsWithNewline(int fd, std::uint64_t size)
{
    char last = '\n';
    return size == 0 || ::pread(fd, &last, 1, static_cast<off_t>(size - 1)) != 1 || last == '\n';
}

/// One write only: a second one for the rest could land behind somebody else's line.
Result<void> writeOnce(int fd, const std::string &line, const std::filesystem::path &path)
{
    ssize_t count = -1;
    do {
        count = ::write(fd, line.data(), line.size());
    } while (count < 0 && errno == EINTR);
    if (count == static_cast<ssize_t>(line.size()))
        return {};
    Error error = systemError(count < 0 ? errno : ENOSPC, "The run's journal could not be written", path.string());
    error.kept = "earlier lines are untouched";
    return fail(std::move(error));
}

} // namespace

std::string sealJournalLine(const Json &entry)
{
    std::string line = dumpJson(entry);
    line.pop_back(); // the closing brace follows the sum
    const std::string sum = sumOf(line);
    return line.append(crcKey).append(sum).append("\"}\n");
}

std::string journalLine(const JournalEntry &entry)
{
    return sealJournalLine(entryToJson(entry));
}

std::optional<Json> openJournalLine(std::string_view line)
{
    if (line.size() <= tailLength || !line.ends_with("\"}"))
        return {};
    const std::string_view body = line.substr(0, line.size() - tailLength);
    const std::string_view tail = line.substr(body.size());
    const std::string_view digits = tail.substr(crcKey.size(), crcDigits);
    if (!tail.starts_with(crcKey) || digits != sumOf(body))
        return {};
    auto json = parseJson(line, "journal");
    return json && json->is_object() ? std::optional(std::move(*json)) : std::nullopt;
}

Result<void> appendJournal(const std::filesystem::path &path, const JournalEntry &entry)
{
    std::uint64_t size = 0;
    const auto fd = openJournal(path, size);
    if (!fd)
        return fail(fd.error());
    std::string line = journalLine(entry);
    if (!endsWithNewline(fd->get(), size))
        line.insert(line.begin(), '\n');
    if (auto written = writeOnce(fd->get(), line, path); !written)
        return written;
    if (::fdatasync(fd->get()) != 0)
        return fail(systemError(errno, "The run's journal could not be synced to disk", path.string()));
    if (size != 0)
        return {};
    ::fchmod(fd->get(), 0600); // a new file: whatever the umask was
    return syncFolder(path.parent_path());
}

Result<JournalContent> readJournal(const FilePlace &place)
{
    return withinMemory(place.path(), [&]() -> Result<JournalContent> {
        JournalContent content;
        LineTaker taker(content);
        const auto file = readLines(place, maximumBytes, [&taker](std::string_view line) { taker.take(line); });
        if (!file && file.error().code == ErrorCode::NotFound)
            return JournalContent{};
        if (!file)
            return fail(file.error());
        if (file->tail.find('\0') != std::string::npos)
            taker.take(file->tail); // no writer will ever go on here: what a loss of power left
        content.bytes = file->bytes;
        content.damagedLines += static_cast<int>(file->tooLong);
        return content;
    });
}

} // namespace bottega
