// SPDX-License-Identifier: Apache-2.0
#include "core/agent/gpuwatch.h"

#include "core/agent/gpus.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t longestLine = 1024;
constexpr std::size_t mostBytesAtOnce = 1 << 16; // of a child that writes without end, the rest is for the next time
constexpr double longestSilence = 10;            // seconds; the driver may need some for the first word
constexpr int mostStarts = 4;
constexpr const char *query = "--query-gpu=index,uuid,utilization.gpu,memory.used,power.draw,temperature.gpu";
constexpr const char *tags[] = {"utilization_percent", "memory_mib", "power_watts", "temperature_celsius"};

bool hasDevices(const fs::path &root)
{
    std::error_code ignored;
    return fs::exists(root / "dev/nvidiactl", ignored) || fs::exists(root / "proc/driver/nvidia/version", ignored) ||
           fs::exists(root / "dev/dxg", ignored);
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())))
        text.remove_prefix(1);
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())))
        text.remove_suffix(1);
    return text;
}

std::vector<std::string_view> fieldsOf(std::string_view line)
{
    std::vector<std::string_view> fields;
    for (std::size_t comma = line.find(','); comma != std::string_view::npos; comma = line.find(',')) {
        fields.push_back(trimmed(line.substr(0, comma)));
        line.remove_prefix(comma + 1);
    }
    fields.push_back(trimmed(line));
    return fields;
}

/// Nothing for "[N/A]", "[Not Supported]" and whatever else is no measurement.
template <class T>
std::optional<T> numberIn(std::string_view text)
{
    T value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || !(value >= 0) || value > T(1e7))
        return {};
    return value;
}

[[noreturn]] void becomeReporter(const std::string &program, int output)
{
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::setsid();
    for (int signal = 1; signal < NSIG; ++signal)
        ::signal(signal, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const int nothing = ::open("/dev/null", O_RDWR);
    if (nothing < 0 || ::dup2(nothing, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(nothing, 2) < 0)
        ::_exit(127);
    for (int fd = 3; fd < 256; ++fd) // the run's lock and its like
        ::close(fd);
    ::execl(program.c_str(), program.c_str(), query, "--format=csv,noheader,nounits", "-lms", "1000",
            static_cast<char *>(nullptr));
    ::_exit(127);
}

} // namespace

GpuWatch::GpuWatch(const Job &job, const fs::path &root)
{
    constexpr std::string_view prefix = "cuda:";
    const bool mayUseGpu = job.gpu != "never" && job.device != "cpu";
    if (!mayUseGpu || !hasDevices(root))
        return;
    if (job.device.starts_with(prefix))
        m_uuid = job.device.substr(prefix.size());
    m_program = nvidiaSmi();
    if (m_program.empty())
        m_note = "no telemetry of the GPU: nvidia-smi is not on PATH";
}

GpuWatch::~GpuWatch()
{
    if (m_pid <= 0)
        return;
    ::kill(-m_pid, SIGKILL);
    ::kill(m_pid, SIGKILL);
    while (::waitpid(m_pid, nullptr, 0) < 0 && errno == EINTR) { }
}

void GpuWatch::start(double now)
{
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return end(now, "no pipe");
    const UniqueFd writeEnd(ends[1]);
    m_output.reset(ends[0]);
    ::fcntl(m_output.get(), F_SETFL, O_NONBLOCK);
    ++m_starts;
    m_lastWord = now;
    const pid_t pid = ::fork();
    if (pid == 0)
        becomeReporter(m_program, writeEnd.get());
    if (pid < 0)
        return end(now, "no process");
    m_pid = pid;
}

void GpuWatch::end(double now, const std::string &why)
{
    if (m_pid > 0) {
        ::kill(-m_pid, SIGKILL);
        ::kill(m_pid, SIGKILL); // so young that it has no group of its own yet
        while (::waitpid(m_pid, nullptr, 0) < 0 && errno == EINTR) { }
    }
    m_pid = 0;
    m_output.reset();
    m_line.clear();
    m_isTooLong = false;
    m_nextStart = now + (1 << m_starts); // 2, 4, 8 s
    if (m_starts < mostStarts)
        return;
    m_note = "telemetry of the GPU incomplete: nvidia-smi " + why + ", " + std::to_string(m_starts) + " times";
    m_program.clear();
}

GpuWatch::Values GpuWatch::poll(double now)
{
    Values values;
    if (m_program.empty())
        return values;
    if (m_pid == 0) {
        if (now >= m_nextStart)
            start(now);
        return values;
    }
    char buffer[4096];
    ssize_t count = -1;
    for (std::size_t total = 0; total < mostBytesAtOnce; total += static_cast<std::size_t>(count)) {
        count = ::read(m_output.get(), buffer, sizeof buffer);
        if (count <= 0)
            break;
        take({buffer, static_cast<std::size_t>(count)}, values);
    }
    if (!values.empty())
        m_lastWord = now;
    if (count == 0)
        end(now, "ended");
    else if (now - m_lastWord > longestSilence)
        end(now, "said nothing of use for 10 s");
    return values;
}

void GpuWatch::take(std::string_view bytes, Values &values)
{
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        const std::string_view part = bytes.substr(0, end);
        m_isTooLong = m_isTooLong || m_line.size() + part.size() > longestLine;
        if (!m_isTooLong)
            m_line += part;
        if (end == std::string_view::npos)
            return;
        if (!m_isTooLong)
            takeLine(m_line, values);
        m_line.clear();
        m_isTooLong = false;
        bytes.remove_prefix(end + 1);
    }
}

void GpuWatch::takeLine(std::string_view line, Values &values)
{
    const auto fields = fieldsOf(line);
    const auto index = fields.size() == 2 + std::size(tags) ? numberIn<int>(fields[0]) : std::nullopt;
    const bool isWanted = index && *index < 1024 && fields[1].starts_with("GPU-") && (m_uuid.empty() || fields[1] == m_uuid);
    if (!isWanted)
        return;
    for (std::size_t i = 0; i < std::size(tags); ++i) {
        const auto value = numberIn<double>(fields[2 + i]);
        if (!value)
            continue;
        std::string tag = "gpu" + std::to_string(*index) + "/" + tags[i];
        const auto same = std::find_if(values.begin(), values.end(), [&tag](const auto &one) { return one.first == tag; });
        if (same == values.end())
            values.emplace_back(std::move(tag), *value);
        else
            same->second = *value;
    }
}

} // namespace bottega
