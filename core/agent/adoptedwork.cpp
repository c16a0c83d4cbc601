// SPDX-License-Identifier: Apache-2.0
#include "core/agent/adoptedwork.h"

#include "core/base/clock.h"
#include "core/run/endrecord.h"
#include "core/run/process.h"

#include <csignal>
#include <poll.h>
#include <set>
#include <sys/syscall.h>
#include <unistd.h>

namespace bottega {

namespace {

constexpr double searchInterval = 5; // reads all of /proc

} // namespace

AdoptedWork::AdoptedWork(const RunFolder &folder, int attempt, const ProcessIdentity &identity)
    : m_folder(folder)
    , m_attempt(attempt)
    , m_identity(identity)
    , m_handle(static_cast<int>(::syscall(SYS_pidfd_open, identity.pid, 0)))
{
    if (!identity.isAlive()) // asked after the handle was taken: it may be of a later process
        m_handle.reset();
}

bool AdoptedWork::hasEnded() const
{
    if (!m_handle)
        return !m_identity.isAlive();
    pollfd descriptor = {m_handle.get(), POLLIN, 0};
    return ::poll(&descriptor, 1, 0) > 0;
}

std::optional<Exit> AdoptedWork::exit()
{
    if (m_exit || !hasEnded())
        return m_exit;
    m_exit.emplace();
    if (const auto record = readEndRecord(m_folder, m_attempt, m_identity.pid)) {
        m_exit->status = record->exitStatus;
        m_exit->isByRecord = true;
    }
    m_rootsFound = 0;
    return m_exit;
}

void AdoptedWork::findRoots()
{
    const double now = steadyTime();
    if (!m_exit && m_rootsFound > 0 && now - m_rootsFound < searchInterval)
        return;
    m_roots = processesOfRun(m_folder, m_identity.start);
    m_rootsFound = now;
}

std::vector<TreeMember> AdoptedWork::members()
{
    findRoots();
    std::vector<TreeMember> members;
    std::set<int> known;
    for (const ProcessIdentity &root : m_roots) {
        const auto stat = readProcessStat(root.pid);
        if (!stat || stat->start != root.start || !known.insert(root.pid).second)
            continue;
        members.push_back({root.pid, *stat});
        for (const TreeMember &member : processesBelow(root.pid)) {
            if (known.insert(member.pid).second)
                members.push_back(member);
        }
    }
    return members;
}

void AdoptedWork::signalGroup(int signal)
{
    if (m_identity.isAlive()) {
        ::kill(-m_identity.pid, signal);
        return;
    }
    for (const TreeMember &member : members()) { // the number of a group without its leader may be another's soon
        if (member.stat.group == m_identity.pid)
            signalProcess({member.pid, member.stat.start}, signal);
    }
}

} // namespace bottega
