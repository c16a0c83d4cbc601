// SPDX-License-Identifier: Apache-2.0
#include "core/agent/stream.h"

#include "core/agent/folderwatch.h"
#include "core/agent/streamrun.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/safename.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <list>
#include <optional>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

namespace bottega {

namespace {

constexpr double shortestRound = 0.02; // seconds: points come one by one, frames need not
constexpr double pollInterval = 1;
constexpr double listInterval = 2;
constexpr std::size_t longestRequest = std::size_t{16} << 20;

struct Followed
{
    StreamRun run;
    bool isWatched = false;
    bool isDirty = true;
    bool isToldUpToDate = false;
    double nextPoll = 0;
    double nextLists = 0;
    bool areListsDue = true;
};

/// A descriptor per run is held: as many as we may have.
void raiseDescriptorLimit()
{
    rlimit limit = {};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

class Streamer
{
public:
    Streamer(int input, int output) : m_input(input), m_output(output) {}

    Result<void> stream(const std::vector<std::filesystem::path> &runFolders)
    {
        for (std::size_t i = 0; i < runFolders.size(); ++i)
            add(static_cast<std::uint32_t>(i), runFolders[i], Json::object());
        write(streamStart());
        while (!m_isOver) {
            sendRound();
            wait();
            if (auto done = readRequests(); !done)
                return done;
        }
        return {};
    }

private:
    void add(std::uint32_t number, const std::filesystem::path &folder, const Json &known)
    {
        remove(number);
        m_runs.push_back({StreamRun(number, folder, known)});
    }

    void remove(std::uint32_t number)
    {
        m_watch.forget(number);
        m_runs.remove_if([number](const Followed &one) { return one.run.number() == number; });
    }

    void write(const std::string &bytes)
    {
        m_isOver = m_isOver || !writeAll(m_output, bytes, "stream"); // nobody reads any more
    }

    void send(Followed &followed, const StreamEvent &event)
    {
        followed.isToldUpToDate = event.kind == StreamKind::UpToDate;
        write(streamFrame(event));
    }

    void sendRound()
    {
        m_roundTime = steadyTime();
        m_isMore = false;
        std::vector<Followed *> due;
        for (Followed &one : m_runs) {
            if (one.isDirty || (!one.isWatched && !one.run.isGone() && m_roundTime >= one.nextPoll))
                due.push_back(&one);
        }
        for (Followed *one : due)
            sendMetrics(*one);
        for (Followed *one : due)
            sendLogs(*one);
        for (Followed &one : m_runs) {
            if (!one.run.isGone() && !one.isDirty && one.areListsDue && m_roundTime >= one.nextLists)
                sendLists(one);
        }
    }

    void sendMetrics(Followed &one)
    {
        if (!one.run.isGone()) // before the look: nothing is missed
            one.isWatched = m_watch.watch(one.run.number(), one.run.handle());
        one.areListsDue = true;
        one.nextPoll = m_roundTime + pollInterval;
        one.isDirty = one.run.sendMetrics([this, &one](const StreamEvent &event) { send(one, event); });
    }

    void sendLogs(Followed &one)
    {
        const bool isMore = one.run.sendLogs([this, &one](const StreamEvent &event) { send(one, event); });
        one.isDirty = one.isDirty || isMore;
        m_isMore = m_isMore || one.isDirty;
        if (!one.isDirty && !one.run.isGone() && !one.isToldUpToDate)
            send(one, {StreamKind::UpToDate, one.run.number(), {}, 0, 0, {}});
    }

    /// Long lists are looked at more rarely.
    void sendLists(Followed &one)
    {
        const double begin = steadyTime();
        one.run.sendLists([this, &one](const StreamEvent &event) { send(one, event); });
        const double now = steadyTime();
        one.nextLists = now + std::max(listInterval, 20 * (now - begin));
        one.areListsDue = false;
        if (!one.isToldUpToDate)
            send(one, {StreamKind::UpToDate, one.run.number(), {}, 0, 0, {}});
    }

    /// Until a request, a change, or the next thing that is due.
    void wait()
    {
        if (m_isOver)
            return;
        pollfd descriptors[] = {{m_input, POLLIN, 0}, {m_watch.fd(), POLLIN, 0}, {m_output, 0, 0}};
        ::poll(descriptors, std::size(descriptors), m_isMore ? 0 : timeout());
        if ((descriptors[2].revents & (POLLERR | POLLHUP)) != 0)
            m_isOver = true;
        const double early = m_roundTime + shortestRound - steadyTime();
        if (descriptors[1].revents != 0 && !m_isMore && early > 0)
            ::poll(descriptors, 1, static_cast<int>(std::ceil(early * 1000)));
        m_hasRequest = descriptors[0].revents != 0;
        for (const std::uint32_t run : m_watch.changes()) {
            for (Followed &one : m_runs)
                one.isDirty = one.isDirty || one.run.number() == run;
        }
    }

    /// Milliseconds; -1: nothing is ever due by itself.
    [[nodiscard]] int timeout() const
    {
        double next = INFINITY;
        for (const Followed &one : m_runs) {
            if (one.run.isGone())
                continue;
            if (one.isDirty)
                next = 0;
            if (!one.isWatched)
                next = std::min(next, one.nextPoll);
            if (one.areListsDue)
                next = std::min(next, one.nextLists);
        }
        return std::isinf(next) ? -1 : static_cast<int>(std::ceil(std::max(0.0, next - steadyTime()) * 1000));
    }

    Result<void> readRequests()
    {
        if (!m_hasRequest || m_isOver)
            return {};
        char buffer[64 * 1024];
        const ssize_t count = ::read(m_input, buffer, sizeof buffer);
        if (count <= 0) {
            m_isOver = count == 0 || errno != EINTR;
            return {};
        }
        m_requests.append(buffer, static_cast<std::size_t>(count));
        for (std::size_t end = m_requests.find('\n'); end != std::string::npos && !m_isOver; end = m_requests.find('\n')) {
            if (auto taken = takeRequest(m_requests.substr(0, end)); !taken)
                return taken;
            m_requests.erase(0, end + 1);
        }
        if (m_requests.size() > longestRequest)
            return refuse("A request is longer than 16 MiB");
        return {};
    }

    Result<void> takeRequest(const std::string &line)
    {
        const auto json = parseJson(line, "request");
        if (!json || !json->is_object())
            return refuse("A request is no JSON object: “" + printable(line) + "”");
        const auto member = [&json](const char *name) { return json->contains(name) ? json->at(name) : Json(); };
        const Json added = member("add"), removed = member("remove");
        if (added.is_object() && added.contains("files") && stringMember(added, "folder").starts_with('/'))
            add(static_cast<std::uint32_t>(integerMember(added, "run")), stringMember(added, "folder"), added["files"]);
        else if (removed.is_object())
            remove(static_cast<std::uint32_t>(integerMember(removed, "run")));
        else if (member("quit") == Json(true))
            m_isOver = true;
        else
            return refuse("A request is none of add, remove and quit: “" + printable(line) + "”");
        return {};
    }

    static tl::unexpected<Error> refuse(const std::string &what)
    {
        return fail(ErrorCode::Usage, what, "standard input", "the stream has ended", "Connect again; both sides must be one version");
    }

    int m_input;
    int m_output;
    FolderWatch m_watch;
    std::list<Followed> m_runs;
    std::string m_requests;
    bool m_hasRequest = false;
    bool m_isMore = false;
    bool m_isOver = false;
    double m_roundTime = 0;
};

} // namespace

Result<void> streamRuns(const std::vector<std::filesystem::path> &runFolders, int input, int output)
{
    ::signal(SIGPIPE, SIG_IGN);
    raiseDescriptorLimit();
    return Streamer(input, output).stream(runFolders);
}

} // namespace bottega
