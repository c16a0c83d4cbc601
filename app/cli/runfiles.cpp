// SPDX-License-Identifier: Apache-2.0
#include "app/cli/runfiles.h"

#include "app/cli/lookup.h"
#include "app/cli/output.h"
#include "core/base/file.h"
#include "core/base/safename.h"
#include "core/workspace/codecapable.h"

#include <QCryptographicHash>

#include <array>
#include <span>

namespace bottega::cli {

namespace {

Result<std::string> sha256Of(const RunFolder &folder, const std::string &path)
{
    const auto fd = openBeneath(folder.work(), path);
    if (!fd)
        return fail(fd.error());
    QCryptographicHash hash(QCryptographicHash::Sha256);
    std::array<std::byte, 1 << 16> buffer;
    for (std::uint64_t offset = 0;;) {
        const auto read = readAt(fd->get(), buffer, offset, folder.work() / path);
        if (!read)
            return fail(read.error());
        if (*read == 0)
            return hash.result().toHex().toStdString();
        hash.addData(QByteArrayView(buffer.data(), static_cast<qsizetype>(*read)));
        offset += *read;
    }
}

} // namespace

RunFiles::RunFiles()
    : Command({"run", "files", "List a run's artifacts with size and SHA-256.", {{"RUN", runHelp}}})
{}

Result<int> RunFiles::execute(const Invocation &invocation, Console &console) const
{
    const auto folder = findRun(invocation);
    if (!folder)
        return fail(folder.error());
    const auto artifacts = folder->artifacts();
    if (!artifacts)
        return fail(artifacts.error());
    Json items = Json::array();
    Table table({{"PATH"}, {"SIZE", Align::Right}, {"SHA-256"}, {"NOTE"}});
    for (const Artifact &artifact : *artifacts) {
        const auto hash = sha256Of(*folder, artifact.path);
        if (!hash)
            return fail(hash.error());
        items.push_back({{"path", artifact.path}, {"size", artifact.size}, {"sha256", *hash},
                         {"canRunCode", canRunCode(folder->work(), artifact.path)}});
        table.add({artifact.path, countText(static_cast<std::int64_t>(artifact.size)), *hash,
                   items.back()["canRunCode"] == true ? "format can run code" : ""});
    }
    if (invocation.wantsJson())
        printJson(console.out, {{"items", items}});
    else if (artifacts->empty())
        console.err << "The run has made no files yet.\n";
    else
        table.print(console.out);
    return Done;
}

} // namespace bottega::cli
