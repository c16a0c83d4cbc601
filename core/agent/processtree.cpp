// SPDX-License-Identifier: Apache-2.0
#include "core/agent/processtree.h"

#include "core/base/kernelfile.h"
#include "core/base/uniquefd.h"

#include <charconv>
#include <csignal>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <string>
#include <string_view>
#include <sys/syscall.h>
#include <unistd.h>

namespace bottega {

namespace {

struct CloseFolder
{
    void operator()(DIR *folder) const { ::closedir(folder); }
};

/// Entries of a /proc folder whose names are numbers.
std::vector<int> numbersIn(const std::string &path)
{
    std::vector<int> numbers;
    const std::unique_ptr<DIR, CloseFolder> folder(::opendir(path.c_str()));
    while (const dirent *entry = folder ? ::readdir(folder.get()) : nullptr) {
        const std::string_view name = entry->d_name;
        int number = 0;
        if (std::from_chars(name.data(), name.data() + name.size(), number).ptr == name.data() + name.size())
            numbers.push_back(number);
    }
    return numbers;
}

bool kernelListsChildren()
{
    static const bool lists = ::access("/proc/thread-self/children", R_OK) == 0;
    return lists;
}

void addNumbers(std::vector<int> &numbers, std::string_view text)
{
    for (std::size_t space = text.find(' '); space != std::string_view::npos; space = text.find(' ')) {
        int number = 0;
        if (std::from_chars(text.data(), text.data() + space, number).ec == std::errc())
            numbers.push_back(number);
        text.remove_prefix(space + 1);
    }
}

/// The slow way, for kernels built without the list of children.
std::vector<int> childrenByScan(int pid)
{
    std::vector<int> children;
    for (const int candidate : numbersIn("/proc")) {
        const auto stat = readProcessStat(candidate);
        if (stat && stat->parent == pid)
            children.push_back(candidate);
    }
    return children;
}

bool belongsTo(int pid, const std::string &variable)
{
    constexpr std::size_t longest = std::size_t{1} << 20;
    const std::string environment = '\0' + readKernelFile("/proc/" + std::to_string(pid) + "/environ", longest);
    return environment.find(variable) != std::string::npos;
}

} // namespace

std::vector<int> childrenOf(int pid)
{
    if (!kernelListsChildren())
        return childrenByScan(pid);
    std::vector<int> children;
    const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
    for (const int task : numbersIn(tasks))
        addNumbers(children, readKernelFile(tasks + '/' + std::to_string(task) + "/children", std::size_t{1} << 20));
    return children;
}

std::vector<TreeMember> processesBelow(int ancestor)
{
    std::vector<TreeMember> members;
    std::vector<int> open = childrenOf(ancestor);
    while (!open.empty()) {
        const int pid = open.back();
        open.pop_back();
        const auto stat = readProcessStat(pid);
        if (!stat)
            continue;
        members.push_back({pid, *stat});
        const auto children = childrenOf(pid);
        open.insert(open.end(), children.begin(), children.end());
    }
    return members;
}

std::vector<ProcessIdentity> processesOfRun(const RunFolder &folder, std::uint64_t since)
{
    const std::string variable = '\0' + ("BOTTEGA_RUN_DIR=" + folder.root().string()) + '\0';
    std::vector<ProcessIdentity> processes;
    for (const int pid : numbersIn("/proc")) {
        const auto start = processStart(pid);
        if (start && *start >= since && pid != ::getpid() && belongsTo(pid, variable))
            processes.push_back({pid, *start});
    }
    return processes;
}

void signalProcess(const ProcessIdentity &process, int signal)
{
    const UniqueFd fd(static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0)));
    if (!process.isAlive()) // asked after the handle was taken: what it names can no longer change
        return;
    if (fd)
        ::syscall(SYS_pidfd_send_signal, fd.get(), signal, nullptr, 0);
    else
        ::kill(process.pid, signal);
}

} // namespace bottega
