// SPDX-License-Identifier: Apache-2.0
// What grows by appending: the journal, the annotations, the event files.
#include "core/base/atomicsave.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/formats/tfevents/eventwriter.h"
#include "core/run/journal.h"
#include "core/run/metricstream.h"
#include "core/workspace/annotations.h"
#include "tests/crash/operations/operation.h"

#include <bit>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

namespace bottega::crash {

namespace fs = std::filesystem;

namespace {

void prepareFolder(const Plan &plan, const Notebook &)
{
    require(makeFolder(plan.folder).has_value(), "no folder");
}

void pauseFor(double seconds)
{
    if (seconds > 0)
        ::usleep(static_cast<useconds_t>(seconds * 1e6));
}

void performJournal(const Plan &plan, const Notebook &notebook)
{
    for (std::int64_t item = 0; item < plan.count; ++item) {
        JournalEntry entry;
        entry.time = wallTime();
        entry.attempt = plan.round;
        entry.state = RunState::Running;
        entry.host = plan.key(item);
        entry.evidence = plan.value(item);
        notebook.attempt(entry.host, entry.evidence);
        notebook.settle(entry.host, appendJournal(plan.folder / "journal.jsonl", entry));
        pauseFor(plan.pause);
    }
}

/// What a reader that gives up at the first damage would see.
void cutAtDamage(const fs::path &path)
{
    const auto whole = readFile(path);
    for (std::size_t end = 0; whole && end != std::string::npos && (end = whole->find('\n', end)) != std::string::npos; ++end) {
        require(saveAtomically(path, std::string_view(*whole).substr(0, end + 1)).has_value(), "not cut");
        const auto content = readJournal(path);
        if (content && content->damagedLines > 0)
            return;
    }
}

void inspectJournal(const fs::path &folder, Inventory &inventory)
{
    if (isMutant("stop-at-damage"))
        cutAtDamage(folder / "journal.jsonl");
    const auto content = readJournal(folder / "journal.jsonl");
    if (!content)
        return inventory.problem(content.error());
    for (const JournalEntry &entry : content->entries)
        inventory.add(entry.host, entry.evidence);
}

void performAnnotations(const Plan &plan, const Notebook &notebook)
{
    for (std::int64_t item = 0; item < plan.count; ++item) {
        notebook.attempt(plan.key(item), plan.value(item));
        const Annotation annotation{wallTime(), plan.key(item), "note", plan.value(item)};
        notebook.settle(plan.key(item), appendAnnotation(plan.folder / "annotations.jsonl", annotation));
        pauseFor(plan.pause);
    }
}

void inspectAnnotations(const fs::path &folder, Inventory &inventory)
{
    const auto annotations = readAnnotations(folder / "annotations.jsonl");
    if (!annotations)
        return inventory.problem(annotations.error());
    for (const Annotation &annotation : *annotations)
        inventory.add(annotation.subject, annotation.value.get<std::string>());
}

/// A double that no float32 holds, so that its last bit counts.
double pointValue(int round, std::int64_t item)
{
    return static_cast<double>(round) + static_cast<double>(item) * 1.1;
}

std::string bitsOf(double value)
{
    char text[24];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(std::bit_cast<std::uint64_t>(value)));
    return text;
}

void performEvents(const Plan &plan, const Notebook &notebook)
{
    auto writer = EventWriter::create(plan.folder / "metrics", plan.round, "trainer");
    if (!writer)
        return notebook.refuse("open", writer.error());
    for (std::int64_t item = 0; item < plan.count; ++item) {
        const double value = pointValue(plan.round, item);
        notebook.attempt(plan.key(item), bitsOf(value));
        const std::int64_t step = plan.round * std::int64_t{100000000} + item;
        auto done = writer->append(step, {{"train/loss", value}});
        if (isMutant("new-sequence") && item % 2 == 1)
            done = writer->append(step, {{"train/loss", value}});
        notebook.settle(plan.key(item), done);
        pauseFor(item % 16 == 15 ? 40 * plan.pause : plan.pause); // long epochs between short ones
    }
}

void prepareEvents(const Plan &plan, const Notebook &)
{
    require(makeFolder(plan.folder / "metrics").has_value(), "no folder");
}

void inspectEvents(const fs::path &folder, Inventory &inventory)
{
    MetricStream stream(folder / "metrics");
    for (;;) {
        const auto batches = stream.poll();
        if (!batches)
            return inventory.problem(batches.error());
        if (batches->empty())
            return;
        for (const MetricBatch &batch : *batches) {
            MetricSummary summary;
            summarize(summary, batch);
            inventory.shown += static_cast<std::int64_t>(summary.count);
            for (const MetricPoint &point : batch.points) {
                const Plan plan{{}, static_cast<int>(point.step / 100000000), 0, 0};
                inventory.items.push_back({plan.key(point.step % 100000000), bitsOf(point.value)});
            }
        }
    }
}

} // namespace

const Operation journalOperation{"journal", prepareFolder, performJournal, inspectJournal};
const Operation annotationOperation{"annotation", prepareFolder, performAnnotations, inspectAnnotations};
const Operation eventOperation{"events", prepareEvents, performEvents, inspectEvents};

} // namespace bottega::crash
