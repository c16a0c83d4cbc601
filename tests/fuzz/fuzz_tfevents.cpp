// SPDX-License-Identifier: Apache-2.0
#include "core/formats/tfevents/eventreader.h"
#include "core/formats/tfevents/record.h"
#include "tests/fuzz/fuzz.h"

#include <cstring>

namespace bottega::fuzz {

namespace {

std::vector<ScalarPoint> readAll(EventReader &reader, std::uint64_t maximumBytes)
{
    std::vector<ScalarPoint> points;
    for (bool isMore = true; isMore;) {
        const auto read = reader.read(points, maximumBytes);
        require(read.has_value());
        isMore = *read;
    }
    for (const ScalarPoint &point : points)
        require(point.tag < reader.tags().size());
    return points;
}

bool isSame(const ScalarPoint &a, const ScalarPoint &b)
{
    return a.tag == b.tag && a.step == b.step && a.sequence == b.sequence &&
           std::memcmp(&a.wallTime, &b.wallTime, sizeof a.wallTime) == 0 &&
           std::memcmp(&a.value, &b.value, sizeof a.value) == 0;
}

/// At once, in small portions, and as the file grows: the same points.
void readInEveryWay(std::string_view bytes)
{
    const MemoryFile whole(bytes);
    EventReader atOnce(whole.path());
    const auto expected = readAll(atOnce, std::uint64_t{64} << 20);
    EventReader inPortions(whole.path());
    const auto portions = readAll(inPortions, 64);

    const MemoryFile growing(bytes.substr(0, bytes.size() / 2));
    EventReader follower(growing.path());
    auto followed = readAll(follower, std::uint64_t{64} << 20);
    growing.append(bytes.substr(bytes.size() / 2));
    const auto rest = readAll(follower, std::uint64_t{64} << 20);
    followed.insert(followed.end(), rest.begin(), rest.end());

    require(std::equal(expected.begin(), expected.end(), portions.begin(), portions.end(), isSame));
    require(std::equal(expected.begin(), expected.end(), followed.begin(), followed.end(), isSame));
    require(atOnce.damagedRecords() == inPortions.damagedRecords());
    require(atOnce.damagedRecords() == follower.damagedRecords());
}

} // namespace

/// The input as a file, and as the message in a sound record, which chance would not find a CRC for.
void takeInput(std::string_view bytes)
{
    readInEveryWay(bytes);
    std::string framed;
    appendRecord(framed, bytes);
    readInEveryWay(framed);
}

} // namespace bottega::fuzz
