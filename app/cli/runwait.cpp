// SPDX-License-Identifier: Apache-2.0
#include "app/cli/runwait.h"

#include "app/cli/output.h"
#include "app/cli/progressline.h"
#include "core/base/clock.h"
#include "core/base/safename.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <optional>

namespace bottega::cli {

namespace {

constexpr std::size_t evidenceLimit = 2'000; // an error with its place and what to do about it

constexpr std::chrono::milliseconds pollInterval{100};

std::string stateText(RunState state, const std::string &evidence)
{
    return std::string(runStateName(state)) + (evidence.empty() ? "" : ": " + printable(evidence, evidenceLimit));
}

std::string withTimeLeft(std::string text, const RunFollower &follower)
{
    if (const auto left = follower.secondsLeft(); left && *left > 0)
        text += "  " + durationText(*left) + " left";
    return text;
}

/// As many decimals each time, so that a line that is redrawn stands still.
std::string metricText(const std::string &name, double value)
{
    const bool isUsual = value == 0 || (std::abs(value) >= 0.001 && std::abs(value) < 1000);
    return "  " + name + " " + (isUsual ? shareText(value) : numberText(value, 2));
}

std::string epochText(const EpochResult &result, const RunFollower &follower)
{
    return "epoch " + std::to_string(result.epoch) + "/" + std::to_string(follower.epochs()) +
           metricText("loss", result.trainLoss) + metricText("val loss", result.loss) +
           metricText("accuracy", result.accuracy);
}

void drawProgress(ProgressLine &line, const RunFollower &follower)
{
    const RunStatus &status = follower.record().status;
    const std::int64_t epoch = follower.epoch();
    if (status.state != RunState::Running || epoch == 0)
        return line.show(stateText(status.state, status.evidence));
    std::string after = metricText("loss", follower.last("train/loss")).substr(2);
    if (const double accuracy = follower.last("val/accuracy"); !std::isnan(accuracy))
        after += metricText("accuracy", accuracy);
    line.show("epoch " + std::to_string(epoch) + "/" + std::to_string(follower.epochs()), follower.record().progress(),
              withTimeLeft(after, follower));
}

/// Lines for a pipe or a file. A journal may repeat a state with the same evidence; people need it once. How the run ended
/// is told with the rest of its end.
class LineReport
{
public:
    explicit LineReport(std::ostream &out) : m_out(out) {}

    void tell(const RunFollower::News &news, const RunFollower &follower)
    {
        auto epoch = news.epochs.begin();
        const auto tellEpochsUntil = [&](double time) {
            for (; epoch != news.epochs.end() && epoch->time <= time; ++epoch)
                m_out << withTimeLeft(epochText(*epoch, follower), follower) << '\n';
        };
        for (const JournalEntry &entry : news.states) {
            tellEpochsUntil(entry.time);
            tellState(entry.state, entry.evidence);
        }
        tellEpochsUntil(std::numeric_limits<double>::infinity());
        const RunStatus &status = follower.record().status;
        const bool isFinding = follower.hasEnded() || status.state == RunState::NotResponding;
        if (isFinding && status.state != m_state) // told by the processes, not by the journal
            tellState(status.state, status.evidence);
        m_out.flush();
    }

private:
    void tellState(RunState state, const std::string &evidence)
    {
        const std::string text = stateText(state, evidence);
        if (text != m_lastState && !isTerminal(state))
            m_out << text << '\n';
        m_state = state;
        m_lastState = text;
    }

    std::ostream &m_out;
    RunState m_state = RunState::NotStarted;
    std::string m_lastState;
};

int exitCodeOf(const RunRecord &record, WaitEnd end)
{
    if (end == WaitEnd::Interrupted)
        return Interrupted;
    return record.status.state == RunState::Completed ? Done : Failed;
}

void printEnd(const RunRecord &record, const Invocation &invocation, std::ostream &out)
{
    const RunStatus &status = record.status;
    out << runStateName(status.state) << " after " << durationText(record.durationSeconds(wallTime()));
    if (const auto accuracy = record.metrics.find("val/accuracy"); accuracy != record.metrics.end())
        out << ", accuracy " << shareText(accuracy->second.last);
    if (status.state != RunState::Completed)
        out << ": " << printable(status.evidence, evidenceLimit);
    out << '\n';
    const auto isModel = [](const Artifact &artifact) { return artifact.path.ends_with(".npz"); };
    const auto model = std::find_if(record.artifacts.begin(), record.artifacts.end(), isModel);
    if (status.state == RunState::Failed)
        out << "Its log: " << commandLike(invocation, "run logs " + record.id) << '\n';
    else if (model != record.artifacts.end() && record.model.empty())
        out << "Register its model: "
            << commandLike(invocation, "model register " + record.id + " --name NAME --path " + printable(model->path))
            << '\n';
}

void printDetached(const RunRecord &record, const Invocation &invocation, std::ostream &out)
{
    out << "The run goes on without this program.\n"
        << "Follow it: " << commandLike(invocation, "run logs " + record.id + " --follow") << '\n'
        << "Stop it:   " << commandLike(invocation, "run cancel " + record.id) << '\n';
}

std::string quoted(const std::string &text)
{
    const auto isPlain = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || std::string_view("-_./").find(c) != std::string_view::npos;
    };
    if (std::all_of(text.begin(), text.end(), isPlain))
        return text;
    std::string shell = "'";
    for (const char c : text)
        shell += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return printable(shell + "'", 1000);
}

} // namespace

Result<WaitEnd> waitForRun(RunFollower &follower, const Invocation &invocation, Console &console)
{
    const bool asJson = invocation.wantsJson();
    std::ostream &out = asJson ? console.err : console.out;
    const bool isTerminal = asJson ? console.errIsTerminal : console.outIsTerminal;
    std::optional<ProgressLine> line;
    std::optional<LineReport> report;
    if (isTerminal)
        line.emplace(out, console);
    else if (!asJson)
        report.emplace(out);
    for (;;) {
        const auto news = follower.poll();
        if (!news)
            return fail(news.error());
        if (line)
            drawProgress(*line, follower);
        if (report)
            report->tell(*news, follower);
        if (follower.hasEnded())
            return WaitEnd::RunEnded;
        if (!console.pause(pollInterval) || !out)
            return WaitEnd::Interrupted;
    }
}

Result<int> printRunDocument(const RunFolder &folder, std::ostream &out)
{
    const auto record = readRunRecord(folder);
    if (!record)
        return fail(record.error());
    Json document = runRecordToJson(*record);
    document["diskBytes"] = folder.diskUsage();
    printJson(out, document);
    return Done;
}

Result<int> reportRun(const RunFolder &folder, WaitEnd end, const Invocation &invocation, Console &console)
{
    const auto record = readRunRecord(folder);
    if (!record)
        return fail(record.error());
    const bool isDetached = end == WaitEnd::Interrupted;
    if (invocation.wantsJson())
        printJson(console.out, runRecordToJson(*record));
    else if (!isDetached)
        printEnd(*record, invocation, console.out);
    if (isDetached)
        printDetached(*record, invocation, console.err);
    return exitCodeOf(*record, end);
}

std::string commandLike(const Invocation &invocation, const std::string &nounVerbAndRest)
{
    const std::string workspace =
        invocation.has("--workspace") ? "--workspace " + quoted(invocation.value("--workspace")) + " " : "";
    return "bottega-cli " + workspace + nounVerbAndRest;
}

} // namespace bottega::cli
