// SPDX-License-Identifier: Apache-2.0
#include "core/base/processors.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sched.h>
#include <sstream>
#include <string>
#include <unistd.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

double ratio(double quota, double period)
{
    return quota > 0 && period > 0 ? quota / period : 0;
}

/// "max 100000" or "150000 100000"
double limitOfVersion2(const fs::path &folder)
{
    std::ifstream file(folder / "cpu.max");
    std::string quota;
    double period = 0;
    file >> quota >> period;
    return file && quota != "max" ? ratio(std::strtod(quota.c_str(), nullptr), period) : 0;
}

double limitOfVersion1(const fs::path &folder)
{
    std::ifstream quotaFile(folder / "cpu.cfs_quota_us"), periodFile(folder / "cpu.cfs_period_us");
    double quota = 0, period = 0; // a quota of -1 is none
    quotaFile >> quota;
    periodFile >> period;
    return ratio(quota, period);
}

double smaller(double one, double other)
{
    return one > 0 && other > 0 ? std::min(one, other) : std::max(one, other);
}

/// The smallest limit of a group and all above it. Inside a container the path may be the host's: what is mounted is then
/// the container's own group, at the root.
template <class LimitOf> double limitAlong(const fs::path &mount, fs::path group, LimitOf limitOf)
{
    double limit = limitOf(mount);
    for (; !group.empty() && group != group.root_path(); group = group.parent_path())
        limit = smaller(limit, limitOf(mount / group.relative_path()));
    return limit;
}

bool hasController(const std::string &list, const std::string &name)
{
    return ("," + list + ",").find("," + name + ",") != std::string::npos;
}

} // namespace

double grantedProcessors(std::string_view groups, const fs::path &root)
{
    double granted = 0;
    std::istringstream lines{std::string(groups)};
    std::string number, controllers, path;
    while (std::getline(lines, number, ':') && std::getline(lines, controllers, ':') && std::getline(lines, path)) {
        if (controllers.empty()) {
            for (const fs::path &mount : {root, root / "unified"})
                granted = smaller(granted, limitAlong(mount, path, limitOfVersion2));
        } else if (hasController(controllers, "cpu")) {
            for (const fs::path &mount : {root / controllers, root / "cpu"})
                granted = smaller(granted, limitAlong(mount, path, limitOfVersion1));
        }
    }
    return granted;
}

int usableProcessors()
{
    cpu_set_t set;
    CPU_ZERO(&set);
    const int scheduled = ::sched_getaffinity(0, sizeof set, &set) == 0
                              ? CPU_COUNT(&set)
                              : static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
    std::ifstream file("/proc/self/cgroup");
    std::ostringstream groups;
    groups << file.rdbuf();
    const double granted = grantedProcessors(groups.str(), "/sys/fs/cgroup");
    const int limit = granted > 0 ? static_cast<int>(std::ceil(granted)) : scheduled;
    return std::max(1, std::min(scheduled, limit));
}

} // namespace bottega
