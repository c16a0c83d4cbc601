// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/powerloss.h"

#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace bottega::crash {

namespace fs = std::filesystem;

namespace {

int hexDigit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 0;
}

/// "\x41\x42" as the bytes it stands for; other characters as they are.
std::string unescape(std::string_view text)
{
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 3 < text.size() && text[i + 1] == 'x') {
            bytes.push_back(static_cast<char>(hexDigit(text[i + 2]) * 16 + hexDigit(text[i + 3])));
            i += 3;
        } else {
            bytes.push_back(text[i]);
        }
    }
    return bytes;
}

/// One line of strace's: name(arguments) = result.
struct Call
{
    double time = 0;
    std::string name;
    std::vector<std::string> arguments; // strings without their quotes and decoded; descriptors with their <path>
    std::string result;

    [[nodiscard]] bool hasFailed() const { return result.empty() || result.front() == '-' || result.front() == '?'; }
};

std::vector<std::string> splitArguments(std::string_view text)
{
    std::vector<std::string> arguments;
    std::string one;
    bool quoted = false;
    int depth = 0;
    for (const char c : text) {
        if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '<' || c == '{' || c == '['))
            ++depth;
        else if (!quoted && (c == '>' || c == '}' || c == ']'))
            --depth;
        if (c == ',' && !quoted && depth == 0) {
            arguments.push_back(unescape(one));
            one.clear();
        } else if (c != '"' && !(c == ' ' && one.empty())) {
            one.push_back(c);
        }
    }
    arguments.push_back(unescape(one));
    return arguments;
}

bool parseCall(const std::string &line, Call &call)
{
    const std::size_t time = line.find_first_not_of("0123456789 ", 0) == std::string::npos ? 0 : line.find(' ');
    const std::size_t name = line.find(' ', time + 1);
    const std::size_t open = line.find('(');
    const std::size_t close = line.rfind(") = ");
    if (time == std::string::npos || name == std::string::npos || open == std::string::npos ||
        close == std::string::npos || name > open)
        return false;
    const std::size_t digits = line.find_first_not_of(' ', time);
    call.time = std::stod(line.substr(digits));
    const std::size_t word = line.find_last_of(' ', open) + 1;
    call.name = line.substr(word, open - word);
    call.arguments = splitArguments(std::string_view(line).substr(open + 1, close - open - 1));
    call.result = line.substr(close + 4);
    return true;
}

struct Descriptor
{
    int node = -1;
    std::uint64_t position = 0;
    bool appends = false;
};

/// Follows the calls with a tree in which everything happens at once.
class Follower
{
public:
    Follower(Recording &recording, std::string root) : m_recording(recording), m_now(recording.before), m_root(std::move(root))
    {
        m_nextNode = m_now.nodes.empty() ? 1 : m_now.nodes.rbegin()->first + 1;
    }

    /// `begun` is how many changes there were when it was called: a sync promises no more.
    void follow(const Call &call, std::uint64_t begun)
    {
        m_time = call.time;
        if (call.hasFailed())
            return;
        const auto &a = call.arguments;
        if (call.name == "openat")
            open(pathAt(a[0], a[1]), a[2], std::stoi(call.result));
        else if (call.name == "open")
            open(below(a[0]), a[1], std::stoi(call.result));
        else if (call.name == "close")
            m_descriptors.erase(std::stoi(a[0]));
        else if (call.name == "write" && descriptor(a[0]))
            write(*descriptor(a[0]), a[1].substr(0, std::stoul(call.result)));
        else if (call.name == "pwrite64" && descriptor(a[0]))
            writeAt(*descriptor(a[0]), a[1].substr(0, std::stoul(call.result)), std::stoull(a[3]));
        else if (call.name == "lseek" && descriptor(a[0]))
            descriptor(a[0])->position = std::stoull(call.result);
        else if (call.name == "ftruncate" && descriptor(a[0]))
            truncate(descriptor(a[0])->node, std::stoull(a[1]));
        else if ((call.name == "fsync" || call.name == "fdatasync") && descriptor(a[0]))
            add({Change::Kind::Sync, descriptor(a[0])->node, begun, {}, {}, {}, -1, -1, m_time});
        else if (call.name == "mkdir")
            make(below(a[0]), true);
        else if (call.name == "mkdirat")
            make(pathAt(a[0], a[1]), true);
        else if (call.name == "rename")
            move(below(a[0]), below(a[1]));
        else if (call.name == "renameat" || call.name == "renameat2")
            move(pathAt(a[0], a[1]), pathAt(a[2], a[3]));
        else if (call.name == "unlink" || call.name == "rmdir")
            remove(below(a[0]));
        else if (call.name == "unlinkat")
            remove(pathAt(a[0], a[1]));
        else if (call.name == "link")
            link(below(a[0]), below(a[1]));
        else if (call.name == "linkat")
            link(pathAt(a[0], a[1]), pathAt(a[2], a[3]));
        else if (call.name == "sendto")
            add({Change::Kind::Note, -1, 0, a[1], {}, {}, -1, -1, m_time});
        else if (call.name == "copy_file_range" || call.name == "sendfile" || call.name == "fallocate" || call.name == "writev")
            throw std::runtime_error("The recorder does not know " + call.name);
    }

private:
    /// Slash path below the root, or "/" for what is outside.
    [[nodiscard]] std::string below(const std::string &path) const
    {
        const std::string normal = fs::path(path).lexically_normal().string();
        if (normal == m_root)
            return {};
        return normal.starts_with(m_root + '/') ? normal.substr(m_root.size() + 1) : "/";
    }

    /// "7</folder>" and a name relative to it; AT_FDCWD comes with its path too.
    [[nodiscard]] std::string pathAt(const std::string &folder, const std::string &name) const
    {
        if (name.starts_with('/'))
            return below(name);
        const std::size_t from = folder.find('<');
        return from == std::string::npos ? "/" : below(folder.substr(from + 1, folder.rfind('>') - from - 1) + '/' + name);
    }

    Descriptor *descriptor(const std::string &argument)
    {
        const auto found = m_descriptors.find(std::stoi(argument));
        return found == m_descriptors.end() || found->second.node < 0 ? nullptr : &found->second;
    }

    void add(Change change)
    {
        apply(m_now, change);
        m_recording.changes.push_back(std::move(change));
    }

public:
    static void apply(Tree &tree, const Change &change);

private:
    std::pair<int, std::string> place(const std::string &path) const
    {
        const std::size_t slash = path.rfind('/');
        return {m_now.find(slash == std::string::npos ? std::string() : path.substr(0, slash)),
                slash == std::string::npos ? path : path.substr(slash + 1)};
    }

    int make(const std::string &path, bool isFolder)
    {
        if (path == "/")
            return -1;
        const auto [folder, name] = place(path);
        const int node = m_nextNode++;
        m_now.nodes[node].isFolder = isFolder;
        if (isFolder)
            m_recording.folders.push_back(node);
        add({Change::Kind::Enter, folder, 0, {}, name, {}, -1, node, m_time});
        return node;
    }

    void open(const std::string &path, const std::string &flags, int fd)
    {
        Descriptor &opened = m_descriptors[fd];
        opened = {};
        if (path == "/")
            return;
        opened.node = m_now.find(path);
        opened.appends = flags.find("O_APPEND") != std::string::npos;
        if (opened.node < 0)
            opened.node = make(path, false);
        else if (flags.find("O_TRUNC") != std::string::npos)
            truncate(opened.node, 0);
    }

    void write(Descriptor &to, std::string bytes)
    {
        const std::uint64_t offset = to.appends ? m_now.nodes[to.node].bytes.size() : to.position;
        to.position = offset + bytes.size();
        writeAt(to, std::move(bytes), offset);
    }

    void writeAt(const Descriptor &to, std::string bytes, std::uint64_t offset)
    {
        add({Change::Kind::Write, to.node, offset, std::move(bytes), {}, {}, -1, -1, m_time});
    }

    void truncate(int node, std::uint64_t size) { add({Change::Kind::Truncate, node, size, {}, {}, {}, -1, -1, m_time}); }

    void remove(const std::string &path)
    {
        if (path == "/")
            return;
        const auto [folder, name] = place(path);
        add({Change::Kind::Leave, folder, 0, {}, name, {}, -1, m_now.find(path), m_time});
    }

    void link(const std::string &from, const std::string &to)
    {
        const auto [folder, name] = place(to);
        add({Change::Kind::Enter, folder, 0, {}, name, {}, -1, m_now.find(from), m_time});
    }

    void move(const std::string &from, const std::string &to)
    {
        if (from == "/" || to == "/")
            return;
        const auto [folder, name] = place(from);
        const auto [toFolder, toName] = place(to);
        add({Change::Kind::Move, folder, 0, {}, name, toName, toFolder, m_now.find(from), m_time});
    }

    Recording &m_recording;
    Tree m_now;
    std::string m_root;
    std::map<int, Descriptor> m_descriptors;
    int m_nextNode = 1;
    double m_time = 0;
};

void applyWrite(std::string &bytes, std::uint64_t offset, const std::string &text)
{
    if (bytes.size() < offset + text.size())
        bytes.resize(offset + text.size(), '\0');
    bytes.replace(offset, text.size(), text);
}

void Follower::apply(Tree &tree, const Change &change)
{
    switch (change.kind) {
    case Change::Kind::Write: applyWrite(tree.nodes[change.node].bytes, change.offset, change.text); break;
    case Change::Kind::Truncate: tree.nodes[change.node].bytes.resize(change.offset, '\0'); break;
    case Change::Kind::Enter: tree.nodes[change.node].entries[change.name] = change.other; break;
    case Change::Kind::Leave: tree.nodes[change.node].entries.erase(change.name); break;
    case Change::Kind::Move:
        tree.nodes[change.node].entries.erase(change.name);
        tree.nodes[change.toNode].entries[change.toName] = change.other;
        break;
    case Change::Kind::Sync:
    case Change::Kind::Note: break;
    }
}

int readNode(Tree &tree, const fs::path &path)
{
    const int node = tree.nodes.empty() ? 0 : tree.nodes.rbegin()->first + 1;
    tree.nodes[node].isFolder = fs::is_directory(path);
    if (!tree.nodes[node].isFolder) {
        std::ifstream file(path, std::ios::binary);
        tree.nodes[node].bytes.assign(std::istreambuf_iterator<char>(file), {});
        return node;
    }
    for (const auto &entry : fs::directory_iterator(path)) {
        const int child = readNode(tree, entry.path());
        tree.nodes[node].entries[entry.path().filename().string()] = child;
    }
    return node;
}

void writeNode(const Tree &tree, int node, const fs::path &path)
{
    const auto found = tree.nodes.find(node);
    if (found == tree.nodes.end() || !found->second.isFolder) { // nothing reached the disk of an unknown one
        std::ofstream(path, std::ios::binary) << (found == tree.nodes.end() ? std::string() : found->second.bytes);
        return;
    }
    fs::create_directories(path);
    for (const auto &[name, child] : found->second.entries)
        writeNode(tree, child, path / name);
}

using Random = std::mt19937_64;

bool flip(Random &random, double share = 0.5)
{
    return std::uniform_real_distribution<>(0, 1)(random) < share;
}

/// A write of which only some sectors reached the disk.
void applyTorn(std::string &bytes, const Change &change, Random &random)
{
    const std::size_t sector = flip(random) ? 512 : 4096;
    const bool growsAnyway = flip(random); // the size was written, the data were not
    const char filling = flip(random) ? '\0' : static_cast<char>(random());
    std::size_t at = 0;
    while (at < change.text.size()) {
        const std::uint64_t offset = change.offset + at;
        const std::size_t length = std::min<std::size_t>(sector - offset % sector, change.text.size() - at);
        if (flip(random))
            applyWrite(bytes, offset, change.text.substr(at, length));
        else if (growsAnyway && bytes.size() < offset + length)
            applyWrite(bytes, offset, std::string(length, filling));
        at += length;
    }
}

} // namespace

Tree Tree::read(const fs::path &folder)
{
    Tree tree;
    readNode(tree, folder);
    return tree;
}

void Tree::write(const fs::path &folder) const
{
    fs::remove_all(folder);
    writeNode(*this, 0, folder);
}

int Tree::find(const std::string &path) const
{
    int node = 0;
    for (const fs::path &part : fs::path(path)) {
        const auto found = nodes.find(node);
        if (found == nodes.end() || part.empty())
            return path.empty() ? 0 : -1;
        const auto entry = found->second.entries.find(part.string());
        if (entry == found->second.entries.end())
            return -1;
        node = entry->second;
    }
    return node;
}

Recording readTrace(const fs::path &log, const fs::path &root, Tree before)
{
    Recording recording{std::move(before), {}, {}};
    Follower follower(recording, root.string());
    std::ifstream file(log);
    std::map<std::string, std::pair<std::string, std::size_t>> unfinished; // thread → begin of its line, changes until then
    for (std::string line; std::getline(file, line);) {
        Call call;
        const std::string thread = line.substr(0, line.find(' '));
        std::size_t begun = recording.changes.size();
        if (const std::size_t cut = line.find(" <unfinished ...>"); cut != std::string::npos) {
            unfinished[thread] = {line.substr(0, cut), begun};
            continue;
        }
        if (const std::size_t resumed = line.find(" resumed>"); resumed != std::string::npos) {
            line = unfinished[thread].first + line.substr(resumed + 9);
            begun = unfinished[thread].second;
        }
        if (parseCall(line, call))
            follower.follow(call, begun);
    }
    return recording;
}

Tree afterPowerLoss(const Recording &recording, std::size_t end, Random &random)
{
    std::map<int, std::size_t> syncedUntil; // node → changes before this one are on the disk
    for (std::size_t i = 0; i < end; ++i) {
        const Change &change = recording.changes[i];
        if (change.kind == Change::Kind::Sync)
            syncedUntil[change.node] = std::max<std::size_t>(syncedUntil[change.node], change.offset);
    }
    Tree tree = recording.before;
    for (const int folder : recording.folders)
        tree.nodes[folder].isFolder = true;
    const double mood = std::array{0.0, 0.1, 0.5, 0.9, 1.0}[random() % 5]; // how much of the rest reached the disk
    for (std::size_t i = 0; i < end; ++i) {
        const Change &change = recording.changes[i];
        const int holder = change.kind == Change::Kind::Move ? change.toNode : change.node;
        const auto synced = syncedUntil.find(holder);
        if (synced != syncedUntil.end() && synced->second > i)
            Follower::apply(tree, change);
        else if (change.kind == Change::Kind::Write && flip(random, 0.3))
            applyTorn(tree.nodes[change.node].bytes, change, random);
        else if (flip(random, mood))
            Follower::apply(tree, change);
    }
    return tree;
}

} // namespace bottega::crash
