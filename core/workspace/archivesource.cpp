// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/archivesource.h"

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/redact.h"
#include "core/base/safename.h"
#include "core/run/journal.h"
#include "core/run/runstatus.h"
#include "core/workspace/archivemanifest.h"

#include <QCryptographicHash>

#include <algorithm>
#include <cstring>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t documentLimit = std::uint64_t{64} << 20;
constexpr std::size_t pieceBytes = std::size_t{1} << 20; // of a log, cut at a line's end

enum class Content {
    Plain,
    Document, // one JSON object
    Journal,
    Log,
};

Content contentOf(const std::string &path)
{
    const std::string unit = archiveUnitOf(path);
    const std::string_view inner = std::string_view(path).substr(std::min(path.size(), unit.size() + 1));
    if (unit.starts_with("models/"))
        return inner == "model.json" ? Content::Document : Content::Plain;
    if (!unit.starts_with("runs/"))
        return Content::Plain;
    if (inner == "run.json" || inner == "end.json")
        return Content::Document;
    if (inner == "journal.jsonl")
        return Content::Journal;
    return inner.starts_with("system-logs/") || inner.starts_with("work/logs/") ? Content::Log : Content::Plain;
}

Result<std::string> wholeFile(int fd, std::uint64_t size, const fs::path &path)
{
    if (size > documentLimit)
        return fail(ErrorCode::Corrupt, "The file is larger than 64 MiB, which can't be right", path.string(),
                    "nothing was exported", "Move it out of the run's folder");
    std::string bytes(size, '\0');
    const auto count = readAt(fd, std::as_writable_bytes(std::span(bytes)), 0, path);
    if (!count)
        return fail(count.error());
    bytes.resize(*count);
    return bytes;
}

std::string redactedDocument(const std::string &text, const fs::path &path)
{
    const auto json = parseJson(text, path.string());
    if (!json)
        return redact(text);
    const Json shown = redactJson(*json);
    return shown == *json ? text : dumpJson(shown, 2) + "\n";
}

std::string redactedLine(std::string_view line)
{
    const auto json = openJournalLine(line);
    if (!json)
        return redact(line) + "\n";
    Json shown = redactJson(*json);
    if (shown == *json)
        return std::string(line) + "\n";
    shown.erase("crc");
    return sealJournalLine(shown);
}

std::string redactedJournal(std::string_view text)
{
    std::string shown;
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        shown += redactedLine(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
    return shown; // a torn last line was never acknowledged
}

/// What ends the copy of a run whose journal has no end of its own; empty where it has.
Result<std::string> closingLine(const RunFolder &run)
{
    const auto journal = readJournal(run.file("journal.jsonl"));
    if (!journal)
        return fail(journal.error());
    JournalEntry last = journal->entries.empty() ? JournalEntry() : journal->entries.back();
    if (isTerminal(last.state))
        return std::string();
    const auto status = readRunStatus(run);
    if (!status)
        return fail(status.error());
    JournalEntry end;
    end.attempt = last.attempt;
    const bool hasEnded = isTerminal(status->state);
    end.state = hasEnded ? status->state : RunState::Canceled;
    end.time = hasEnded && status->ended > 0 ? status->ended : wallTime();
    end.evidence = hasEnded ? redact(status->evidence)
                            : "this copy ends here: it was exported while the run was " +
                                  std::string(runStateName(status->state));
    return journalLine(end);
}

} // namespace

struct ArchiveSource::Reader
{
    fs::path path;
    UniqueFd fd;
    std::uint64_t size = 0; // of the file when it was opened
    Content content = Content::Plain;
    std::string ready;      // what was read and redacted, not yet given from `taken` on
    std::size_t taken = 0;
    std::uint64_t offset = 0; // in the file
    bool insideKey = false;
    bool isRedacted = false;
    QCryptographicHash hash{QCryptographicHash::Sha256};
    std::uint64_t given = 0;

    [[nodiscard]] bool isPrepared() const { return content == Content::Document || content == Content::Journal; }

    Result<void> prepare(const fs::path &root)
    {
        if (content == Content::Log)
            return chooseForLog();
        if (content == Content::Plain)
            return {};
        const auto text = wholeFile(fd.get(), size, path);
        if (!text)
            return fail(text.error());
        ready = content == Content::Document ? redactedDocument(*text, path) : redactedJournal(*text);
        isRedacted = !text->starts_with(ready);
        if (content == Content::Document)
            return {};
        const auto end = closingLine(RunFolder(root));
        if (!end)
            return fail(end.error());
        ready += *end;
        return {};
    }

    /// Programs keep other things in logs/ too: what holds a NUL is no text and stays as it is.
    Result<void> chooseForLog()
    {
        std::vector<std::byte> start(std::min<std::uint64_t>(size, 4096));
        const auto count = readAt(fd.get(), start, 0, path);
        if (!count)
            return fail(count.error());
        if (std::find(start.begin(), start.end(), std::byte{0}) != start.end())
            content = Content::Plain;
        return {};
    }

    void restart()
    {
        offset = given = taken = 0;
        hash.reset();
        if (isPrepared())
            return;
        ready.clear();
        insideKey = isRedacted = false;
    }

    /// The next piece of a log: whole lines, or a whole block where a line is longer.
    Result<void> refill()
    {
        std::string piece(std::min<std::uint64_t>(pieceBytes, size - offset), '\0');
        const auto count = readAt(fd.get(), std::as_writable_bytes(std::span(piece)), offset, path);
        if (!count)
            return fail(count.error());
        piece.resize(*count);
        const std::size_t lineEnd = piece.rfind('\n');
        if (offset + piece.size() < size && lineEnd != std::string::npos)
            piece.resize(lineEnd + 1);
        offset = piece.empty() ? size : offset + piece.size();
        ready = redact(piece, &insideKey);
        taken = 0;
        isRedacted = isRedacted || ready != piece;
        return {};
    }

    Result<std::size_t> readPlain(std::span<std::byte> buffer)
    {
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), size - offset));
        const auto count = readAt(fd.get(), buffer.first(wanted), offset, path);
        if (!count)
            return fail(count.error());
        if (*count < wanted)
            return fail(ErrorCode::Corrupt, "The file became shorter while it was exported", path.string(),
                        "nothing was exported", "Try again when nothing writes to it");
        offset += *count;
        return *count;
    }

    Result<std::size_t> readReady(std::span<std::byte> buffer)
    {
        std::size_t done = 0;
        while (done < buffer.size()) {
            if (taken == ready.size() && !isPrepared() && offset < size) {
                if (auto filled = refill(); !filled)
                    return fail(filled.error());
            }
            const std::size_t count = std::min(buffer.size() - done, ready.size() - taken);
            if (count == 0 && (isPrepared() || offset >= size))
                break;
            std::memcpy(buffer.data() + done, ready.data() + taken, count);
            done += count;
            taken += count;
        }
        return done;
    }
};

ArchiveSource::ArchiveSource(std::unique_ptr<Reader> reader) : m_reader(std::move(reader)) {}
ArchiveSource::ArchiveSource(ArchiveSource &&) noexcept = default;
ArchiveSource &ArchiveSource::operator=(ArchiveSource &&) noexcept = default;
ArchiveSource::~ArchiveSource() = default;

Result<ArchiveSource> ArchiveSource::open(const fs::path &workspaceRoot, const std::string &path)
{
    auto fd = openBeneath(workspaceRoot, path);
    if (!fd)
        return fail(fd.error());
    auto reader = std::make_unique<Reader>();
    reader->path = workspaceRoot / path;
    reader->fd = std::move(*fd);
    const auto size = fileSize(reader->fd.get(), reader->path);
    if (!size)
        return fail(size.error());
    reader->size = *size;
    reader->content = contentOf(path);
    if (auto prepared = reader->prepare(workspaceRoot / archiveUnitOf(path)); !prepared)
        return fail(prepared.error());
    return ArchiveSource(std::move(reader));
}

std::uint64_t ArchiveSource::expectedSize() const
{
    return m_reader->isPrepared() ? m_reader->ready.size() : m_reader->size;
}

Result<std::size_t> ArchiveSource::read(std::span<std::byte> buffer, std::uint64_t offset)
{
    if (offset == 0)
        m_reader->restart();
    const auto count = m_reader->content == Content::Plain ? m_reader->readPlain(buffer) : m_reader->readReady(buffer);
    if (!count)
        return count;
    m_reader->hash.addData(QByteArrayView(reinterpret_cast<const char *>(buffer.data()), static_cast<qsizetype>(*count)));
    m_reader->given += *count;
    return count;
}

CopiedFile ArchiveSource::given() const
{
    return {m_reader->given, m_reader->hash.result().toHex().toStdString()};
}

bool ArchiveSource::isRedacted() const
{
    return m_reader->isRedacted;
}

} // namespace bottega
