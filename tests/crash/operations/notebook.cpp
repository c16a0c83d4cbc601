// SPDX-License-Identifier: Apache-2.0
#include "core/base/crc32c.h"
#include "tests/crash/operations/operation.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <sys/socket.h>

namespace bottega::crash {

namespace {

std::string oneLine(std::string text)
{
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

} // namespace

void Notebook::write(std::string line) const
{
    line.resize(std::min<std::size_t>(line.size(), 4000));
    line.push_back('\n');
    // A system call that no product code makes: errors of write() are for the disk.
    while (::send(m_fd, line.data(), line.size(), MSG_NOSIGNAL) < 0 && errno == EINTR) {
    }
}

void Notebook::begin() const
{
    write("begin");
}

void Notebook::attempt(std::string_view key, std::string_view value) const
{
    write("try " + std::string(key) + ' ' + std::string(value));
}

void Notebook::acknowledge(std::string_view key) const
{
    write("ack " + std::string(key));
}

void Notebook::refuse(std::string_view key, const Error &error) const
{
    const char *const missing = error.what.empty()     ? "what"
                                : error.where.empty()  ? "where"
                                : error.kept.empty()   ? "kept"
                                : error.remedy.empty() ? "remedy"
                                                       : "none";
    write("no " + std::string(key) + ' ' + missing + ' ' + oneLine(describe(error)));
}

bool Notebook::settle(std::string_view key, const Result<void> &done) const
{
    if (done)
        acknowledge(key);
    else
        refuse(key, done.error());
    return done.has_value();
}

std::string Plan::key(std::int64_t item) const
{
    char text[32];
    std::snprintf(text, sizeof text, "%04d-%08lld", round, static_cast<long long>(item));
    return text;
}

std::string Plan::value(std::int64_t item) const
{
    return hashOf("value " + key(item));
}

void require(bool isTrue, const char *what)
{
    if (isTrue)
        return;
    std::fprintf(stderr, "crash-operations: preparation failed: %s\n", what);
    std::exit(70);
}

bool isMutant(std::string_view name)
{
    const char *const chosen = std::getenv("BOTTEGA_CRASH_MUTANT");
    return chosen && name == chosen;
}

std::string hashOf(std::string_view bytes)
{
    char text[16];
    std::snprintf(text, sizeof text, "%08x", crc32c(bytes));
    return text;
}

} // namespace bottega::crash
