// SPDX-License-Identifier: Apache-2.0
// Work for tests of the agent. Takes the trainer's arguments; does what its parameter "do" says, step by step:
//   print TEXT | sleep S | exit N | signal N | ignore-term | child | daemon | service | spin S | argv FILE | env FILE | fds FILE
//   service leaves another program in a session and an environment of its own; its id goes into a file
//   spin is S seconds of processor time
//   point N   writes N points with values 1…N and then the count into the file "acknowledged", point by point
//   end STATE N TEXT   writes end.json with that exit status and an error of that text
//   memory MIB   takes so much and touches it        file NAME MIB   writes so much
//   wait FILE   until FILE is there        stop   stops itself as a debugger would
// Files are relative to the working directory.
#include "core/base/atomicsave.h"
#include "core/base/clock.h"
#include "core/base/json.h"
#include "core/formats/tfevents/eventwriter.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <dirent.h>
#include <fcntl.h>
#include <filesystem>
#include <sstream>
#include <string>
#include <unistd.h>

namespace {

using namespace bottega;

struct Work
{
    int argc = 0;
    char **argv = nullptr;
    std::string runDir;
    int attempt = 0;
};

void save(const std::string &path, const std::string &bytes)
{
    if (!saveAtomically(path, bytes))
        std::exit(99);
}

void pause(double seconds)
{
    ::usleep(static_cast<useconds_t>(seconds * 1e6));
}

/// A process that stays, in our group or in a session of its own; its id goes into a file.
void leaveProcess(bool isDaemon)
{
    const pid_t first = ::fork();
    if (first != 0) {
        while (!std::filesystem::exists(isDaemon ? "daemon" : "child"))
            pause(0.005);
        return;
    }
    if (isDaemon) {
        ::setsid();
        if (::fork() != 0)
            ::_exit(0);
    }
    ::signal(SIGTERM, SIG_IGN);
    save(isDaemon ? "daemon" : "child", std::to_string(::getpid()));
    for (;;)
        ::pause();
}

void leaveService()
{
    if (::fork() != 0) {
        while (!std::filesystem::exists("service"))
            pause(0.005);
        return;
    }
    ::setsid();
    if (::fork() != 0)
        ::_exit(0);
    save("service", std::to_string(::getpid()));
    const char *arguments[] = {"sleep", "60", nullptr};
    char *environment[] = {nullptr};
    ::execve("/bin/sleep", const_cast<char **>(arguments), environment);
    ::_exit(95);
}

void writePoints(const Work &work, int count)
{
    static auto writer = EventWriter::create(work.runDir + "/metrics", work.attempt, "trainer");
    const int acknowledged = ::open("acknowledged", O_WRONLY | O_CREAT, 0600);
    for (int i = 1; i <= count; ++i) {
        if (!writer || !writer->append(i, {{"train/loss", static_cast<double>(i)}}))
            std::exit(98);
        char text[16];
        const int length = std::snprintf(text, sizeof text, "%010d", i); // of one width: never torn by a kill
        if (::pwrite(acknowledged, text, static_cast<std::size_t>(length), 0) != length)
            std::exit(96);
    }
}

void writeEnd(const Work &work, std::istream &rest)
{
    std::string state;
    int exitStatus = 0;
    std::string text;
    rest >> state >> exitStatus >> std::ws;
    std::getline(rest, text);
    Json json = {{"attempt", work.attempt}, {"pid", ::getpid()}, {"exitStatus", exitStatus}, {"state", state},
                 {"time", wallTime()}};
    if (!text.empty())
        json["error"] = {{"code", "failed"}, {"what", text}, {"where", "here"}, {"kept", "1 checkpoint"}, {"remedy", "Try again"}};
    save(work.runDir + "/end.json", dumpJson(json));
}

std::string arguments(const Work &work)
{
    std::string all;
    for (int i = 0; i < work.argc; ++i)
        all.append(work.argv[i]).push_back('\0');
    return all;
}

std::string variables()
{
    std::string all;
    for (char **variable = environ; *variable; ++variable)
        all.append(*variable).push_back('\0');
    return all;
}

std::string openDescriptors()
{
    std::string all;
    DIR *folder = ::opendir("/proc/self/fd");
    while (const dirent *entry = ::readdir(folder)) {
        if (entry->d_name[0] != '.' && std::atoi(entry->d_name) != ::dirfd(folder))
            all += std::string(entry->d_name) + ' ';
    }
    ::closedir(folder);
    return all;
}

void spin(double seconds)
{
    while (static_cast<double>(std::clock()) < seconds * CLOCKS_PER_SEC) {
    }
}

/// Kept to the end, shared with whoever is forked later.
void takeMemory(std::size_t bytes)
{
    auto *memory = static_cast<volatile char *>(std::malloc(bytes));
    for (std::size_t i = 0; memory && i < bytes; i += 512)
        memory[i] = 1;
}

void fillFile(const std::string &text)
{
    std::istringstream words(text);
    std::string name;
    std::size_t mebibytes = 0;
    words >> name >> mebibytes;
    save(name, std::string(mebibytes << 20, 'x'));
}

void perform(const Work &work, const std::string &step)
{
    std::istringstream rest(step);
    std::string verb;
    rest >> verb >> std::ws;
    std::string text;
    if (verb == "end")
        return writeEnd(work, rest);
    std::getline(rest, text);
    if (verb == "print")
        std::printf("%s\n", text.c_str()), std::fflush(stdout);
    else if (verb == "sleep")
        pause(std::atof(text.c_str()));
    else if (verb == "spin")
        spin(std::atof(text.c_str()));
    else if (verb == "exit")
        ::_exit(std::atoi(text.c_str()));
    else if (verb == "signal")
        ::signal(std::atoi(text.c_str()), SIG_DFL), ::raise(std::atoi(text.c_str())); // a sanitizer has its own handler
    else if (verb == "stop")
        ::raise(SIGSTOP);
    else if (verb == "ignore-term")
        ::signal(SIGTERM, SIG_IGN);
    else if (verb == "child" || verb == "daemon")
        leaveProcess(verb == "daemon");
    else if (verb == "service")
        leaveService();
    else if (verb == "argv")
        save(text, arguments(work));
    else if (verb == "env")
        save(text, variables());
    else if (verb == "fds")
        save(text, openDescriptors());
    else if (verb == "memory")
        takeMemory(static_cast<std::size_t>(std::atoi(text.c_str())) << 20);
    else if (verb == "file")
        fillFile(text);
    else if (verb == "point")
        writePoints(work, std::atoi(text.c_str()));
    else if (verb == "wait")
        while (!std::filesystem::exists(text))
            pause(0.01);
    else
        std::exit(97);
}

std::string value(const Work &work, const std::string &option)
{
    for (int i = 1; i < work.argc; ++i) {
        const std::string argument = work.argv[i];
        if (argument == option && i + 1 < work.argc)
            return work.argv[i + 1];
        if (argument.starts_with(option + '='))
            return argument.substr(option.size() + 1);
    }
    return {};
}

} // namespace

int main(int argc, char **argv)
{
    Work work{argc, argv, {}, 0};
    work.runDir = value(work, "--run-dir");
    work.attempt = std::atoi(value(work, "--attempt").c_str());
    std::istringstream steps(value(work, "--do"));
    for (std::string step; std::getline(steps, step, ';');)
        perform(work, step);
    return 0;
}
