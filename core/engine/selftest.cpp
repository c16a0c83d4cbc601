// SPDX-License-Identifier: Apache-2.0
#include "core/engine/selftest.h"

namespace bottega::engine {

std::vector<SelfCheck> selftest(Backend &) { return {}; }
std::string selftestTable(const std::vector<SelfCheck> &) { return {}; }

} // namespace bottega::engine
