// SPDX-License-Identifier: Apache-2.0
#include "core/run/journal.h"

#include "core/base/crc32c.h"
#include "core/base/file.h"

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bottega {

namespace {

constexpr std::string_view crcKey = ",\"crc\":\"";
constexpr std::size_t crcDigits = 8;
constexpr std::size_t tailLength = crcKey.size() + crcDigits + 2; // ,"crc":"xxxxxxxx"}

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

std::string entryLine(const JournalEntry &entry)
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
    std::string line = dumpJson(json);
    line.pop_back(); // the closing brace follows the sum
    char digits[crcDigits + 1];
    std::snprintf(digits, sizeof digits, "%08x", crc32c(line));
    return line.append(crcKey).append(digits).append("\"}\n");
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
    if (line.size() <= tailLength || !line.ends_with("\"}"))
        return {};
    const std::string_view body = line.substr(0, line.size() - tailLength);
    const std::string_view tail = line.substr(body.size());
    const std::string_view digits = tail.substr(crcKey.size(), crcDigits);
    std::uint32_t crc = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), crc, 16);
    if (!tail.starts_with(crcKey) || parsed.ptr != digits.data() + digits.size() || crc != crc32c(body))
        return {};
    const auto json = parseJson(line, "journal");
    return json && json->is_object() ? entryFromJson(*json) : std::nullopt;
}

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

Result<void> appendJournal(const std::filesystem::path &path, const JournalEntry &entry)
{
    std::uint64_t size = 0;
    const auto fd = openJournal(path, size);
    if (!fd)
        return fail(fd.error());
    std::string line = entryLine(entry);
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

Result<JournalContent> readJournal(const std::filesystem::path &path)
{
    const auto bytes = readFile(path);
    if (!bytes && bytes.error().code == ErrorCode::NotFound)
        return JournalContent{};
    if (!bytes)
        return fail(bytes.error());
    JournalContent content;
    content.bytes = bytes->size();
    std::string_view rest = *bytes;
    for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end + 1);
        if (line.empty())
            continue;
        if (auto entry = entryFromLine(line))
            content.entries.push_back(std::move(*entry));
        else
            ++content.damagedLines;
    }
    return content;
}

} // namespace bottega
