// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "ui/widgets/theme.h"

#include <QString>
#include <QStringList>

#include <cstdint>
#include <filesystem>
#include <string>

namespace bottega {

/// One setting: its name in the file, and what it is where nothing is stored.
template <class T>
struct Setting
{
    const char *key;
    T fallback;
};

/// All settings of the studio. Binary states of Qt are kept as Base64 text.
namespace settings {
inline const Setting<QString> language{"language", {}}; // "it", "en"; empty: the user's locale
inline const Setting<theme::Scheme> scheme{"theme", theme::Scheme::Desktop};
inline const Setting<QStringList> recentWorkspaces{"recentWorkspaces", {}}; // folders, newest first
inline const Setting<bool> reopenWorkspace{"reopenWorkspace", true};
inline const Setting<QString> windowGeometry{"window/geometry", {}};
inline const Setting<QString> runsSplitter{"window/runsSplitter", {}};
inline const Setting<QString> runsHeader{"window/runsHeader", {}};
inline const Setting<int> page{"window/page", 0};
inline const Setting<QString> lastRun{"window/lastRun", {}};
} // namespace settings

/// The user's settings: one JSON file, read once, written whole and atomically. Values of a wrong type count as missing;
/// keys of newer versions are kept. Not thread safe.
class Settings
{
public:
    /// `path` empty: $XDG_CONFIG_HOME/bottega/settings.json. A damaged file is put aside as settings.json.damaged and
    /// the settings begin anew; `problem()` says so.
    explicit Settings(std::filesystem::path path = {});

    [[nodiscard]] bool value(const Setting<bool> &setting) const;
    [[nodiscard]] int value(const Setting<int> &setting) const;
    [[nodiscard]] QString value(const Setting<QString> &setting) const;
    [[nodiscard]] QStringList value(const Setting<QStringList> &setting) const;
    [[nodiscard]] theme::Scheme value(const Setting<theme::Scheme> &setting) const;

    void set(const Setting<bool> &setting, bool value);
    void set(const Setting<int> &setting, int value);
    void set(const Setting<QString> &setting, const QString &value);
    void set(const Setting<QStringList> &setting, const QStringList &value);
    void set(const Setting<theme::Scheme> &setting, theme::Scheme value);

    /// What stands in the file once it is written; a value that any thread may write.
    struct Snapshot
    {
        std::filesystem::path path;
        std::string text;
        std::uint64_t order = 0;
    };
    [[nodiscard]] Snapshot snapshot() const;
    /// Blocks on the disk. Thread safe: a snapshot older than the last one written is left out.
    [[nodiscard]] static Result<void> write(const Snapshot &snapshot);
    [[nodiscard]] Result<void> save() const { return write(snapshot()); }
    [[nodiscard]] const QString &problem() const { return m_problem; }
    [[nodiscard]] const std::filesystem::path &path() const { return m_path; }

private:
    const Json *find(const char *key) const;
    void store(const char *key, Json value);

    std::filesystem::path m_path;
    Json m_values = Json::object();
    QString m_problem;
    mutable std::uint64_t m_order = 0;
};

/// Puts a workspace at the head of a list of recent ones, once, at most ten.
[[nodiscard]] QStringList withRecent(QStringList recent, const QString &folder);

} // namespace bottega
