// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/config.h"

#include "core/base/atomicsave.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/safename.h"
#include "core/workspace/filelock.h"

#include <algorithm>
#include <set>
#include <unistd.h>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largestConfig = std::uint64_t{16} << 20;

fs::path configFile(const fs::path &root)
{
    return root / "config.json";
}

fs::path goodCopy(const fs::path &root)
{
    return root / "config.json.last-good";
}

struct Key
{
    std::string name;
    std::size_t offset = 0;
};

/// The keys of the outermost object of a text that has been parsed already, in order, also those that stand there twice.
std::vector<Key> topLevelKeys(std::string_view text)
{
    std::vector<Key> keys;
    int depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '{' || text[i] == '[') {
            ++depth;
        } else if (text[i] == '}' || text[i] == ']') {
            --depth;
        } else if (text[i] == '"') {
            const std::size_t begin = i;
            for (++i; i < text.size() && text[i] != '"'; ++i)
                i += text[i] == '\\' ? 1 : 0;
            const std::size_t next = text.find_first_not_of(" \t\r\n", i + 1);
            if (depth != 1 || next == std::string_view::npos || text[next] != ':')
                continue;
            const auto name = parseJson(text.substr(begin, i + 1 - begin), {}); // it may be spelled with escapes
            keys.push_back({name && name->is_string() ? name->get<std::string>() : std::string(), begin});
        }
    }
    return keys;
}

std::string place(const fs::path &path, std::string_view text, std::size_t offset)
{
    const std::string_view before = text.substr(0, offset);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    return path.string() + ", line " + std::to_string(line) + ", column " + std::to_string(offset - start + 1);
}

Result<void> checkKeys(std::string_view text, const fs::path &path)
{
    std::set<std::string> seen;
    for (const Key &key : topLevelKeys(text)) {
        if (!seen.insert(key.name).second)
            return fail(ErrorCode::Corrupt, "The key “" + printable(key.name, 60) + "” stands there twice",
                        place(path, text, key.offset), "nothing was changed");
    }
    return {};
}

bool isRight(const std::string &key, const Json &value)
{
    if (key == "format")
        return value.is_number_integer() && value.get<std::int64_t>() >= 1;
    // Both become folder names and titles: a file from elsewhere must not choose paths through them.
    if (key == "id")
        return value.is_string() && checkName("id", value.get<std::string>(), 8, 64);
    if (key == "name")
        return value.is_string() && checkName("name", value.get<std::string>(), 2, 32);
    return value.is_string() || (key != "experiment" && key != "target" && key != "dataset");
}

Result<void> checkValues(const Json &json, std::string_view text, const fs::path &path)
{
    for (const char *key : {"format", "id", "name"}) {
        if (!json.contains(key))
            return fail(ErrorCode::Corrupt, "The workspace's configuration has no valid format, id or name: “" +
                            std::string(key) + "” is missing", path.string(), "nothing was changed");
    }
    for (const Key &key : topLevelKeys(text)) {
        if (!isRight(key.name, json.value(key.name, Json())))
            return fail(ErrorCode::Corrupt,
                        key.name == "format" || key.name == "id" || key.name == "name"
                            ? "The workspace's configuration has no valid format, id or name: “" + key.name + "” is wrong"
                            : "The value of “" + key.name + "” should be a text",
                        place(path, text, key.offset), "nothing was changed");
    }
    return {};
}

struct Loaded
{
    Json json;
    std::string text;
};

Result<Loaded> load(const fs::path &path)
{
    auto text = readFile(FilePlace(path.parent_path(), path.filename()), largestConfig);
    if (!text)
        return fail(text.error());
    if (text->find_first_not_of(" \t\r\n") == std::string::npos)
        return fail(ErrorCode::Corrupt, "This is not valid JSON: the file is empty", path.string() + ", line 1, column 1",
                    "nothing was changed");
    auto json = parseJson(*text, path.string());
    if (!json)
        return fail(json.error());
    if (!json->is_object())
        return fail(ErrorCode::Corrupt, "The file should hold a JSON object", path.string() + ", line 1, column 1",
                    "nothing was changed");
    if (auto right = checkKeys(*text, path); !right)
        return fail(right.error());
    return Loaded{std::move(*json), std::move(*text)};
}

Result<Loaded> loadOurs(const fs::path &path)
{
    auto loaded = load(path);
    if (!loaded)
        return loaded;
    if (auto right = checkValues(loaded->json, loaded->text, path); !right)
        return fail(right.error());
    return loaded;
}

/// A convenience: where it can't be written (another's folder, a full disk), the workspace works without.
void keepGoodCopy(const fs::path &root, const std::string &text)
{
    const auto there = readFile(goodCopy(root), largestConfig);
    if (!there || *there != text)
        (void)saveAtomically(goodCopy(root), text);
}

/// For a person who wants to see what was wrong. A second name, so that config.json is never missing.
void keepDamaged(const fs::path &root)
{
    const auto time = std::to_string(static_cast<long long>(wallTime() * 1000));
    (void)::link(configFile(root).c_str(), (configFile(root).string() + ".damaged-" + time).c_str());
}

} // namespace

bool isWorkspaceConfig(const Json &json)
{
    return json.contains("format") && json.contains("id") && json.contains("name");
}

Result<Config> readConfig(const fs::path &root)
{
    auto loaded = load(configFile(root));
    std::error_code ignored;
    const bool isForeign = loaded && !isWorkspaceConfig(loaded->json) && !fs::exists(goodCopy(root), ignored);
    if (isForeign)
        return Config{std::move(loaded->json), {}};
    if (loaded) {
        if (auto right = checkValues(loaded->json, loaded->text, configFile(root)); !right)
            loaded = fail(right.error());
    }
    if (loaded) {
        keepGoodCopy(root, loaded->text);
        return Config{std::move(loaded->json), {}};
    }
    if (loaded.error().code != ErrorCode::Corrupt)
        return fail(loaded.error());
    auto good = loadOurs(goodCopy(root));
    if (!good)
        return fail(loaded.error());
    return Config{std::move(good->json),
                  loaded.error().what + ": " + loaded.error().where +
                      ". Its last good copy, config.json.last-good, is used instead. Mend the file, or copy the good one over it"};
}

Result<void> changeConfig(const fs::path &root, const std::function<Result<void>(Json &)> &change)
{
    const auto lock = FileLock::take(root / ".lock");
    if (!lock)
        return fail(lock.error());
    auto config = readConfig(root);
    if (!config)
        return fail(config.error());
    if (!isWorkspaceConfig(config->json))
        return fail(ErrorCode::Unsupported, "Azure's configuration is never written", configFile(root).string(),
                    "nothing was changed");
    if (auto changed = change(config->json); !changed)
        return changed;
    if (!config->problem.empty())
        keepDamaged(root);
    return saveConfig(root, config->json);
}

Result<void> saveConfig(const fs::path &root, const Json &config)
{
    const std::string text = dumpJson(config, 2) + "\n";
    if (auto saved = saveAtomically(configFile(root), text); !saved)
        return saved;
    keepGoodCopy(root, text);
    return {};
}

} // namespace bottega
