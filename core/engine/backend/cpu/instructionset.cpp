// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cpu/instructionset.h"

#include "core/base/safename.h"

namespace bottega::engine::cpu {

namespace {

std::vector<InstructionSet> detect()
{
    std::vector<InstructionSet> sets;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        sets.push_back({"avx512", "AVX-512", &avx512Kernels()});
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        sets.push_back({"avx2", "AVX2 with FMA", &avx2Kernels()});
    sets.push_back({"baseline", "SSE2", &baselineKernels()});
#else
    sets.push_back({"baseline", "baseline", &baselineKernels()});
#endif
    return sets;
}

} // namespace

const std::vector<InstructionSet> &instructionSets()
{
    static const std::vector<InstructionSet> sets = detect();
    return sets;
}

Result<InstructionSet> findInstructionSet(const std::string &name)
{
    std::string known;
    for (const InstructionSet &set : instructionSets()) {
        if (set.name == name)
            return set;
        known += (known.empty() ? "" : ", ") + std::string(set.name);
    }
    return fail(ErrorCode::Unsupported, "This processor has no instruction set \"" + printable(name, 40) + "\"", {}, {},
                "It has " + known);
}

} // namespace bottega::engine::cpu
