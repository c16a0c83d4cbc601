// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/base/uniquefd.h"
#include "core/run/streamevent.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bottega {

/// One followed run: what of its folder was sent, and what is new. Everything is opened beneath the folder's handle:
/// regular files only, no link is followed. Memory grows with the number of files, not with their size.
class StreamRun
{
public:
    using Send = std::function<void(const StreamEvent &event)>; // may block

    /// `known` is what the consumer has: offset and identity by file. A folder that is not there is sent as gone.
    StreamRun(std::uint32_t run, std::filesystem::path folder, const Json &known);

    /// Sends what is new of states, metrics and telemetry, no more than a portion of each file. True where there is more.
    [[nodiscard]] bool sendMetrics(const Send &send);
    /// The same of logs.
    [[nodiscard]] bool sendLogs(const Send &send);
    /// Sends the lists of artifacts and checkpoints where they have changed.
    void sendLists(const Send &send);
    [[nodiscard]] bool isGone() const { return !m_folder; }
    [[nodiscard]] int handle() const { return m_folder.get(); }
    [[nodiscard]] std::uint32_t number() const { return m_run; }

private:
    struct File
    {
        std::uint64_t identity = 0;
        std::uint64_t offset = 0;
        std::int64_t changed = 0; // nanoseconds, of a file that is replaced as a whole
        std::string problem;      // told already
    };

    void noteWhetherGone(const Send &send);
    [[nodiscard]] bool sendFolder(const std::string &name, std::uint64_t portion, const Send &send);
    [[nodiscard]] bool sendLog(const std::string &name, std::uint64_t portion, const Send &send);
    void sendContent(const std::string &name, const Send &send);
    void sendVanished(const std::string &folder, const std::vector<std::string> &present, const Send &send);
    void sendList(const std::string &name, Json items, const Send &send);
    void sendProblem(const std::string &name, const std::string &text, const Send &send);
    void tell(StreamKind kind, const std::string &name, const Send &send) const;

    std::uint32_t m_run;
    std::filesystem::path m_path;
    UniqueFd m_folder;
    bool m_isToldGone = false;
    std::map<std::string, File> m_files;
    std::map<std::string, std::string> m_lists; // as last sent
};

} // namespace bottega
