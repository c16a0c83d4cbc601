// SPDX-License-Identifier: Apache-2.0
#include "core/run/metricstream.h"
#include "core/run/runmirror.h"
#include "core/run/streamreader.h"
#include "tests/core/agent/agenttest.h"

#include <QDir>
#include <QFile>

#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <random>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

using namespace bottega;
using namespace bottega::test;

namespace {

/// `bottega-agent stream` and what it says, read only where a test asks for it.
class Streamer
{
public:
    explicit Streamer(const QStringList &folders = {})
    {
        m_process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        int ends[2] = {-1, -1};
        if (::pipe2(ends, O_CLOEXEC) != 0)
            qFatal("pipe");
        m_output = UniqueFd(ends[0]);
        UniqueFd writing(ends[1]);
        m_process.setChildProcessModifier([fd = writing.get()] { ::dup2(fd, STDOUT_FILENO); });
        m_process.start(QStringLiteral(BOTTEGA_BIN_DIR "/bottega-agent"), QStringList{u"stream"_s} + folders);
        m_process.waitForStarted();
    }
    ~Streamer()
    {
        m_output.reset();
        m_process.kill();
        m_process.waitForFinished();
    }

    void say(const std::string &line)
    {
        m_process.write(line.data(), static_cast<qint64>(line.size()));
        m_process.waitForBytesWritten();
    }
    /// Some of what has come, at most so much; empty where nothing comes for a while, or at the end.
    std::string read(std::size_t most = 1 << 20, int patience = 5'000)
    {
        pollfd descriptor = {m_output.get(), POLLIN, 0};
        std::string bytes(most, '\0');
        const ssize_t count = ::poll(&descriptor, 1, patience) > 0 ? ::read(m_output.get(), bytes.data(), bytes.size()) : 0;
        bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        return bytes;
    }
    /// Events until one of this kind; all there are where none comes.
    std::vector<StreamEvent> eventsUntil(StreamKind kind)
    {
        std::vector<StreamEvent> events;
        while (events.empty() || events.back().kind != kind) {
            while (m_pending.empty()) {
                const std::string bytes = read();
                if (bytes.empty() || !m_reader.feed(bytes, m_pending))
                    return events;
            }
            events.push_back(m_pending.front());
            m_pending.erase(m_pending.begin());
        }
        return events;
    }
    int end()
    {
        m_process.closeWriteChannel();
        m_process.waitForFinished();
        return m_process.exitCode();
    }
    QProcess &process() { return m_process; }
    void closeOutput() { m_output.reset(); }

private:
    QProcess m_process;
    UniqueFd m_output;
    StreamReader m_reader{"here"};
    std::vector<StreamEvent> m_pending;
};

const StreamEvent *find(const std::vector<StreamEvent> &events, StreamKind kind, const std::string &file)
{
    for (const StreamEvent &event : events) {
        if (event.kind == kind && event.file == file)
            return &event;
    }
    return nullptr;
}

} // namespace

/// Runs at a distance: what `bottega-agent stream` sends, and the copies that come of it.
class TestStream : public AgentTest
{
    Q_OBJECT
private Q_SLOTS:
    void case26_cutStreamsGoOnWhereTheyWere();
    void allThatBelongsToARunIsSent();
    void replacedTruncatedVanishedAndGone();
    void whatIsNoRegularFileIsNotSent();
    void aFullPipeCostsNoMemoryAndMetricsComeFirst();
    void manyRunsOverOnePipe();
    void requestsThatMakeNoSenseEndIt();
    void endsWithItsReaderAndItsWriter();

private:
    [[nodiscard]] QString folder() const { return QString::fromStdString(m_run->root().string()); }
    void write(const std::string &name, const std::string &bytes, std::ios::openmode mode = std::ios::app) const
    {
        std::ofstream(m_run->root() / name, mode) << bytes;
    }
    static std::string content(const fs::path &path) { return readFile(path).value_or("none"); }
};

/// A live run, and a connection that is cut at a random byte again and again: the copy ends byte for byte as the run did,
/// what other readers made of it on the way has each point once, and nothing but the cut frames was sent twice.
void TestStream::case26_cutStreamsGoOnWhereTheyWere()
{
    std::string steps;
    for (int i = 0; i < 12; ++i)
        steps += "print round " + std::to_string(i) + " " + std::string(3'000, 'x') + ";point 150;sleep 0.02;";
    make(steps + "exit 0");
    Agent agent = start();
    const fs::path copy = m_temporary->filePath(u"copy"_s).toStdString();
    MetricStream metrics(copy / "metrics");
    std::size_t points = 0, received = 0;
    std::mt19937 random(26);
    int cuts = 0;
    for (bool isComplete = false; !isComplete;) {
        auto mirror = RunMirror::open(copy);
        QVERIFY_RESULT(mirror);
        Streamer streamer;
        StreamReader reader("here");
        streamer.say(addRunCommand(0, m_run->root().string(), mirror->known()));
        const bool wasOver = agent.process->state() == QProcess::NotRunning;
        std::size_t left = cuts >= 40 ? SIZE_MAX : 1 + random() % 15'000;
        while (left > 0 && !isComplete) {
            const std::string bytes = streamer.read(std::min<std::size_t>(left, 4'096), wasOver ? 5'000 : 200);
            if (bytes.empty() && !wasOver)
                break; // all of it came just before the agent ended: the next connection is the one that proves it
            QVERIFY(!bytes.empty());
            left -= bytes.size();
            std::vector<StreamEvent> events;
            QVERIFY_RESULT(reader.feed(bytes, events));
            for (const StreamEvent &event : events) {
                QVERIFY_RESULT(mirror->apply(event));
                received += event.kind == StreamKind::Bytes ? event.bytes.size() : 0;
                isComplete = isComplete || (wasOver && event.kind == StreamKind::UpToDate);
            }
            QCoreApplication::processEvents();
        }
        const auto batches = metrics.poll();
        QVERIFY_RESULT(batches);
        for (const MetricBatch &batch : *batches)
            points += batch.points.size();
        cuts += isComplete ? 0 : 1;
    }
    QCOMPARE(exitCode(agent), 0);
    QVERIFY2(cuts > 5, qPrintable(QString::number(cuts)));
    std::size_t size = 0;
    for (const char *name : {"run.json", "journal.jsonl", "metrics", "telemetry", "system-logs"}) {
        const fs::path path = m_run->root() / name;
        std::vector<fs::path> files = {name};
        if (fs::is_directory(path)) {
            files.clear();
            for (const auto &entry : fs::directory_iterator(path))
                files.push_back(fs::path(name) / entry.path().filename());
        }
        for (const fs::path &file : files) {
            QVERIFY2(content(m_run->root() / file) == content(copy / file), file.c_str());
            size += file == "run.json" ? 0 : fs::file_size(copy / file);
        }
    }
    QCOMPARE(received, size);
    QCOMPARE(points, std::size_t(12 * 150));
    QCOMPARE(metrics.damagedRecords(), std::uint64_t(0));
    QCOMPARE(readRunStatus(RunFolder(copy)).value().state, RunState::Completed);
}

void TestStream::allThatBelongsToARunIsSent()
{
    make("print hello;point 3;argv outputs/model;end Completed 0;exit 0");
    QCOMPARE(runToEnd(), 0);
    write("checkpoints/epoch-1", "state");
    Streamer streamer({folder()});
    auto events = streamer.eventsUntil(StreamKind::UpToDate);
    const auto lists = streamer.eventsUntil(StreamKind::UpToDate); // come after all that matters more
    events.insert(events.end(), lists.begin(), lists.end());
    for (const char *name : {"run.json", "end.json"})
        QVERIFY2(find(events, StreamKind::Content, name)->bytes == content(m_run->root() / name), name);
    for (const char *name : {"journal.jsonl", "system-logs/70_driver_log.txt"})
        QVERIFY2(find(events, StreamKind::Bytes, name)->bytes == content(m_run->root() / name), name);
    QCOMPARE(find(events, StreamKind::List, "checkpoints")->bytes, std::string(R"([{"path":"epoch-1","size":5}])"));
    const std::string size = std::to_string(fs::file_size(m_run->work() / "outputs/model"));
    QCOMPARE(find(events, StreamKind::List, "artifacts")->bytes, R"([{"path":"outputs/model","size":)" + size + "}]");
    QCOMPARE(streamer.end(), 0);
}

void TestStream::replacedTruncatedVanishedAndGone()
{
    make("exit 0");
    write("metrics/m", "first");
    write("system-logs/l", "a long line");
    Streamer streamer({folder()});
    (void)streamer.eventsUntil(StreamKind::UpToDate);
    (void)streamer.eventsUntil(StreamKind::UpToDate); // after the lists
    write("metrics/m", " second");
    const auto grown = streamer.eventsUntil(StreamKind::UpToDate);
    const StreamEvent *bytes = find(grown, StreamKind::Bytes, "metrics/m");
    QVERIFY(bytes && bytes->offset == 5 && bytes->bytes == " second");

    QVERIFY_RESULT(saveAtomically(m_run->root() / "metrics/m", "another"));
    const auto replaced = streamer.eventsUntil(StreamKind::UpToDate);
    QVERIFY(find(replaced, StreamKind::Replaced, "metrics/m"));
    bytes = find(replaced, StreamKind::Bytes, "metrics/m");
    QVERIFY(bytes && bytes->offset == 0 && bytes->bytes == "another");

    QCOMPARE(::truncate((m_run->root() / "system-logs/l").c_str(), 3), 0);
    const auto cut = streamer.eventsUntil(StreamKind::UpToDate);
    QVERIFY(find(cut, StreamKind::Truncated, "system-logs/l"));
    bytes = find(cut, StreamKind::Bytes, "system-logs/l");
    QVERIFY(bytes && bytes->offset == 0 && bytes->bytes == "a l");

    fs::remove(m_run->root() / "metrics/m");
    QVERIFY(find(streamer.eventsUntil(StreamKind::UpToDate), StreamKind::Vanished, "metrics/m"));
    fs::rename(m_run->root(), m_temporary->filePath(u"trash"_s).toStdString());
    const auto gone = streamer.eventsUntil(StreamKind::RunGone);
    QVERIFY(!gone.empty() && gone.back().kind == StreamKind::RunGone);
    QCOMPARE(streamer.end(), 0);
}

void TestStream::whatIsNoRegularFileIsNotSent()
{
    make("exit 0");
    const fs::path secret = m_temporary->filePath(u"secret"_s).toStdString();
    std::ofstream(secret) << "canary";
    fs::create_symlink(secret, m_run->root() / "metrics/link");
    QCOMPARE(::mkfifo((m_run->root() / "system-logs/pipe").c_str(), 0600), 0);
    fs::create_symlink(secret, m_run->root() / "end.json");
    fs::remove(m_run->root() / "telemetry");
    fs::create_directory_symlink(secret.parent_path(), m_run->root() / "telemetry");
    Streamer streamer({folder()});
    const auto events = streamer.eventsUntil(StreamKind::UpToDate);
    QVERIFY(!events.empty() && events.back().kind == StreamKind::UpToDate);
    for (const StreamEvent &event : events)
        QVERIFY(event.bytes.find("canary") == std::string::npos && !event.file.starts_with("telemetry/"));
    QVERIFY(find(events, StreamKind::Problem, "metrics/link"));
    QCOMPARE(find(events, StreamKind::Problem, "system-logs/pipe")->bytes, std::string("This is not a regular file"));
    QVERIFY(find(events, StreamKind::Problem, "end.json"));
}

void TestStream::aFullPipeCostsNoMemoryAndMetricsComeFirst()
{
    make("exit 0");
    constexpr std::uint64_t size = 48 << 20;
    write("system-logs/flood", std::string(size, 'x'));
    Streamer streamer({folder()});
    (void)streamer.read(1); // it has begun, and the pipe is full from now on
    const int pid = static_cast<int>(streamer.process().processId());
    QTRY_COMPARE(readProcessStat(pid)->state, 'S');
    write("metrics/late", "point");
    std::uint64_t flood = 0, floodBefore = 0;
    StreamReader reader("here");
    std::vector<StreamEvent> events;
    std::string bytes = "\n"; // the byte that was read
    while (flood < size) {
        QVERIFY_RESULT(reader.feed(bytes, events));
        for (const StreamEvent &event : events) {
            flood += event.file == "system-logs/flood" ? event.bytes.size() : 0;
            floodBefore = event.file == "metrics/late" ? flood : floodBefore;
        }
        events.clear();
        bytes = flood < size ? streamer.read() : std::string("-");
        QVERIFY(!bytes.empty());
    }
    QCOMPARE(flood, size);
    QVERIFY2(floodBefore > 0 && floodBefore < (4 << 20), qPrintable(QString::number(floodBefore)));
    QFile status(u"/proc/%1/status"_s.arg(pid)); // has no size, so that it is read until its end
    QVERIFY(status.open(QIODevice::ReadOnly));
    const QString peak = QString::fromLatin1(status.readAll()).section(u"VmHWM:"_s, 1).simplified().section(u' ', 0, 0);
    QVERIFY2(peak.toInt() > 0 && peak.toInt() < 16'000, qPrintable(peak + u" kB"_s));
}

void TestStream::manyRunsOverOnePipe()
{
    std::vector<RunFolder> runs;
    Streamer streamer;
    for (std::uint32_t i = 0; i < 50; ++i) {
        make("exit 0");
        runs.push_back(*m_run);
        write("metrics/m", std::to_string(i));
        streamer.say(addRunCommand(i, m_run->root().string()));
    }
    std::set<std::uint32_t> upToDate;
    while (upToDate.size() < 50) {
        const auto events = streamer.eventsUntil(StreamKind::UpToDate);
        QVERIFY(!events.empty());
        for (const StreamEvent &event : events) {
            if (event.kind == StreamKind::Bytes && event.file == "metrics/m")
                QCOMPARE(event.bytes, std::to_string(event.run));
            if (event.kind == StreamKind::UpToDate)
                upToDate.insert(event.run);
        }
    }
    streamer.say(removeRunCommand(7));
    streamer.say(addRunCommand(50, "/no/such/run"));
    std::vector<StreamEvent> gone;
    while (gone.empty() || gone.back().run != 50) {
        gone = streamer.eventsUntil(StreamKind::RunGone);
        QVERIFY(!gone.empty());
    }
    std::ofstream(runs[7].metrics() / "m", std::ios::app) << "removed";
    std::ofstream(runs[8].metrics() / "m", std::ios::app) << "followed";
    const StreamEvent *bytes = nullptr;
    std::vector<StreamEvent> events;
    while (!bytes) {
        events = streamer.eventsUntil(StreamKind::UpToDate);
        QVERIFY(!events.empty());
        for (const StreamEvent &event : events)
            QVERIFY(event.run != 7);
        bytes = find(events, StreamKind::Bytes, "metrics/m");
    }
    QCOMPARE(bytes->run, 8u);
    QCOMPARE(bytes->bytes, std::string("followed"));
    streamer.say(quitCommand());
    QVERIFY(streamer.process().waitForFinished());
    QCOMPARE(streamer.process().exitCode(), 0);
}

void TestStream::requestsThatMakeNoSenseEndIt()
{
    for (const char *request : {"hello\n", "[]\n", "{\"add\": {\"run\": 1}}\n", "{\"add\": {\"run\": 1, \"folder\": \"x\", \"files\": {}}}\n"}) {
        QProcess process;
        process.start(agentProgram(), {u"stream"_s});
        process.write(request);
        QVERIFY(process.waitForFinished());
        QCOMPARE(process.exitCode(), 2);
        QVERIFY(process.readAllStandardError().startsWith("A request is no"));
    }
}

void TestStream::endsWithItsReaderAndItsWriter()
{
    make("exit 0");
    Streamer ended({folder()});
    (void)ended.eventsUntil(StreamKind::UpToDate);
    QCOMPARE(ended.end(), 0);
    Streamer abandoned({folder()});
    (void)abandoned.eventsUntil(StreamKind::UpToDate);
    abandoned.closeOutput();
    QVERIFY(abandoned.process().waitForFinished());
    QCOMPARE(abandoned.process().exitStatus(), QProcess::NormalExit);
    QCOMPARE(abandoned.process().exitCode(), 0);
}

BOTTEGA_TEST_MAIN(TestStream)
#include "tst_stream.moc"
