// SPDX-License-Identifier: Apache-2.0
#include "core/base/redact.h"
#include "core/run/endrecord.h"
#include "core/run/journal.h"
#include "core/run/runfolder.h"
#include "core/workspace/annotations.h"
#include "core/workspace/config.h"
#include "tests/fuzz/fuzz.h"

namespace bottega::fuzz {

namespace {

const MemoryFolder &folder()
{
    static const MemoryFolder memory;
    return memory;
}

/// What is written of it reads back as itself, and nothing but texts is changed where secrets are taken out.
void readDocument(std::string_view bytes)
{
    const auto json = parseJson(bytes, "fuzz");
    if (!json)
        return;
    const std::string written = dumpJson(*json);
    const auto again = parseJson(written, "fuzz");
    require(again && dumpJson(*again) == written);
    require(redactJson(*json).size() == json->size());
}

void readJob(std::string_view bytes)
{
    (void)folder().save("run.json", bytes);
    const auto job = RunFolder(folder().path()).readJob();
    if (!job)
        return;
    const auto again = jobFromJson(jobToJson(*job), "fuzz");
    require(again && dumpJson(jobToJson(*again)) == dumpJson(jobToJson(*job)));
}

/// As it is, and each line with a sound sum, which chance would not find.
void readEntries(std::string_view bytes)
{
    const RunFolder run(folder().path());
    (void)folder().save("journal.jsonl", bytes);
    const auto content = readJournal(run.file("journal.jsonl"));
    require(content && content->bytes == bytes.size());
    std::string sealed;
    for (std::string_view rest = bytes; !rest.empty();) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        if (const auto json = parseJson(line, "fuzz"); json && json->is_object() && !json->empty()) {
            const std::string whole = sealJournalLine(*json);
            require(openJournalLine(std::string_view(whole).substr(0, whole.size() - 1)).has_value());
            sealed += whole;
        }
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    }
    (void)folder().save("journal.jsonl", sealed);
    const auto entries = readJournal(run.file("journal.jsonl"));
    require(entries.has_value());
    (void)folder().save("end.json", bytes);
    (void)readEndRecord(run, 1, 7);
}

void readNotes(std::string_view bytes)
{
    const auto notes = readAnnotations(folder().save("annotations.jsonl", bytes));
    require(notes.has_value());
    for (const Annotation &note : *notes)
        require(!note.subject.empty() && !note.key.empty());
}

void readConfiguration(std::string_view bytes)
{
    (void)folder().save("config.json", bytes);
    const auto config = readConfig(folder().path());
    if (!config)
        return;
    require(config->json.is_object() && config->problem.empty()); // there is no last good copy
    require(config->json.size() <= bytes.size());
}

} // namespace

/// The first byte chooses among the documents of a workspace; the rest is the document.
void takeInput(std::string_view bytes)
{
    if (bytes.empty())
        return;
    const std::string_view document = bytes.substr(1);
    switch (bytes.front()) {
    case 'j': readJob(document); break;
    case 'e': readEntries(document); break;
    case 'a': readNotes(document); break;
    case 'c': readConfiguration(document); break;
    default: readDocument(document);
    }
    folder().clear();
}

} // namespace bottega::fuzz
