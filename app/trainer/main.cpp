// SPDX-License-Identifier: Apache-2.0
#include "app/trainer/program.h"

int main(int argc, char **argv)
{
    return bottega::trainer::runProgram({argv + 1, argv + argc}, bottega::trainer::hostDevices());
}
