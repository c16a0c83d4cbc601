// SPDX-License-Identifier: Apache-2.0
#include "core/formats/tfevents/eventwriter.h"

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/safename.h"
#include "core/formats/tfevents/record.h"
#include "core/formats/tfevents/scalarevent.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr double syncSeconds = 1;
constexpr double retrySeconds = 1;
constexpr std::size_t maximumHeldBytes = std::size_t{64} << 20;

std::string hostName()
{
    char name[256] = {};
    if (::gethostname(name, sizeof name - 1) != 0 || name[0] == '\0')
        return "localhost";
    std::string text = name;
    std::replace(text.begin(), text.end(), '/', '_');
    return text;
}

/// Names are read from the right, so that a writer's must be one word.
Result<void> checkWriter(std::string_view writer)
{
    if (writer.find('.') != std::string_view::npos)
        return fail(ErrorCode::Usage, "The name of a writer of metrics must not contain a full stop",
                    printable(writer), "nothing was written");
    return checkName("a writer of metrics", writer, 1, 64);
}

struct OpenFile
{
    fs::path path;
    UniqueFd fd;
};

Result<OpenFile> createFile(const fs::path &path)
{
    OpenFile file{path, UniqueFd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600))};
    if (!file.fd)
        return fail(systemError(errno, "The metrics file could not be created", path.string()));
    return file;
}

Result<void> syncFile(const OpenFile &file)
{
    if (::fdatasync(file.fd.get()) != 0)
        return fail(systemError(errno, "The metrics could not be synced to disk", file.path.string()));
    return {};
}

} // namespace

struct EventWriter::State
{
    fs::path folder;
    std::string stem;         // the name of the first file; others have their number behind it
    int part = 0;
    OpenFile file;            // without a descriptor after a failure, until a new file took everything over
    std::string unsynced;     // records, framed, that a new file has to repeat
    std::uint64_t sequence = 1;
    std::uint64_t lost = 0;   // values given up because too much was waiting
    double lastSync = 0;
    double lastFailure = 0;
    Error failure;            // the last one, repeated until the next try

    State() = default;
    State(const State &) = delete;
    State &operator=(const State &) = delete;
    ~State() { static_cast<void>(syncNow()); }

    [[nodiscard]] fs::path path() const { return folder / (part == 0 ? stem : stem + "." + std::to_string(part)); }
    Result<void> start();
    Result<void> write(std::string_view record);
    Result<void> syncNow();
    Result<void> goOnInNewFile();
    Error stillHeld(Error error);
    [[nodiscard]] bool isSyncDue() const { return !unsynced.empty() && steadyTime() - lastSync >= syncSeconds; }
};

/// Opens the file of the present number and writes what every event file begins with, and what is not on disk yet.
Result<void> EventWriter::State::start()
{
    auto opened = createFile(path());
    if (!opened)
        return fail(opened.error());
    std::string bytes;
    appendRecord(bytes, encodeFileVersion(wallTime()));
    bytes += unsynced;
    auto done = writeAll(opened->fd.get(), bytes, opened->path);
    if (done)
        done = syncFile(*opened);
    if (done)
        done = syncFolder(folder);
    if (!done) {
        ::unlink(opened->path.c_str()); // it has nothing that we do not hold
        return done;
    }
    file = std::move(*opened);
    unsynced.clear();
    lastSync = steadyTime();
    return {};
}

/// A file whose write or sync failed is finished: what the system reports about it later proves nothing.
Result<void> EventWriter::State::goOnInNewFile()
{
    file.fd.reset();
    ++part;
    auto started = start();
    if (!started) {
        lastFailure = steadyTime();
        failure = started.error();
    }
    return started;
}

Error EventWriter::State::stillHeld(Error error)
{
    error.kept = "points not yet on disk are held in memory and written when that is possible again";
    if (lost > 0)
        error.kept += "; " + std::to_string(lost) + " values were given up because too many were waiting";
    return error;
}

Result<void> EventWriter::State::write(std::string_view record)
{
    if (file.fd) {
        const auto written = writeAll(file.fd.get(), record, file.path);
        unsynced += record;
        return written ? Result<void>() : goOnInNewFile();
    }
    unsynced += record;
    if (steadyTime() - lastFailure < retrySeconds)
        return fail(failure);
    return goOnInNewFile();
}

Result<void> EventWriter::State::syncNow()
{
    lastSync = steadyTime();
    if (unsynced.empty())
        return {};
    if (!file.fd || !syncFile(file))
        return goOnInNewFile();
    unsynced.clear();
    return {};
}

Result<EventWriter> EventWriter::create(const fs::path &folder, int attempt, std::string_view writer)
{
    if (auto valid = checkWriter(writer); !valid)
        return fail(valid.error());
    auto state = std::make_unique<State>();
    state->folder = folder;
    state->stem = "events.out.tfevents." + std::to_string(static_cast<long long>(wallTime())) + "." + hostName() +
                  "." + std::to_string(::getpid()) + ".a" + std::to_string(attempt) + "." + std::string(writer);
    if (auto started = state->start(); !started)
        return fail(started.error());
    return EventWriter(std::move(state));
}

EventWriter::EventWriter(std::unique_ptr<State> state) : m_state(std::move(state)) {}
EventWriter::EventWriter(EventWriter &&) noexcept = default;

EventWriter &EventWriter::operator=(EventWriter &&) noexcept = default;
EventWriter::~EventWriter() = default;

Result<void> EventWriter::append(std::int64_t step, const std::vector<ScalarValue> &values)
{
    State &state = *m_state;
    if (values.empty())
        return {};
    std::string record;
    appendRecord(record, encodeScalars(wallTime(), step, values, state.sequence));
    state.sequence += values.size();
    if (state.unsynced.size() + record.size() > maximumHeldBytes && !state.file.fd) {
        state.lost += values.size();
        record.clear();
    }
    auto done = state.write(record);
    if (done && state.isSyncDue())
        done = state.syncNow();
    if (!done)
        return fail(state.stillHeld(done.error()));
    return {};
}

Result<void> EventWriter::sync()
{
    if (auto done = m_state->syncNow(); !done)
        return fail(m_state->stillHeld(done.error()));
    return {};
}

} // namespace bottega
