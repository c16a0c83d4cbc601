// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/downloader.h"

#include "core/base/file.h"
#include "core/base/safename.h"
#include "core/workspace/backgroundtask.h"
#include "core/workspace/catalogue.h"
#include "core/workspace/datasetsources.h"
#include "core/workspace/trust.h"

#include <QNetworkAccessManager>
#include <QNetworkProxy>
#include <QNetworkReply>
#include <QSslCertificate>
#include <QSslConfiguration>
#include <QTimer>

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bottega {

using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

namespace {

constexpr int maximumRedirects = 5;
constexpr int maximumTries = 3; // of one mirror for one file, while it brings new bytes
constexpr qint64 blockSize = 256 << 10;

QByteArray proxyVariable()
{
    for (const char *name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
        if (const QByteArray value = qgetenv(name); !value.isEmpty())
            return value;
    }
    return {};
}

/// The proxy that the environment names, as command-line tools understand it; none towards this machine itself.
QNetworkProxy proxyFor(const QUrl &url)
{
    const QUrl proxy(QString::fromLocal8Bit(proxyVariable()));
    const bool isLocal = url.host() == u"localhost"_s || url.host() == u"127.0.0.1"_s || url.host() == u"::1"_s;
    if (isLocal || !proxy.isValid() || proxy.host().isEmpty())
        return QNetworkProxy::NoProxy;
    return {QNetworkProxy::HttpProxy, proxy.host(), static_cast<quint16>(proxy.port(8080)), proxy.userName(),
            proxy.password()};
}

/// Packed data never gets longer than this: gzip adds a few bytes to what it can't make smaller.
std::uint64_t longestPacked(std::uint64_t unpacked)
{
    return unpacked + unpacked / 1000 + (64 << 10);
}

Result<CopiedFile> unpackAndCompare(const fs::path &part, const fs::path &target, std::uint64_t size,
                                    const std::string &sha256)
{
    auto copied = unpackSource(part, target, size);
    if (!copied || (copied->size == size && copied->sha256 == sha256))
        return copied;
    ::unlink(target.c_str());
    return fail(ErrorCode::Corrupt, "the bytes are not those of the data set");
}

} // namespace

struct DatasetDownloader::State
{
    State(DatasetDownloader *downloader, Workspace place, const QString &datasetName)
        : q(downloader)
        , datasets(std::move(place))
        , name(datasetName.toStdString())
    {
        stall.setSingleShot(true);
        stall.setInterval(30'000);
        QObject::connect(&stall, &QTimer::timeout, q, [this] { failMirror(u"no data came any more"_s); });
    }

    void begin();
    [[nodiscard]] Result<void> prepare();
    void nextFile();
    void fetch();
    void request(const QUrl &url);
    void takeHeader();
    void takeBytes();
    void takeEnd();
    [[nodiscard]] bool followRedirect(int status);
    void retryOrFail(const QString &why);
    void failMirror(const QString &why);
    void unpackPart();
    void takeUnpacked(const Result<CopiedFile> &file);
    void adopt();
    void dropReply();
    void dropPart();
    void report();
    void finish(const Result<Dataset> &result);
    [[nodiscard]] Error allMirrorsFailed() const;

    [[nodiscard]] fs::path partsFolder() const { return datasets.workspace().datasetsFolder() / (".download-" + name); }
    [[nodiscard]] fs::path partPath() const { return partsFolder() / (std::string(datasetFiles[file]) + ".gz.part"); }

    DatasetDownloader *q;
    Datasets datasets;
    std::string name;
    const KnownDataset *known = nullptr;
    QStringList mirrors;
    QByteArray authority;
    QNetworkAccessManager manager;
    QNetworkReply *reply = nullptr;
    QTimer stall;

    std::shared_ptr<StagingFolder> staged; // shared with the unpacking thread
    std::vector<CopiedFile> files;         // done
    UniqueFd lock;
    UniqueFd part;
    std::uint64_t partBytes = 0;
    std::uint64_t bytesAtRequest = 0;
    qint64 doneBytes = 0; // packed, of the files that are done
    qint64 currentTotal = 0;
    std::size_t file = 0;
    qsizetype mirror = 0;
    int tries = 0;
    int redirects = 0;
    bool hasHeader = false;
    bool takesBody = false;
    bool isStitched = false; // the part has bytes of an earlier transfer
    bool isStarted = false;
    bool isFinished = false;
    QStringList failures;
};

void DatasetDownloader::State::begin()
{
    if (isFinished)
        return;
    if (auto ready = datasets.find(name); ready && ready->state == DatasetState::Ready)
        return finish(std::move(*ready));
    if (auto trusted = requireTrust(datasets.workspace(), "Downloading a data set"); !trusted)
        return finish(fail(trusted.error()));
    if (auto prepared = prepare(); !prepared)
        return finish(fail(prepared.error()));
    nextFile();
}

Result<void> DatasetDownloader::State::prepare()
{
    known = findKnown(datasets.catalogue(), name);
    if (!known) {
        const auto found = datasets.find(name);
        return found ? Result<void>() : fail(found.error());
    }
    if (mirrors.isEmpty()) {
        for (const std::string &url : known->mirrors)
            mirrors.append(QString::fromStdString(url));
    }
    if (mirrors.isEmpty())
        return fail(ErrorCode::Unsupported, "The data set " + name + " can't be downloaded", {}, {},
                    "Import it from files");
    if (auto space = checkFreeSpace(datasets.workspace().datasetsFolder(), known->facts.bytes * 2); !space)
        return space;
    if (auto made = makeFolder(partsFolder()); !made)
        return made;
    lock = UniqueFd(::open((partsFolder() / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock)
        return fail(systemError(errno, "The download's folder can't be written", partsFolder().string()));
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0)
        return fail(ErrorCode::Exists, "The data set " + name + " is being downloaded already", partsFolder().string(),
                    {}, "Wait for that download");
    auto folder = StagingFolder::create(datasets.workspace().datasetsFolder());
    if (!folder)
        return fail(folder.error());
    staged = std::make_shared<StagingFolder>(std::move(*folder));
    return {};
}

void DatasetDownloader::State::nextFile()
{
    if (file == std::size(datasetFiles))
        return adopt();
    mirror = 0;
    tries = 0;
    currentTotal = static_cast<qint64>(known->packed[file]);
    fetch();
}

void DatasetDownloader::State::fetch()
{
    if (mirror == mirrors.size())
        return finish(fail(allMirrorsFailed()));
    part = UniqueFd(::open(partPath().c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
    const auto size = part ? fileSize(part.get(), partPath()) : fail(systemError(errno, "The file could not be created",
                                                                                  partPath().string()));
    if (!size)
        return finish(fail(size.error()));
    partBytes = bytesAtRequest = *size;
    isStitched = partBytes > 0;
    redirects = 0;
    request(QUrl(mirrors[mirror] + QLatin1StringView(datasetFiles[file]) + u".gz"_s));
}

void DatasetDownloader::State::request(const QUrl &url)
{
    if (!url.isValid() || url.scheme() != u"https"_s)
        return failMirror(u"only https addresses are used"_s);
    QNetworkRequest request(url);
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    request.setRawHeader("Accept-Encoding", "identity"); // the .gz as it is: what it unpacks to is what we bound
    request.setRawHeader("User-Agent", "Bottega/" BOTTEGA_VERSION);
    if (partBytes > 0)
        request.setRawHeader("Range", "bytes=" + QByteArray::number(static_cast<qulonglong>(partBytes)) + "-");
    if (!authority.isEmpty()) {
        QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
        configuration.setCaCertificates(QSslCertificate::fromData(authority));
        request.setSslConfiguration(configuration);
    }
    manager.setProxy(proxyFor(url));
    hasHeader = takesBody = false;
    reply = manager.get(request);
    reply->setReadBufferSize(4 * blockSize);
    QObject::connect(reply, &QNetworkReply::readyRead, q, [this] { takeBytes(); });
    QObject::connect(reply, &QNetworkReply::finished, q, [this] { takeEnd(); });
    stall.start();
}

/// Decides by the answer's header whether its body is the file, and from which byte on.
void DatasetDownloader::State::takeHeader()
{
    hasHeader = true;
    const int status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    const bool isPage = reply->header(QNetworkRequest::ContentTypeHeader).toString().startsWith(u"text/html"_s);
    takesBody = (status == 200 || status == 206) && !isPage;
    if (!takesBody)
        return;
    const QByteArray range = "bytes " + QByteArray::number(static_cast<qulonglong>(partBytes)) + "-";
    const bool isContinued = status == 206 && reply->rawHeader("Content-Range").startsWith(range);
    if (!isContinued) {
        takesBody = status == 200 && ::ftruncate(part.get(), 0) == 0;
        partBytes = bytesAtRequest = 0;
        isStitched = false;
    }
    const qint64 length = reply->header(QNetworkRequest::ContentLengthHeader).toLongLong();
    if (length > 0)
        currentTotal = static_cast<qint64>(partBytes) + length;
}

void DatasetDownloader::State::takeBytes()
{
    stall.start();
    if (!hasHeader)
        takeHeader();
    while (reply && reply->bytesAvailable() > 0) {
        const QByteArray bytes = reply->read(blockSize);
        if (!takesBody)
            continue;
        const std::string_view view(bytes.constData(), static_cast<std::size_t>(bytes.size()));
        if (auto written = writeAll(part.get(), view, partPath()); !written)
            return finish(fail(written.error()));
        partBytes += view.size();
        if (partBytes > longestPacked(known->sizes[file])) {
            dropPart();
            return failMirror(u"it sends more than the file can have"_s);
        }
    }
    report();
}

void DatasetDownloader::State::takeEnd()
{
    if (reply->error() == QNetworkReply::NoError || reply->bytesAvailable() > 0)
        takeBytes();
    if (!reply || isFinished)
        return;
    stall.stop();
    const int status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    const bool isPage = reply->header(QNetworkRequest::ContentTypeHeader).toString().startsWith(u"text/html"_s);
    if (followRedirect(status))
        return;
    if (status == 416 && partBytes > 0)
        return unpackPart(); // nothing behind our last byte: it is whole, or the hash will say that it isn't
    if (status >= 400)
        return failMirror(u"it answered with status %1"_s.arg(status));
    if (reply->error() != QNetworkReply::NoError)
        return retryOrFail(reply->errorString());
    if (isPage)
        return failMirror(u"it sent a web page instead of the file"_s);
    if (!takesBody)
        return failMirror(u"it sent no file (status %1)"_s.arg(status));
    unpackPart();
}

bool DatasetDownloader::State::followRedirect(int status)
{
    const QUrl target = reply->attribute(QNetworkRequest::RedirectionTargetAttribute).toUrl();
    if (status < 300 || status >= 400 || target.isEmpty())
        return false;
    const QUrl url = reply->url().resolved(target);
    dropReply();
    if (url.scheme() != u"https"_s)
        failMirror(u"it redirects to an address that is not https"_s);
    else if (++redirects > maximumRedirects)
        failMirror(u"it redirects without end"_s);
    else
        request(url);
    return true;
}

void DatasetDownloader::State::retryOrFail(const QString &why)
{
    if (partBytes <= bytesAtRequest || ++tries >= maximumTries)
        return failMirror(why);
    dropReply();
    fetch(); // goes on where it was cut
}

void DatasetDownloader::State::failMirror(const QString &why)
{
    dropReply();
    failures.append(u"%1%2.gz: %3"_s.arg(mirrors[mirror], QLatin1StringView(datasetFiles[file]), why));
    ++mirror;
    tries = 0;
    fetch();
}

void DatasetDownloader::State::unpackPart()
{
    dropReply();
    auto work = [source = partPath(), folder = staged, file = file, size = known->sizes[file],
                 sha256 = known->facts.sha256[file]] {
        return unpackAndCompare(source, folder->path() / datasetFiles[file], size, sha256);
    };
    runInBackground(q, std::move(work), [this](const Result<CopiedFile> &unpacked) { takeUnpacked(unpacked); });
}

void DatasetDownloader::State::takeUnpacked(const Result<CopiedFile> &unpacked)
{
    if (isFinished)
        return;
    if (!unpacked && unpacked.error().code != ErrorCode::Corrupt)
        return finish(fail(unpacked.error()));
    if (unpacked) {
        files.push_back(*unpacked);
        doneBytes += currentTotal;
        ++file;
        return nextFile();
    }
    const bool wasStitched = isStitched;
    dropPart();
    if (wasStitched && ++tries < maximumTries)
        return fetch(); // the older bytes may be the wrong ones: once more from the beginning
    failMirror(QString::fromStdString(unpacked.error().what));
}

void DatasetDownloader::State::adopt()
{
    auto work = [datasets = datasets, name = name, folder = staged, files = files] {
        return datasets.adopt(name, *folder, files);
    };
    runInBackground(q, std::move(work), [this](const Result<Dataset> &dataset) {
        if (isFinished)
            return;
        if (dataset)
            (void)removeTree(partsFolder());
        finish(dataset);
    });
}

void DatasetDownloader::State::dropReply()
{
    stall.stop();
    if (!reply)
        return;
    QNetworkReply *old = std::exchange(reply, nullptr);
    QObject::disconnect(old, nullptr, q, nullptr);
    old->abort();
    old->deleteLater();
}

void DatasetDownloader::State::dropPart()
{
    ::unlink(partPath().c_str());
    part.reset();
    partBytes = 0;
}

void DatasetDownloader::State::report()
{
    qint64 total = doneBytes + currentTotal;
    for (std::size_t i = file + 1; i < known->packed.size(); ++i)
        total += static_cast<qint64>(known->packed[i]);
    Q_EMIT q->progress(doneBytes + static_cast<qint64>(partBytes), total, QLatin1StringView(datasetFiles[file]));
}

Error DatasetDownloader::State::allMirrorsFailed() const
{
    return {ErrorCode::Unreachable, "The data set " + name + " could not be downloaded from any mirror",
            failures.join(u"; "_s).toStdString(), "what was received whole is kept for the next try",
            "Check the connection and try again, or import the files: bottega-cli data import " + name + " DIR"};
}

void DatasetDownloader::State::finish(const Result<Dataset> &result)
{
    if (isFinished)
        return;
    isFinished = true;
    dropReply();
    part.reset();
    lock.reset();
    staged.reset();
    Q_EMIT q->finished(result);
}

DatasetDownloader::DatasetDownloader(Workspace workspace, QString datasetName, QObject *parent)
    : QObject(parent)
    , m_state(std::make_unique<State>(this, std::move(workspace), datasetName))
{
}

DatasetDownloader::~DatasetDownloader()
{
    m_state->isFinished = true;
    m_state->dropReply();
}

void DatasetDownloader::setCatalogue(std::shared_ptr<const Catalogue> catalogue)
{
    m_state->datasets = Datasets(m_state->datasets.workspace(), std::move(catalogue));
}

void DatasetDownloader::setMirrors(const QStringList &baseUrls)
{
    m_state->mirrors = baseUrls;
}

void DatasetDownloader::setAuthority(const QByteArray &pemCertificate)
{
    m_state->authority = pemCertificate;
}

void DatasetDownloader::setStallTimeout(int milliseconds)
{
    m_state->stall.setInterval(milliseconds);
}

void DatasetDownloader::start()
{
    if (std::exchange(m_state->isStarted, true))
        return;
    // Queued, so that finished() never comes before start() has returned.
    QMetaObject::invokeMethod(this, [this] { m_state->begin(); }, Qt::QueuedConnection);
}

void DatasetDownloader::cancel()
{
    m_state->finish(fail(ErrorCode::Canceled, "The download was canceled", {}, "what was received is kept",
                         "Start it again to go on"));
}

} // namespace bottega
