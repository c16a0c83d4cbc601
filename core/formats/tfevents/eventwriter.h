// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/formats/tfevents/segmentwriter.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

namespace bottega {

struct ScalarValue
{
    std::string_view tag;
    double value = 0;
};

/// Appends scalars to one standard TensorBoard event file, opened exclusively: one file per attempt, writer, process.
/// A record is acknowledged when `append` returned without an error: a write(2) has taken it and it survives the death of
/// any process. A thread of the writer brings it to disk at most a second later, also where nothing more is appended;
/// `append` never waits longer than for its write(2). After a failed write or sync the writer goes on in a new file, whose
/// records repeat what was not yet synced under the same sequence numbers; while none can be made, up to 64 MiB are held in
/// memory, and what comes then is dropped: its sequence numbers are missing for ever, by which readers can tell. All of
/// this is `SegmentWriter`'s. Not thread safe. Must be made after any fork, in a process that ignores SIGXFSZ.
class EventWriter
{
public:
    /// Makes `events.out.tfevents.<seconds>.<host>.<pid>.a<attempt>.<writer>[.<n>]` in `folder`.
    [[nodiscard]] static Result<EventWriter> create(const std::filesystem::path &folder, int attempt,
                                                    std::string_view writer);

    /// One record with all `values`, at `step` and wall time now. Each value gets the next sequence number, from 1 on. An
    /// error is no reason to stop: the record is held, or dropped and counted.
    [[nodiscard]] Result<void> append(std::int64_t step, const std::vector<ScalarValue> &values);
    /// Returns when everything is on disk, or with the reason why it is not just now. The destructor does the same, but
    /// its error is heard by nobody.
    [[nodiscard]] Result<void> sync();
    /// Numbers of values here are sequence numbers.
    [[nodiscard]] WriterStatus status() const { return m_segments->status(); }

private:
    explicit EventWriter(std::unique_ptr<SegmentWriter> segments) : m_segments(std::move(segments)) {}

    std::unique_ptr<SegmentWriter> m_segments;
    std::uint64_t m_sequence = 1;
};

} // namespace bottega
