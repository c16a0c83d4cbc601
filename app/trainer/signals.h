// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace bottega::trainer {

/// From now on SIGINT and SIGTERM are remembered instead of ending the process; a second one of either ends it at once.
void catchSignals();

[[nodiscard]] int caughtSignal(); // 0: none yet

} // namespace bottega::trainer
