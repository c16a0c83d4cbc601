// SPDX-License-Identifier: Apache-2.0
#include "app/trainer/cudadevices.h"
#include "app/trainer/handover.h"
#include "app/trainer/program.h"

int main(int argc, char **argv)
{
    using namespace bottega::trainer;
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (wishOf(arguments) == Wish::Cpu) // then no driver is woken up
        return runProgram(arguments, [] { return Machine{hostDevices(), {}, {}}; });
    return runProgram(arguments, cudaMachine);
}
