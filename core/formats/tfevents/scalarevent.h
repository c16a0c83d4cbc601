// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/formats/tfevents/eventwriter.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bottega {

/// One scalar of an Event message; `tag` borrows from the message.
struct DecodedScalar
{
    std::string_view tag;
    double value = 0;
    std::uint64_t sequence = 0;
};

/// An Event message as far as scalars go.
struct DecodedEvent
{
    double wallTime = 0;
    std::int64_t step = 0;
    std::vector<DecodedScalar> scalars;
};

/// The payload of a file's first record.
[[nodiscard]] std::string encodeFileVersion(double wallTime);

/// One Event; the values get the sequence numbers from `firstSequence` on.
[[nodiscard]] std::string encodeScalars(double wallTime, std::int64_t step, const std::vector<ScalarValue> &values,
                                        std::uint64_t firstSequence);

/// Fills `decoded`, whose memory is reused. False where the payload is no sound protobuf message.
[[nodiscard]] bool decodeEvent(std::string_view payload, DecodedEvent &decoded);

} // namespace bottega
