// SPDX-License-Identifier: Apache-2.0
#include "core/agent/folderwatch.h"

#include "core/agent/slotfolder.h"

#include <cstddef>
#include <string>
#include <sys/inotify.h>
#include <unistd.h>

namespace bottega {

namespace {

constexpr const char *inside[] = {"metrics", "telemetry", "system-logs", "checkpoints", "work/outputs", "work/logs"};
constexpr std::uint32_t changesOfFiles =
    IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

} // namespace

FolderWatch::FolderWatch() : m_inotify(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

bool FolderWatch::watch(std::uint32_t run, int folder)
{
    if (!m_inotify || isOnNetwork(folder))
        return false;
    const std::string root = "/proc/self/fd/" + std::to_string(folder);
    const int watch = ::inotify_add_watch(m_inotify.get(), root.c_str(), changesOfFiles);
    if (watch < 0)
        return false;
    m_runs[watch] = run;
    bool isWhole = true;
    for (const char *name : inside) {
        const std::string path = root + '/' + name;
        const int below = ::inotify_add_watch(m_inotify.get(), path.c_str(), changesOfFiles | IN_DONT_FOLLOW);
        if (below >= 0)
            m_runs[below] = run;
        else
            isWhole = isWhole && ::access(path.c_str(), F_OK) != 0;
    }
    return isWhole;
}

void FolderWatch::forget(std::uint32_t run)
{
    for (auto watch = m_runs.begin(); watch != m_runs.end();) {
        if (watch->second != run) {
            ++watch;
            continue;
        }
        ::inotify_rm_watch(m_inotify.get(), watch->first);
        watch = m_runs.erase(watch);
    }
}

std::set<std::uint32_t> FolderWatch::changes()
{
    std::set<std::uint32_t> changed;
    alignas(inotify_event) char buffer[16 * 1024];
    for (ssize_t count = ::read(m_inotify.get(), buffer, sizeof buffer); count > 0;
         count = ::read(m_inotify.get(), buffer, sizeof buffer)) {
        for (ssize_t at = 0; at < count;) {
            const auto *event = reinterpret_cast<const inotify_event *>(buffer + at);
            at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
            if ((event->mask & IN_Q_OVERFLOW) != 0) {
                for (const auto &[watch, run] : m_runs)
                    changed.insert(run);
            } else if (const auto run = m_runs.find(event->wd); run != m_runs.end()) {
                changed.insert(run->second);
                if ((event->mask & IN_IGNORED) != 0)
                    m_runs.erase(run);
            }
        }
    }
    return changed;
}

} // namespace bottega
