// SPDX-License-Identifier: Apache-2.0
#include "core/agent/slotticket.h"

#include "core/agent/processtree.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/run/process.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bottega {

namespace {

constexpr std::size_t digits = 10;
constexpr int unobtrusive = 100; // scripts take low descriptors for their own by number

struct CloseFolder
{
    void operator()(DIR *folder) const { ::closedir(folder); }
};

std::string processSpace()
{
    return bootId() + ' ' + pidNamespace();
}

/// Number and share from a file's name; nothing for a name that is none of ours.
std::optional<SlotTicket> ticketNamed(const std::string &name)
{
    SlotTicket ticket;
    ticket.name = name;
    const char *end = name.data() + name.size();
    const auto number = std::from_chars(name.data(), end, ticket.number);
    if (number.ec != std::errc() || number.ptr != name.data() + digits)
        return {};
    if (number.ptr == end)
        return ticket;
    ticket.isHolder = true;
    const auto cpus = std::from_chars(number.ptr + 1, end, ticket.share.cpus);
    if (*number.ptr != '.' || cpus.ec != std::errc() || (cpus.ptr != end && *cpus.ptr != '.'))
        return {};
    if (cpus.ptr != end)
        ticket.share.gpu.assign(cpus.ptr + 1, end);
    return ticket;
}

std::vector<SlotTicket> namedTickets(const SlotFolder &folder)
{
    std::vector<SlotTicket> tickets;
    const int fd = ::openat(folder.handle.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, CloseFolder> listing(fd < 0 ? nullptr : ::fdopendir(fd));
    while (const dirent *entry = listing ? ::readdir(listing.get()) : nullptr) {
        if (auto ticket = ticketNamed(entry->d_name))
            tickets.push_back(std::move(*ticket));
    }
    std::sort(tickets.begin(), tickets.end(), [](const auto &a, const auto &b) { return a.number < b.number; });
    return tickets;
}

std::string contentOf(const SlotTicket &ticket)
{
    return dumpJson({{"run", ticket.run.string()},
                     {"agentPid", ticket.agent.pid},
                     {"agentStart", ticket.agent.start},
                     {"processSpace", ticket.processSpace},
                     {"cpus", ticket.needs.cpus},
                     {"gpus", ticket.needs.gpus}});
}

void takeContent(SlotTicket &ticket, const Json &json)
{
    ticket.run = stringMember(json, "run");
    ticket.agent.pid = static_cast<int>(integerMember(json, "agentPid"));
    ticket.agent.start = static_cast<std::uint64_t>(integerMember(json, "agentStart"));
    ticket.processSpace = stringMember(json, "processSpace");
    ticket.needs.cpus = static_cast<int>(integerMember(json, "cpus", 1));
    const auto gpus = json.find("gpus");
    for (const Json &gpu : gpus != json.end() && gpus->is_array() ? *gpus : Json::array()) {
        if (gpu.is_string())
            ticket.needs.gpus.push_back(gpu.get<std::string>());
    }
}

bool isLocked(int fd)
{
    return ::flock(fd, LOCK_SH | LOCK_NB) != 0; // ours, where we got it, goes with the descriptor
}

/// Where agent and work are gone, what still has the lock must be of the run.
bool isAlive(SlotTicket &ticket, bool locked)
{
    if (ticket.processSpace != processSpace() || ticket.agent.isAlive())
        return locked;
    if (!ticket.isHolder)
        return false;
    const RunFolder run(ticket.run);
    const auto journal = readJournal(run.file("journal.jsonl"));
    const Attempt attempt = journal ? newestAttempt(journal->entries) : Attempt();
    if (attempt.work && attempt.place() == Place::Here && attempt.work->isAlive())
        return true; // also where it has closed all descriptors that it did not open
    const auto left = locked ? processesOfRun(run) : std::vector<ProcessIdentity>();
    ticket.leftBehind = left.empty() ? 0 : left.front().pid;
    return !left.empty();
}

/// A stopped agent would stop everybody behind it.
bool isStopped(const SlotTicket &ticket)
{
    const auto stat = ticket.processSpace == processSpace() ? readProcessStat(ticket.agent.pid) : std::nullopt;
    return stat && (stat->state == 'T' || stat->state == 't');
}

} // namespace

std::string holderName(const SlotTicket &ticket, const SlotShare &share)
{
    const std::string name = ticket.name.substr(0, digits) + '.' + std::to_string(share.cpus);
    return share.gpu.empty() ? name : name + '.' + share.gpu;
}

Result<UniqueFd> writeTicket(const SlotFolder &folder, SlotTicket &ticket, const RunFolder &run)
{
    const auto others = namedTickets(folder);
    char name[digits + 1];
    ticket.number = others.empty() ? 1 : others.back().number + 1;
    std::snprintf(name, sizeof name, "%010llu", static_cast<unsigned long long>(ticket.number));
    ticket.name = name;
    ticket.run = run.root();
    ticket.agent = {::getpid(), processStart(::getpid()).value_or(0)};
    ticket.processSpace = processSpace();
    const auto path = folder.path / ticket.name;
    UniqueFd writing(::openat(folder.handle.get(), name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!writing)
        return fail(systemError(errno, "The queue of this machine could not be entered", path.string()));
    UniqueFd fd(::openat(folder.handle.get(), name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)); // the work can't write to it
    const auto written = writeAll(writing.get(), contentOf(ticket), path);
    if (written && fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) {
        if (UniqueFd high(::fcntl(fd.get(), F_DUPFD_CLOEXEC, unobtrusive)); high)
            return high;
        return fd;
    }
    const Error error = written ? systemError(errno, "The queue of this machine could not be entered", path.string())
                                : written.error();
    ::unlinkat(folder.handle.get(), name, 0);
    return fail(error);
}

std::vector<SlotTicket> readTickets(const SlotFolder &folder)
{
    std::vector<SlotTicket> living;
    for (SlotTicket &ticket : namedTickets(folder)) {
        const UniqueFd fd(::openat(folder.handle.get(), ticket.name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
        if (!fd)
            continue; // given back meanwhile
        std::string content(4096 + 64 * 1024, '\0');
        const auto count = readAt(fd.get(), std::as_writable_bytes(std::span(content)), 0, folder.path / ticket.name);
        if (const auto json = parseJson(content.substr(0, count.value_or(0)), ticket.name); json && json->is_object())
            takeContent(ticket, *json);
        if (!isAlive(ticket, isLocked(fd.get())))
            ::unlinkat(folder.handle.get(), ticket.name.c_str(), 0);
        else if (ticket.isHolder || !isStopped(ticket))
            living.push_back(std::move(ticket));
    }
    return living;
}

bool isTicketLocked(const SlotFolder &folder, const std::string &name)
{
    const UniqueFd fd(::openat(folder.handle.get(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    return fd && isLocked(fd.get());
}

Result<std::optional<UniqueFd>> lockQueue(const SlotFolder &folder)
{
    UniqueFd fd(::openat(folder.handle.get(), "queue.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd)
        return fail(systemError(errno, "The queue of this machine could not be locked", (folder.path / "queue.lock").string()));
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0)
        return std::optional<UniqueFd>();
    return std::optional(std::move(fd));
}

} // namespace bottega
