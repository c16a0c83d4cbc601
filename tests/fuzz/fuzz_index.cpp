// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/runtable.h"
#include "tests/fuzz/fuzz.h"

namespace bottega::fuzz {

/// Bytes in the index's place: it is used, or moved aside and begun anew, and works in either case.
void takeInput(std::string_view bytes)
{
    static const MemoryFolder folder;
    const auto path = folder.save("index.sqlite", bytes);
    {
        auto table = RunTable::open(path);
        require(table && table->memoryReason().empty());
        std::size_t bytes = 0;
        (void)table->forEach([&bytes](const RunTable::RowView &row) { bytes += row.id.size() + row.signature.size() + row.record.size(); });
        require(bytes < std::size_t{64} << 20);
        const RunTable::Row row{"mnist_1_0a1b2c3d", "signature", "record"};
        if (table->apply({row}, {"other"})) { // damage may lie where only writing meets it; that is told
            const auto again = table->row(row.id);
            require(!again || !*again || (*again)->record == row.record);
        }
    }
    folder.clear();
}

} // namespace bottega::fuzz
