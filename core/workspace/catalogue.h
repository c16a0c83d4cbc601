// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/workspace/datasets.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace bottega {

/// A data set whose exact bytes the program knows.
struct KnownDataset
{
    Dataset facts;                           // name, title, origin, counts, the four SHA-256
    std::array<std::uint64_t, 4> sizes = {}; // of the unpacked files
    std::array<std::uint64_t, 4> packed = {}; // about; for the progress bar only
    std::string offeredFrom;                 // folder with the .gz files, or ":/…" inside the program; may be empty
    std::vector<std::string> mirrors;        // https base URLs with a trailing slash, in order
};

/// mnist, fashion-mnist, mnist-small.
[[nodiscard]] const Catalogue &builtInCatalogue();

[[nodiscard]] const KnownDataset *findKnown(const Catalogue &catalogue, const std::string &name);

/// True where all four packed files are at hand without a network.
[[nodiscard]] bool isOffered(const KnownDataset &known);

} // namespace bottega
