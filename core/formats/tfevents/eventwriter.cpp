// SPDX-License-Identifier: Apache-2.0
#include "core/formats/tfevents/eventwriter.h"

#include "core/base/clock.h"
#include "core/base/safename.h"
#include "core/formats/tfevents/record.h"
#include "core/formats/tfevents/scalarevent.h"

#include <algorithm>
#include <unistd.h>

namespace bottega {

namespace {

std::string hostName()
{
    char name[256] = {};
    if (::gethostname(name, sizeof name - 1) != 0 || name[0] == '\0')
        return "localhost";
    std::string text = name;
    std::replace(text.begin(), text.end(), '/', '_');
    return text;
}

/// Names are read from the right, so that a writer's must be one word.
Result<void> checkWriter(std::string_view writer)
{
    if (writer.find('.') != std::string_view::npos)
        return fail(ErrorCode::Usage, "The name of a writer of metrics must not contain a full stop",
                    printable(writer), "nothing was written");
    return checkName("a writer of metrics", writer, 1, 64);
}

std::string firstRecord()
{
    std::string bytes;
    appendRecord(bytes, encodeFileVersion(wallTime()));
    return bytes;
}

} // namespace

Result<EventWriter> EventWriter::create(const std::filesystem::path &folder, int attempt, std::string_view writer)
{
    if (auto valid = checkWriter(writer); !valid)
        return fail(valid.error());
    std::string stem = "events.out.tfevents." + std::to_string(static_cast<long long>(wallTime())) + "." + hostName() +
                       "." + std::to_string(::getpid()) + ".a" + std::to_string(attempt) + "." + std::string(writer);
    auto segments = SegmentWriter::create(folder, std::move(stem), firstRecord);
    if (!segments)
        return fail(segments.error());
    return EventWriter(std::move(*segments));
}

Result<void> EventWriter::append(std::int64_t step, const std::vector<ScalarValue> &values)
{
    if (values.empty())
        return {};
    std::string record;
    appendRecord(record, encodeScalars(wallTime(), step, values, m_sequence));
    m_sequence += values.size();
    return m_segments->append(record, values.size());
}

Result<void> EventWriter::sync()
{
    return m_segments->sync();
}

} // namespace bottega
