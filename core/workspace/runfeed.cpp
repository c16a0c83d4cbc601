// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/runfeed.h"

#include "core/base/file.h"
#include "core/workspace/filecopy.h"
#include "core/workspace/modelstore.h"
#include "core/workspace/runmetrics.h"
#include "core/workspace/runtracker.h"
#include "core/workspace/workerthread.h"

#include <QTimer>

#include <atomic>

namespace bottega {

namespace {

constexpr int liveInterval = 50;            // milliseconds
constexpr int endedInterval = 1000;
constexpr int patience = 2;
constexpr int pollsPerListing = 10;         // files and models change seldom
constexpr std::uint64_t logChunk = std::uint64_t{1} << 20;
constexpr std::uint64_t longestLog = std::uint64_t{64} << 20;
constexpr std::uint64_t metricsPortion = std::uint64_t{16} << 20; // of the event files, between two looks at the log

/// The driver log by offset.
class LogReader
{
public:
    explicit LogReader(FilePlace place) : m_place(std::move(place)) {}

    struct Chunk
    {
        QByteArray bytes;
        bool isMore = false;
        std::uint64_t skipped = 0; // bytes of a huge log left out at its beginning
    };

    [[nodiscard]] Result<Chunk> next()
    {
        if (!m_fd) {
            auto fd = m_place.open();
            if (!fd && fd.error().code == ErrorCode::NotFound)
                return Chunk(); // not yet
            if (!fd)
                return fail(fd.error());
            m_fd = std::move(*fd);
        }
        const auto size = fileSize(m_fd.get(), m_place.path());
        if (!size)
            return fail(size.error());
        Chunk chunk;
        if (m_offset == 0 && *size > longestLog)
            m_offset = chunk.skipped = *size - longestLog;
        if (*size <= m_offset)
            return chunk;
        chunk.bytes.resize(static_cast<qsizetype>(std::min(logChunk, *size - m_offset)));
        const std::span<char> buffer(chunk.bytes.data(), static_cast<std::size_t>(chunk.bytes.size()));
        const auto count = readAt(m_fd.get(), std::as_writable_bytes(buffer), m_offset, m_place.path());
        if (!count)
            return fail(count.error());
        chunk.bytes.resize(static_cast<qsizetype>(*count));
        m_offset += *count;
        chunk.isMore = m_offset < *size;
        return chunk;
    }

private:
    FilePlace m_place;
    UniqueFd m_fd;
    std::uint64_t m_offset = 0;
};

/// Lives in the feed's thread.
class RunFeedWorker : public QObject
{
    Q_OBJECT
public:
    RunFeedWorker(const RunFolder &folder, std::shared_ptr<std::atomic<int>> untaken)
        : m_untaken(std::move(untaken))
        , m_tracker(folder, columnCacheOf(folder))
        , m_log(folder.file(driverLogName))
        , m_models(folder.root().parent_path().parent_path() / "models")
    {
    }

public Q_SLOTS:
    void begin()
    {
        limitColumnCachesBeside(columnCacheOf(m_tracker.folder()));
        m_timer = new QTimer(this);
        m_timer->setSingleShot(true);
        connect(m_timer, &QTimer::timeout, this, &RunFeedWorker::poll);
        poll();
    }

Q_SIGNALS:
    void pointsArrived(const QList<bottega::MetricBatch> &batches);
    void logArrived(const QByteArray &bytes);
    void recordChanged(const bottega::RunRecord &record);
    void folderGone();
    void problem(const QString &text);

private:
    void poll();
    [[nodiscard]] bool pollRecord(); // false: the folder is gone
    [[nodiscard]] bool pollLog();    // true: more is there
    [[nodiscard]] bool pollListing();
    void tellLosses();
    void tell(const std::string &text);

    std::shared_ptr<std::atomic<int>> m_untaken; // portions on their way to the view
    RunTracker m_tracker;
    LogReader m_log;
    ModelLookup m_models;
    std::vector<Artifact> m_artifacts;
    std::string m_model;
    std::string m_lastProblem;
    std::uint64_t m_damaged = 0;
    std::uint64_t m_missing = 0;     // as told
    std::uint64_t m_lastMissing = 0; // as of the last poll
    int m_polls = 0;
    QTimer *m_timer = nullptr;
};

void RunFeedWorker::poll()
{
    // A view that gets portions faster than it takes them would never come to anything else.
    if (m_untaken->load() > 0)
        return m_timer->start(patience);
    if (!pollRecord()) {
        Q_EMIT folderGone();
        return;
    }
    const bool isMore = pollLog() || m_tracker.hasMore();
    const bool isLive = !isTerminal(m_tracker.record().status.state);
    m_timer->start(isMore ? 0 : isLive ? liveInterval : endedInterval);
}

bool RunFeedWorker::pollRecord()
{
    const RunState before = m_tracker.record().status.state;
    auto news = m_tracker.poll(metricsPortion);
    std::error_code ignored;
    if (!news && !std::filesystem::exists(m_tracker.folder().root(), ignored))
        return false;
    if (!news) {
        tell(describe(news.error()));
        return true;
    }
    if (!news->batches.empty()) {
        ++*m_untaken;
        Q_EMIT pointsArrived({std::make_move_iterator(news->batches.begin()), std::make_move_iterator(news->batches.end())});
    }
    const bool isDue = m_polls++ % pollsPerListing == 0 || before != m_tracker.record().status.state ||
                       isTerminal(m_tracker.record().status.state);
    const bool hasListingNews = isDue && pollListing();
    if (news->recordChanged || hasListingNews) {
        RunRecord record = m_tracker.record();
        record.artifacts = m_artifacts;
        record.model = m_model;
        Q_EMIT recordChanged(record);
    }
    tellLosses();
    return true;
}

/// Numbers of points may be missing for a moment, while a writer goes on in a new file: told when two polls agree.
void RunFeedWorker::tellLosses()
{
    const std::uint64_t damaged = m_tracker.damagedRecords();
    const std::uint64_t missing = m_tracker.missingPoints();
    const bool isSteady = missing == std::exchange(m_lastMissing, missing);
    if (damaged <= m_damaged && (!isSteady || missing <= m_missing))
        return;
    m_damaged = damaged;
    m_missing = isSteady ? missing : m_missing;
    std::string text;
    if (m_damaged > 0)
        text = std::to_string(m_damaged) + " damaged records were passed over; all others are shown";
    if (m_missing > 0)
        text += (text.empty() ? "" : "; ") + std::to_string(m_missing) +
                " points of the metrics are missing: the disk of the run refused them, or their records are damaged";
    if (!text.empty())
        tell(text);
}

bool RunFeedWorker::pollListing()
{
    m_models.refresh();
    auto artifacts = m_tracker.folder().artifacts();
    std::string model = m_models.of(m_tracker.record().id);
    const auto isSame = [](const Artifact &a, const Artifact &b) { return a.path == b.path && a.size == b.size; };
    const bool isNews = model != m_model ||
                        (artifacts && !std::equal(artifacts->begin(), artifacts->end(), m_artifacts.begin(),
                                                  m_artifacts.end(), isSame));
    m_model = std::move(model);
    if (artifacts)
        m_artifacts = std::move(*artifacts);
    return isNews;
}

bool RunFeedWorker::pollLog()
{
    auto chunk = m_log.next();
    if (!chunk) {
        tell(describe(chunk.error()));
        return false;
    }
    if (chunk->skipped > 0)
        tell("The log is long: its first " + sizeText(chunk->skipped) + " are not shown");
    if (!chunk->bytes.isEmpty()) {
        ++*m_untaken;
        Q_EMIT logArrived(chunk->bytes);
    }
    return chunk->isMore;
}

void RunFeedWorker::tell(const std::string &text)
{
    if (text == m_lastProblem)
        return;
    m_lastProblem = text;
    Q_EMIT problem(QString::fromStdString(text));
}

} // namespace

struct RunFeed::State
{
    explicit State(const RunFolder &folder) : worker(new RunFeedWorker(folder, untaken)) {}

    std::shared_ptr<std::atomic<int>> untaken = std::make_shared<std::atomic<int>>(0);
    RunFeedWorker *worker; // the thread deletes it
    WorkerThread thread{worker};
};

RunFeed::RunFeed(const RunFolder &folder, QObject *parent)
    : QObject(parent)
    , m_state(std::make_unique<State>(folder))
{
    RunFeedWorker *worker = m_state->worker;
    connect(worker, &RunFeedWorker::pointsArrived, this, [this, untaken = m_state->untaken](const QList<MetricBatch> &batches) {
        Q_EMIT pointsArrived(batches); // who hears it may end this object
        --*untaken;
    });
    connect(worker, &RunFeedWorker::logArrived, this, [this, untaken = m_state->untaken](const QByteArray &bytes) {
        Q_EMIT logArrived(bytes);
        --*untaken;
    });
    connect(worker, &RunFeedWorker::recordChanged, this, &RunFeed::recordChanged);
    connect(worker, &RunFeedWorker::folderGone, this, &RunFeed::folderGone);
    connect(worker, &RunFeedWorker::problem, this, &RunFeed::problem);
    m_state->thread.start(worker, &RunFeedWorker::begin);
}

RunFeed::~RunFeed() = default;

} // namespace bottega

#include "runfeed.moc"
