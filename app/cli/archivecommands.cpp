// SPDX-License-Identifier: Apache-2.0
#include "app/cli/archivecommands.h"

#include "app/cli/lookup.h"
#include "app/cli/output.h"
#include "app/cli/progressline.h"
#include "core/workspace/archiveexport.h"
#include "core/workspace/archiveimport.h"
#include "core/workspace/trust.h"

#include <optional>

namespace bottega::cli {

namespace {

/// Draws how far the copying is where a terminal sees it, and asks for Ctrl+C.
class Progress
{
public:
    Progress(std::string title, bool asJson, Console &console) : m_title(std::move(title)), m_console(console)
    {
        if (asJson ? console.errIsTerminal : console.outIsTerminal)
            m_line.emplace(asJson ? console.err : console.out, console);
    }

    CopyProgress function()
    {
        return [this](std::uint64_t done, std::uint64_t total) {
            const std::uint64_t share = total > 0 ? done * 1000 / total : 0;
            if (m_line && share != m_shown) {
                m_shown = share;
                m_line->show(m_title, static_cast<double>(share) / 1000, bytesText(done) + " of " + bytesText(total));
            }
            return m_console.pause({});
        };
    }

private:
    std::string m_title;
    Console &m_console;
    std::optional<ProgressLine> m_line;
    std::uint64_t m_shown = 1001;
};

Json leftOutToJson(const std::vector<LeftOut> &leftOut)
{
    Json list = Json::array();
    for (const LeftOut &one : leftOut)
        list.push_back({{"path", one.path}, {"why", one.why}});
    return list;
}

void tellLeftOut(const std::vector<LeftOut> &leftOut, std::ostream &err)
{
    for (const LeftOut &one : leftOut)
        err << "Left out: " << printableLines(one.path) << " (" << one.why << ")\n";
}

Json exportToJson(const std::filesystem::path &file, const ExportReport &report)
{
    std::size_t redacted = 0;
    for (const ArchivedFile &one : report.manifest.files)
        redacted += one.isRedacted ? 1 : 0;
    Json json = manifestToJson(report.manifest);
    return {{"file", file.string()},     {"bytes", report.bytes},           {"runs", json["runs"]},
            {"models", json["models"]},  {"datasets", json["datasets"]},    {"files", report.manifest.files.size()},
            {"redactedFiles", redacted}, {"leftOut", std::move(json["leftOut"])}};
}

Json importToJson(const ImportReport &report)
{
    Json items = Json::array();
    for (const ImportedItem &item : report.items)
        items.push_back({{"kind", item.kind}, {"name", item.name}, {"as", item.as}, {"wasThere", item.wasThere}});
    return {{"workspace", report.workspace.string()}, {"items", std::move(items)}, {"bytes", report.bytes},
            {"leftOut", leftOutToJson(report.leftOut)}};
}

void tellImport(const ImportReport &report, bool isNew, Console &console)
{
    std::int64_t imported = 0;
    for (const ImportedItem &item : report.items) {
        imported += item.wasThere ? 0 : 1;
        if (item.wasThere)
            console.out << "Already there, identical: " << item.kind << ' ' << printableLines(item.name)
                        << (item.as == item.name ? "" : " (as " + item.as + ")") << '\n';
        else if (item.as != item.name)
            console.out << "Another model has the version " << item.name << ": imported as " << item.as << '\n';
    }
    console.out << "Imported " << countOf(imported, "run, model or data set", "runs, models and data sets") << ", "
                << bytesText(report.bytes) << ", into " << printableLines(report.workspace.string()) << '\n';
    if (isNew)
        console.out << "The new workspace is not trusted: it can be browsed. To compute in it, run: bottega-cli workspace "
                       "trust --workspace " << printableLines(report.workspace.string()) << '\n';
    tellLeftOut(report.leftOut, console.err);
}

} // namespace

WorkspaceExport::WorkspaceExport()
    : Command({"workspace",
               "export",
               "Write the whole workspace, or the runs and models named, as one archive.",
               {{"RUN", "run to take; with neither runs nor models named, all there is and the data sets", Count::Any}},
               {{"--to", "FILE", "archive to write; its name ends in .bottega", true},
                {"--model", "NAME", "model to take: NAME for all its versions, or NAME:VERSION", false, true},
                {"--overwrite", "", "replace a file of that name"}},
               "The archive is a zip. Links and special files are left out. Secrets are taken out of job, journal and logs\n"
               "(user and password in addresses, values named password, secret, token or api_key, well-known tokens);\n"
               "outputs, metrics and checkpoints are copied byte for byte: look through them before you give the file away."})
{}

Result<int> WorkspaceExport::execute(const Invocation &invocation, Console &console) const
{
    const auto workspace = openWorkspace(invocation);
    if (!workspace)
        return fail(workspace.error());
    ExportRequest request{{}, invocation.values("--model"), invocation.has("--overwrite")};
    for (const std::string &name : invocation.argumentsFrom(0)) {
        const auto run = findRun(*workspace, name);
        if (!run)
            return fail(run.error());
        request.runs.push_back(run->id());
    }
    const std::filesystem::path file = invocation.value("--to");
    auto report = [&] {
        Progress progress("Exporting", invocation.wantsJson(), console);
        return exportArchive(*workspace, request, file, progress.function());
    }();
    if (!report)
        return fail(report.error());
    if (invocation.wantsJson()) {
        printJson(console.out, exportToJson(file, *report));
        return Done;
    }
    const auto &manifest = report->manifest;
    console.out << "Exported " << countOf(static_cast<std::int64_t>(manifest.runs.size()), "run", "runs") << ", "
                << countOf(static_cast<std::int64_t>(manifest.models.size()), "model", "models") << " and "
                << countOf(static_cast<std::int64_t>(manifest.datasets.size()), "data set", "data sets") << " to "
                << printableLines(file.string()) << ", " << bytesText(report->bytes) << '\n';
    for (const ArchivedRun &run : manifest.runs) {
        if (run.isLive)
            console.out << "Still going on, taken as of now: " << run.id << '\n';
    }
    tellLeftOut(manifest.leftOut, console.err);
    return Done;
}

WorkspaceImport::WorkspaceImport()
    : Command({"workspace",
               "import",
               "Import an archive that workspace export made.",
               {{"FILE", "the archive"}},
               {{"--to", "DIR", "make a new workspace of it in this folder, which is missing or empty"}},
               "Without --to everything goes into the workspace in use. What is there already and identical is left alone;\n"
               "a run of the same id with other content is refused, a model gets the next version."})
{}

Result<int> WorkspaceImport::execute(const Invocation &invocation, Console &console) const
{
    const bool isNew = invocation.has("--to");
    const auto import = [&]() -> Result<ImportReport> {
        Progress progress("Importing", invocation.wantsJson(), console);
        if (isNew)
            return importArchiveTo(invocation.argument(0), invocation.value("--to"), progress.function());
        const auto workspace = openWorkspace(invocation);
        if (!workspace)
            return fail(workspace.error());
        return importArchive(invocation.argument(0), *workspace, progress.function());
    };
    const auto report = import();
    if (!report)
        return fail(report.error());
    if (invocation.wantsJson())
        printJson(console.out, importToJson(*report));
    else
        tellImport(*report, isNew, console);
    return Done;
}

WorkspaceTrust::WorkspaceTrust()
    : Command({"workspace",
               "trust",
               "Allow computing in a workspace that was not made by you on this machine.",
               {},
               {{"--revoke", "", "take it back: browsing only from now on"}},
               "An imported, copied or moved workspace can be browsed only: nothing in it is executed and no host contacted.\n"
               "Trusting it means that its jobs may be started and resumed with the settings that stand in it. Trust is kept\n"
               "with your settings, not in the workspace, and ends where folder, owner or workspace id change."})
{}

Result<int> WorkspaceTrust::execute(const Invocation &invocation, Console &console) const
{
    const auto workspace = openWorkspace(invocation);
    if (!workspace)
        return fail(workspace.error());
    const bool revokes = invocation.has("--revoke");
    if (auto done = revokes ? distrustWorkspace(*workspace) : trustWorkspace(*workspace); !done)
        return fail(done.error());
    const std::string path = workspace->root().string();
    if (invocation.wantsJson())
        printJson(console.out, {{"id", workspace->id()}, {"path", path}, {"trusted", !revokes}});
    else
        console.out << (revokes ? "For browsing only from now on: " : "Trusted: ") << printableLines(path) << '\n';
    return Done;
}

} // namespace bottega::cli
