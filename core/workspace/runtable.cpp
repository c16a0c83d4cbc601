// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/runtable.h"

#include "core/base/clock.h"
#include "core/base/crc32c.h"
#include "core/base/file.h"

#include <sqlite3.h>

#include <cstdio>
#include <ctime>
#include <sys/vfs.h>
#include <utility>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr int schemaVersion = 2; // 1 kept the records as JSON
constexpr int applicationId = 0x426f7467; // "Botg"
constexpr const char *schema =
    "CREATE TABLE runs (id TEXT PRIMARY KEY, signature TEXT NOT NULL, record BLOB NOT NULL, crc INTEGER NOT NULL)";

struct Finalize
{
    void operator()(sqlite3_stmt *statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

tl::unexpected<Error> tableError(sqlite3 *database)
{
    const int code = sqlite3_errcode(database);
    const char *file = sqlite3_db_filename(database, "main");
    // Our own statements are right and small: where one is not understood, or too much for time, limits or memory, the file
    // is not what we made. See Deadline.
    const bool isDamaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_INTERRUPT || code == SQLITE_ERROR ||
                           code == SQLITE_TOOBIG || code == SQLITE_NOMEM;
    return fail(code == SQLITE_FULL ? ErrorCode::DiskFull : isDamaged ? ErrorCode::Corrupt : ErrorCode::Io,
                std::string("The index of the workspace's runs failed: ") + sqlite3_errmsg(database), file ? file : "",
                "the runs themselves are untouched", "bottega-cli workspace rebuild makes the index anew");
}

Result<Statement> prepareStatement(sqlite3 *database, const char *sql)
{
    sqlite3_stmt *statement = nullptr;
    if (sqlite3_prepare_v2(database, sql, -1, &statement, nullptr) != SQLITE_OK)
        return tableError(database);
    return Statement(statement);
}

std::string_view bytesOf(sqlite3_stmt *statement, int column)
{
    const auto *bytes = static_cast<const char *>(sqlite3_column_blob(statement, column));
    return bytes ? std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement, column)))
                 : std::string_view();
}

void bindText(sqlite3_stmt *statement, int index, const std::string &text)
{
    sqlite3_bind_text64(statement, index, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

std::uint32_t sumOf(const RunTable::RowView &row)
{
    return crc32c(row.record, crc32c(row.signature, crc32c(row.id)));
}

std::optional<RunTable::RowView> rowFrom(sqlite3_stmt *statement)
{
    const RunTable::RowView row{bytesOf(statement, 0), bytesOf(statement, 1), bytesOf(statement, 2)};
    if (sqlite3_column_int64(statement, 3) != sumOf(row))
        return {};
    return row;
}

/// The first column of the first row, as text.
Result<std::string> singleText(sqlite3 *database, const char *sql)
{
    const auto statement = prepareStatement(database, sql);
    if (!statement)
        return fail(statement.error());
    const int result = sqlite3_step(statement->get());
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        return tableError(database);
    return result == SQLITE_ROW ? std::string(bytesOf(statement->get(), 0)) : std::string();
}

/// SQLite's shared-memory file does not work across a network.
bool isOnNetwork(const fs::path &folder)
{
    struct statfs info = {};
    if (::statfs(folder.c_str(), &info) != 0)
        return false;
    switch (static_cast<std::uint32_t>(info.f_type)) {
    case 0x6969u:     // NFS
    case 0x517Bu:     // SMB
    case 0xFF534D42u: // CIFS
    case 0xFE534D42u: // SMB 2
    case 0x65735546u: // FUSE: sshfs and others
    case 0x0BD00BD0u: // Lustre
    case 0x00C36400u: // Ceph
    case 0x47504653u: // GPFS
    case 0x19830326u: // BeeGFS
    case 0x5346414Fu: // AFS
    case 0x01021997u: // 9P
        return true;
    default:
        return false;
    }
}

/// Seconds of processor time of this thread: what others do meanwhile does not count.
double processorTime()
{
    timespec time = {};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Ends statements that compute for longer than two seconds while the file is examined: no sound one takes that long.
class Deadline
{
public:
    explicit Deadline(sqlite3 *database) : m_database(database), m_end(processorTime() + 2)
    {
        sqlite3_progress_handler(database, 10'000, &Deadline::isOver, this);
    }
    ~Deadline() { sqlite3_progress_handler(m_database, 0, nullptr, nullptr); }
    Deadline(const Deadline &) = delete;
    Deadline &operator=(const Deadline &) = delete;

private:
    static int isOver(void *deadline) { return processorTime() > static_cast<Deadline *>(deadline)->m_end ? 1 : 0; }

    sqlite3 *m_database;
    double m_end;
};

/// No more than our own statements and rows need.
void lowerLimits(sqlite3 *database)
{
    const std::pair<int, int> limits[] = {
        {SQLITE_LIMIT_LENGTH, 64 << 20},   {SQLITE_LIMIT_SQL_LENGTH, 100'000}, {SQLITE_LIMIT_COLUMN, 16},
        {SQLITE_LIMIT_EXPR_DEPTH, 20},     {SQLITE_LIMIT_COMPOUND_SELECT, 3},  {SQLITE_LIMIT_VDBE_OP, 25'000},
        {SQLITE_LIMIT_FUNCTION_ARG, 8},    {SQLITE_LIMIT_ATTACHED, 0},         {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50},
        {SQLITE_LIMIT_VARIABLE_NUMBER, 8}, {SQLITE_LIMIT_TRIGGER_DEPTH, 1},    {SQLITE_LIMIT_WORKER_THREADS, 0},
    };
    for (const auto &[limit, value] : limits)
        sqlite3_limit(database, limit, value);
}

void moveAside(const fs::path &path)
{
    const std::string suffix = ".aside-" + std::to_string(static_cast<long long>(wallTime() * 1000));
    for (const char *part : {"", "-wal", "-shm"}) {
        const std::string from = path.string() + part;
        std::rename(from.c_str(), (path.string() + suffix + part).c_str());
    }
}

} // namespace

void RunTable::Close::operator()(sqlite3 *database) const
{
    sqlite3_close_v2(database);
}

RunTable::RunTable(std::unique_ptr<sqlite3, Close> database) : m_database(std::move(database)) {}

Result<RunTable> RunTable::open(const fs::path &path)
{
    std::string reason;
    if (auto made = makeFolder(path.parent_path()); !made) {
        reason = describe(made.error());
    } else if (isOnNetwork(path.parent_path())) {
        reason = path.parent_path().string() + " is on a network file system, where SQLite's shared memory does not work; "
                                               "set XDG_CACHE_HOME to a folder on a local disk";
    } else {
        auto table = openFile(path.string());
        if (!table && table.error().code == ErrorCode::Corrupt) {
            moveAside(path);
            table = openFile(path.string());
        }
        if (table)
            return table;
        reason = describe(table.error());
    }
    auto table = openFile(":memory:");
    if (table)
        table->m_memoryReason = std::move(reason);
    return table;
}

Result<RunTable> RunTable::openFile(const std::string &path)
{
    sqlite3 *handle = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
    const int result = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
    RunTable table{std::unique_ptr<sqlite3, Close>(handle)};
    if (result != SQLITE_OK)
        return tableError(handle);
    if (auto prepared = table.prepare(); !prepared)
        return fail(prepared.error());
    return table;
}

Result<void> RunTable::execute(const char *sql) const
{
    if (sqlite3_exec(m_database.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        return tableError(m_database.get());
    return {};
}

Result<void> RunTable::prepare()
{
    sqlite3 *database = m_database.get();
    sqlite3_busy_timeout(database, 5000);
    const Deadline deadline(database);
    lowerLimits(database);
    // Nothing in the file may make us run what it says.
    for (const int option : {SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION,
                             SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_ENABLE_VIEW})
        sqlite3_db_config(database, option, 0, nullptr);
    sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    if (auto set = execute("PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0"); !set)
        return set;
    const auto objects = singleText(database, "SELECT count(*) FROM sqlite_schema");
    if (!objects)
        return fail(objects.error());
    if (auto checked = *objects == "0" ? createSchema() : checkContent(); !checked)
        return checked;
    // Everything here can be made anew from the run folders: an unsynced last moment costs nothing.
    return execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
}

Result<void> RunTable::createSchema()
{
    const std::string sql = std::string("BEGIN IMMEDIATE; ") + schema +
                            "; PRAGMA application_id = " + std::to_string(applicationId) +
                            "; PRAGMA user_version = " + std::to_string(schemaVersion) + "; COMMIT";
    auto created = execute(sql.c_str());
    if (created)
        return created;
    sqlite3_exec(m_database.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    return checkContent(); // another process may have been quicker
}

Result<void> RunTable::checkContent() const
{
    sqlite3 *database = m_database.get();
    const auto application = singleText(database, "PRAGMA application_id");
    const auto version = singleText(database, "PRAGMA user_version");
    const auto text = singleText(database, "SELECT group_concat(sql, ';') FROM sqlite_schema WHERE sql IS NOT NULL");
    if (!application || !version || !text)
        return tableError(database);
    if (*application != std::to_string(applicationId) || *version != std::to_string(schemaVersion) || *text != schema)
        return fail(ErrorCode::Corrupt, "The index is of another version or program",
                    sqlite3_db_filename(database, "main"));
    const auto check = singleText(database, "PRAGMA quick_check(1)");
    if (!check)
        return fail(check.error());
    if (*check != "ok")
        return fail(ErrorCode::Corrupt, "The index is damaged", sqlite3_db_filename(database, "main"));
    return {};
}

Result<void> RunTable::forEach(const std::function<void(const RowView &)> &call) const
{
    const auto statement = prepareStatement(m_database.get(), "SELECT id, signature, record, crc FROM runs");
    if (!statement)
        return fail(statement.error());
    int result = sqlite3_step(statement->get());
    for (; result == SQLITE_ROW; result = sqlite3_step(statement->get())) {
        if (const auto row = rowFrom(statement->get()))
            call(*row);
    }
    if (result != SQLITE_DONE)
        return tableError(m_database.get());
    return {};
}

Result<std::optional<RunTable::Row>> RunTable::row(const std::string &id) const
{
    const auto statement =
        prepareStatement(m_database.get(), "SELECT id, signature, record, crc FROM runs WHERE id = ?1");
    if (!statement)
        return fail(statement.error());
    bindText(statement->get(), 1, id);
    const int result = sqlite3_step(statement->get());
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        return tableError(m_database.get());
    const auto row = result == SQLITE_ROW ? rowFrom(statement->get()) : std::nullopt;
    if (!row)
        return std::nullopt;
    return Row{std::string(row->id), std::string(row->signature), std::string(row->record)};
}

Result<void> RunTable::apply(const std::vector<Row> &changed, const std::vector<std::string> &removed)
{
    if (changed.empty() && removed.empty())
        return {};
    const auto upsert = prepareStatement(m_database.get(), "INSERT OR REPLACE INTO runs VALUES (?1, ?2, ?3, ?4)");
    const auto erase = prepareStatement(m_database.get(), "DELETE FROM runs WHERE id = ?1");
    if (!upsert || !erase)
        return tableError(m_database.get());
    if (auto begun = execute("BEGIN IMMEDIATE"); !begun)
        return begun;
    bool isDone = true;
    for (const Row &row : changed) {
        bindText(upsert->get(), 1, row.id);
        bindText(upsert->get(), 2, row.signature);
        sqlite3_bind_blob64(upsert->get(), 3, row.record.data(), row.record.size(), SQLITE_TRANSIENT);
        sqlite3_bind_int64(upsert->get(), 4, sumOf({row.id, row.signature, row.record}));
        isDone = isDone && sqlite3_step(upsert->get()) == SQLITE_DONE;
        sqlite3_reset(upsert->get());
    }
    for (const std::string &id : removed) {
        bindText(erase->get(), 1, id);
        isDone = isDone && sqlite3_step(erase->get()) == SQLITE_DONE;
        sqlite3_reset(erase->get());
    }
    auto ended = isDone ? execute("COMMIT") : Result<void>(tableError(m_database.get()));
    if (!ended)
        sqlite3_exec(m_database.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    return ended;
}

Result<void> RunTable::clear()
{
    return execute("DELETE FROM runs");
}

} // namespace bottega
