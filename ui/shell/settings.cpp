// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/settings.h"

#include "core/base/atomicsave.h"
#include "core/base/file.h"
#include "ui/widgets/errortext.h"

#include <QCoreApplication>
#include <QStandardPaths>

#include <algorithm>
#include <iterator>
#include <map>
#include <mutex>
#include <utility>

namespace bottega {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype recentKept = 10;

constexpr std::pair<theme::Scheme, const char *> schemeNames[] = {
    {theme::Scheme::Desktop, "desktop"}, {theme::Scheme::Light, "light"}, {theme::Scheme::Dark, "dark"}};

struct SettingsTexts
{
    Q_DECLARE_TR_FUNCTIONS(bottega::Settings)
};

std::filesystem::path defaultPath()
{
    const QString folder = QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation);
    return std::filesystem::path(toStdString(folder)) / "bottega" / "settings.json";
}

} // namespace

Settings::Settings(std::filesystem::path path)
    : m_path(path.empty() ? defaultPath() : std::move(path))
{
    auto read = readJsonObject(m_path);
    if (read) {
        m_values = std::move(*read);
    } else if (read.error().code != ErrorCode::NotFound) {
        std::error_code ignored;
        std::filesystem::rename(m_path, m_path.string() + ".damaged", ignored);
        m_problem = SettingsTexts::tr("The settings could not be read and begin anew; the old file was put aside (%1).")
                        .arg(toQString(describe(read.error())));
    }
}

const Json *Settings::find(const char *key) const
{
    const auto found = m_values.find(key);
    return found == m_values.end() ? nullptr : &*found;
}

void Settings::store(const char *key, Json value)
{
    m_values[key] = std::move(value);
}

bool Settings::value(const Setting<bool> &setting) const
{
    const Json *json = find(setting.key);
    return json && json->is_boolean() ? json->get<bool>() : setting.fallback;
}

int Settings::value(const Setting<int> &setting) const
{
    const Json *json = find(setting.key);
    return json && json->is_number_integer() ? json->get<int>() : setting.fallback;
}

QString Settings::value(const Setting<QString> &setting) const
{
    const Json *json = find(setting.key);
    return json && json->is_string() ? toQString(json->get<std::string>()) : setting.fallback;
}

QStringList Settings::value(const Setting<QStringList> &setting) const
{
    const Json *json = find(setting.key);
    if (!json || !json->is_array())
        return setting.fallback;
    QStringList list;
    for (const Json &entry : *json) {
        if (entry.is_string())
            list += toQString(entry.get<std::string>());
    }
    return list;
}

theme::Scheme Settings::value(const Setting<theme::Scheme> &setting) const
{
    const std::string name = stringMember(m_values, setting.key);
    const auto found = std::find_if(std::begin(schemeNames), std::end(schemeNames),
                                    [&](const auto &entry) { return name == entry.second; });
    return found == std::end(schemeNames) ? setting.fallback : found->first;
}

void Settings::set(const Setting<bool> &setting, bool value)
{
    store(setting.key, value);
}

void Settings::set(const Setting<int> &setting, int value)
{
    store(setting.key, value);
}

void Settings::set(const Setting<QString> &setting, const QString &value)
{
    store(setting.key, toStdString(value));
}

void Settings::set(const Setting<QStringList> &setting, const QStringList &value)
{
    Json list = Json::array();
    for (const QString &entry : value)
        list.push_back(toStdString(entry));
    store(setting.key, std::move(list));
}

void Settings::set(const Setting<theme::Scheme> &setting, theme::Scheme value)
{
    store(setting.key, schemeNames[static_cast<int>(value)].second);
}

Settings::Snapshot Settings::snapshot() const
{
    return {m_path, dumpJson(m_values, 2) + '\n', ++m_order};
}

Result<void> Settings::write(const Snapshot &snapshot)
{
    static std::mutex mutex;
    static std::map<std::filesystem::path, std::uint64_t> written;
    const std::lock_guard lock(mutex);
    if (snapshot.order < written[snapshot.path])
        return {};
    if (auto made = makeFolder(snapshot.path.parent_path()); !made)
        return made;
    auto saved = saveAtomically(snapshot.path, snapshot.text);
    if (saved)
        written[snapshot.path] = snapshot.order;
    return saved;
}

QStringList withRecent(QStringList recent, const QString &folder)
{
    recent.removeAll(folder);
    recent.prepend(folder);
    return recent.mid(0, recentKept);
}

} // namespace bottega
