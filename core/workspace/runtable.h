// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;

namespace bottega {

/// The index's SQLite file: one row per ended run. A file that is damaged, another program's or of another version is
/// moved aside and begun anew. Where the cache folder can't be used (read-only, full, on a network file system) the table
/// lives in memory instead. One thread; several processes may have the file open.
class RunTable
{
public:
    struct Row
    {
        std::string id;
        std::string signature; // of the files that the record was read from
        std::string record;    // any bytes
    };
    struct RowView // valid until the call it was given to returns
    {
        std::string_view id;
        std::string_view signature;
        std::string_view record;
    };

    [[nodiscard]] static Result<RunTable> open(const std::filesystem::path &path);
    [[nodiscard]] const std::string &memoryReason() const { return m_memoryReason; } // why it is no file; else empty

    /// Calls for each row, in any order; those whose sum is wrong are left out.
    [[nodiscard]] Result<void> forEach(const std::function<void(const RowView &)> &call) const;
    [[nodiscard]] Result<std::optional<Row>> row(const std::string &id) const;
    /// In one transaction.
    [[nodiscard]] Result<void> apply(const std::vector<Row> &changed, const std::vector<std::string> &removed);
    [[nodiscard]] Result<void> clear();

private:
    struct Close
    {
        void operator()(sqlite3 *database) const;
    };
    explicit RunTable(std::unique_ptr<sqlite3, Close> database);
    [[nodiscard]] static Result<RunTable> openFile(const std::string &path);
    [[nodiscard]] Result<void> prepare();
    [[nodiscard]] Result<void> execute(const char *sql) const;
    [[nodiscard]] Result<void> checkContent() const;
    [[nodiscard]] Result<void> createSchema();

    std::unique_ptr<sqlite3, Close> m_database;
    std::string m_memoryReason;
};

} // namespace bottega
