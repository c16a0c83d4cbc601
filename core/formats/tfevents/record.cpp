// SPDX-License-Identifier: Apache-2.0
#include "core/formats/tfevents/record.h"

#include "core/base/crc32c.h"
#include "core/formats/protobuf/wire.h"

#include <cstring>

namespace bottega {

namespace {

template <class T>
T load(const char *bytes)
{
    T value;
    std::memcpy(&value, bytes, sizeof value);
    return value;
}

} // namespace

void appendRecord(std::string &out, std::string_view payload)
{
    const std::size_t start = out.size();
    wire::putFixed(out, std::uint64_t{payload.size()});
    wire::putFixed(out, maskedCrc(crc32c(std::string_view(out).substr(start))));
    out += payload;
    wire::putFixed(out, maskedCrc(crc32c(payload)));
}

std::optional<std::uint64_t> payloadLength(const char *header)
{
    const auto length = load<std::uint64_t>(header);
    // The length first: it spares the CRC at nearly every offset of a search.
    if (length > maximumRecordBytes || load<std::uint32_t>(header + 8) != maskedCrc(crc32c({header, 8})))
        return {};
    return length;
}

bool isSoundPayload(std::string_view payload)
{
    return load<std::uint32_t>(payload.data() + payload.size()) == maskedCrc(crc32c(payload));
}

} // namespace bottega
