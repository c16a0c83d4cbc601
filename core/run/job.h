// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace bottega {

/// The data set of a job, resolved when it was submitted.
struct JobData
{
    std::string name;              // "mnist"
    std::string path;              // folder with the four plain IDX files
    std::string sha256;            // over the four files' hashes: which data it was
    std::int64_t trainCount = 0;
    std::int64_t testCount = 0;
};

/// The request: what to run, with what, where. Value type; `run.json` is exactly this and never changes afterwards.
struct Job
{
    std::string runId;
    std::string experiment;
    std::string recipe;                                          // "mnist-mlp"
    std::vector<std::pair<std::string, std::string>> params;    // in order, defaults filled in: what really ran
    JobData data;
    std::string target = "local";
    std::string gpu = "auto";                                    // auto, never, require
    std::string device = "auto";                                 // auto, cpu, cuda (any), cuda:UUID
    int threads = 0;                                             // of the CPU; 0: all that may be used
    std::string precision = "fp32";                              // of products on a GPU: fp32, tf32, bf16
    std::string resumeFrom;                                      // run id, or empty
    std::string resumeCheckpoint;                                // absolute path of the checkpoint to go on from
    double maxDurationSeconds = 0;                               // 0: no limit
    std::uint64_t maxMemoryBytes = 0;                            // of all processes together; 0: no limit
    std::uint64_t maxDiskBytes = 0;                              // of the whole run folder; 0: no limit
    double createdAt = 0;                                        // seconds since 1970
    std::string createdBy;                                       // version of the program

    /// The parameter's text, or the fallback.
    [[nodiscard]] std::string param(const std::string &name, const std::string &fallback = {}) const;
};

[[nodiscard]] Json jobToJson(const Job &job);
[[nodiscard]] Result<Job> jobFromJson(const Json &json, const std::string &where);

} // namespace bottega
