// SPDX-License-Identifier: Apache-2.0
#include "tests/core/workspace/fixture.h"

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/formats/tfevents/eventwriter.h"
#include "core/run/process.h"

#include <QCryptographicHash>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <unistd.h>
#include <zlib.h>

namespace bottega::test {

namespace fs = std::filesystem;

namespace {

void require(bool isTrue, const char *what)
{
    if (!isTrue)
        qFatal("fixture: %s", what);
}

Workspace makeWorkspace(const QTemporaryDir &folder)
{
    require(folder.isValid(), "no temporary folder");
    auto workspace = Workspace::init(fs::path(folder.path().toStdString()) / "ws", "tests");
    require(workspace.has_value(), "no workspace");
    return *workspace;
}

void appendNumber(std::string &bytes, std::uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes.push_back(static_cast<char>((value >> shift) & 0xFF));
}

} // namespace

WorkspaceFixture::WorkspaceFixture() : workspace(makeWorkspace(m_folder)) {}

fs::path WorkspaceFixture::folder(const std::string &name) const
{
    return fs::path(m_folder.path().toStdString()) / name;
}

RunFolder WorkspaceFixture::newRun(const std::string &experiment)
{
    Job job;
    job.runId = makeRunId(experiment);
    job.experiment = experiment;
    job.recipe = "mnist-mlp";
    job.params = {{"epochs", "10"}, {"batchsize", "100"}};
    job.data = {"tiny", "/data/tiny", std::string(64, 'a'), 1000, 100};
    job.createdAt = wallTime();
    auto run = RunFolder::create(workspace.runsFolder(), job);
    require(run.has_value(), "no run");
    return *run;
}

RunFolder WorkspaceFixture::completedRun(int epochs, const std::string &content)
{
    const RunFolder run = newRun();
    const double now = wallTime();
    journal(run, RunState::Queued, now);
    journal(run, RunState::Running, now + 1, "pid 1 started");
    std::vector<double> accuracies;
    for (int i = 0; i < epochs; ++i)
        accuracies.push_back(0.9 + 0.01 * i);
    addMetric(run, "Accuracy", accuracies);
    write(run.work() / "outputs/model.npz", content);
    journal(run, RunState::Completed, now + 11, "exit status 0");
    return run;
}

void WorkspaceFixture::journal(const RunFolder &run, RunState state, double time, const std::string &evidence)
{
    JournalEntry entry;
    entry.time = time;
    entry.state = state;
    entry.evidence = evidence;
    require(appendJournal(run.journal(), entry).has_value(), "no journal");
}

void WorkspaceFixture::journalAlive(const RunFolder &run)
{
    JournalEntry entry;
    entry.time = wallTime();
    entry.state = RunState::Running;
    entry.agentPid = entry.pid = ::getpid();
    entry.agentStart = entry.pidStart = processStart(::getpid());
    entry.bootId = bootId();
    entry.host = hostName();
    require(appendJournal(run.journal(), entry).has_value(), "no journal");
}

void WorkspaceFixture::addMetric(const RunFolder &run, const char *name, const std::vector<double> &values,
                                 const char *writer)
{
    auto events = EventWriter::create(run.metrics(), 1, writer);
    require(events.has_value(), "no event file");
    std::int64_t step = 0;
    for (const double value : values)
        require(events->append(++step, {{name, value}}).has_value(), "no event");
}

void WorkspaceFixture::damageMiddle(const fs::path &path)
{
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(fs::file_size(path) / 2));
    file << std::string(1000, 'x');
    require(file.flush().good(), "not damaged");
}

void WorkspaceFixture::write(const fs::path &path, const std::string &bytes)
{
    require(makeFolder(path.parent_path()).has_value(), "no folder");
    std::ofstream file(path, std::ios::binary);
    file << bytes;
    require(file.flush().good(), "not written");
}

std::string WorkspaceFixture::read(const fs::path &path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string idxImages(std::uint32_t count, std::uint32_t rows, std::uint32_t columns)
{
    std::string bytes("\0\0\x08\x03", 4);
    for (const std::uint32_t extent : {count, rows, columns})
        appendNumber(bytes, extent);
    for (std::uint32_t i = 0; i < count * rows * columns; ++i)
        bytes.push_back(static_cast<char>(i * 37));
    return bytes;
}

std::string idxLabels(const std::vector<int> &labels)
{
    std::string bytes("\0\0\x08\x01", 4);
    appendNumber(bytes, static_cast<std::uint32_t>(labels.size()));
    for (const int label : labels)
        bytes.push_back(static_cast<char>(label));
    return bytes;
}

std::vector<std::string> tinyFiles()
{
    return {idxImages(6, 4, 3), idxLabels({0, 1, 2, 0, 1, 2}), idxImages(3, 4, 3), idxLabels({2, 1, 0})};
}

std::string gzipped(const std::string &bytes)
{
    z_stream stream = {};
    deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    std::string packed(deflateBound(&stream, bytes.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef *>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    require(deflate(&stream, Z_FINISH) == Z_STREAM_END, "not packed");
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

void writeDataset(const fs::path &folder, const std::vector<std::string> &files, bool packed)
{
    for (std::size_t i = 0; i < files.size(); ++i) {
        const std::string name = std::string(datasetFiles[i]) + (packed ? ".gz" : "");
        WorkspaceFixture::write(folder / name, packed ? gzipped(files[i]) : files[i]);
    }
}

std::shared_ptr<Catalogue> tinyCatalogue()
{
    KnownDataset known;
    known.facts.name = "tiny";
    known.facts.title = "Tiny";
    known.facts.trainCount = 6;
    known.facts.testCount = 3;
    known.facts.rows = 4;
    known.facts.columns = 3;
    known.facts.classes = 3;
    known.facts.classNames = {"a", "b", "c"};
    const std::vector<std::string> files = tinyFiles();
    for (std::size_t i = 0; i < files.size(); ++i) {
        known.sizes[i] = files[i].size();
        known.packed[i] = gzipped(files[i]).size();
        known.facts.bytes += files[i].size();
        known.facts.sha256.push_back(
            QCryptographicHash::hash(QByteArray::fromStdString(files[i]), QCryptographicHash::Sha256)
                .toHex()
                .toStdString());
    }
    return std::make_shared<Catalogue>(Catalogue{known});
}

} // namespace bottega::test
