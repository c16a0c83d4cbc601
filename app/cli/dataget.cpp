// SPDX-License-Identifier: Apache-2.0
#include "app/cli/dataget.h"

#include "app/cli/lookup.h"
#include "app/cli/output.h"
#include "app/cli/progressline.h"
#include "core/workspace/downloader.h"

#include <QEventLoop>
#include <QTimer>

#include <optional>

namespace bottega::cli {

namespace {

constexpr int interruptInterval = 100; // milliseconds

/// Where progress is drawn; nowhere where no terminal would see it.
std::optional<ProgressLine> &emplaceLine(std::optional<ProgressLine> &line, bool asJson, const Console &console)
{
    if (asJson ? console.errIsTerminal : console.outIsTerminal)
        line.emplace(asJson ? console.err : console.out, console);
    return line;
}

/// A line for each file that is begun, for pipes.
void tellFile(const QString &file, QString &told, std::ostream &out)
{
    if (file == told)
        return;
    told = file;
    out << "Downloading " << file.toStdString() << '\n' << std::flush;
}

Result<Dataset> download(const Workspace &workspace, const std::string &name, bool asJson, Console &console)
{
    std::optional<ProgressLine> line;
    emplaceLine(line, asJson, console);
    Result<Dataset> outcome = fail(ErrorCode::Failed, "The download did not start");
    QString told;
    QEventLoop loop;
    DatasetDownloader downloader(workspace, QString::fromStdString(name));
    QObject::connect(&downloader, &DatasetDownloader::progress, &loop,
                     [&](qint64 received, qint64 total, const QString &file) {
                         const std::string amount = bytesText(static_cast<std::uint64_t>(received)) + " of " +
                                                    bytesText(static_cast<std::uint64_t>(total));
                         if (line)
                             line->show(file.toStdString(), total > 0 ? double(received) / double(total) : 0, amount);
                         else if (!asJson)
                             tellFile(file, told, console.out);
                     });
    QObject::connect(&downloader, &DatasetDownloader::finished, &loop, [&](const Result<Dataset> &result) {
        outcome = result;
        loop.quit();
    });
    QTimer interrupts;
    QObject::connect(&interrupts, &QTimer::timeout, &downloader, [&] {
        if (!console.pause({}))
            downloader.cancel();
    });
    interrupts.start(interruptInterval);
    // Queued, so that an end that comes at once still finds the loop running.
    QMetaObject::invokeMethod(&downloader, &DatasetDownloader::start, Qt::QueuedConnection);
    loop.exec();
    return outcome;
}

} // namespace

DataGet::DataGet()
    : Command({"data", "get", "Make a known data set ready: from this machine where it is at hand, else by download.",
               {{"NAME", "name as data list gives it, such as mnist"}}, {},
               "An interrupted download keeps what it has, and the next one goes on from there."})
{}

Result<int> DataGet::execute(const Invocation &invocation, Console &console) const
{
    const auto workspace = openWorkspace(invocation);
    if (!workspace)
        return fail(workspace.error());
    const Datasets datasets(*workspace);
    const std::string name = invocation.argument(0);
    auto dataset = datasets.find(name);
    if (dataset && dataset->state == DatasetState::Offered)
        dataset = datasets.installOffered(name);
    else if (dataset && dataset->state == DatasetState::Download)
        dataset = download(*workspace, name, invocation.wantsJson(), console);
    if (!dataset)
        return fail(dataset.error());
    if (invocation.wantsJson())
        printJson(console.out, datasetToJson(*dataset));
    else
        console.out << "Data set " << dataset->name << " is ready: " << countText(dataset->trainCount) << " training and "
                    << countText(dataset->testCount) << " test images, proved by their hashes.\n";
    return Done;
}

} // namespace bottega::cli
