// SPDX-License-Identifier: Apache-2.0
#include "app/trainer/handover.h"
#include "app/trainer/program.h"

int main(int argc, char **argv)
{
    using namespace bottega::trainer;
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    const std::string whyNoGpu = handOver(arguments);
    return runProgram(arguments, [&whyNoGpu] { return Machine{hostDevices(), whyNoGpu, {}}; });
}
