// SPDX-License-Identifier: Apache-2.0
#include "tests/core/workspace/lyingserver.h"

#include <QFile>
#include <QProcess>
#include <QSslConfiguration>
#include <QSslKey>
#include <QSslSocket>
#include <QStandardPaths>
#include <QTimer>

namespace bottega::test {

using namespace Qt::StringLiterals;

namespace {

bool openssl(const QTemporaryDir &folder, const QStringList &arguments)
{
    QProcess process;
    process.setWorkingDirectory(folder.path());
    process.start(u"openssl"_s, arguments);
    return process.waitForFinished() && process.exitCode() == 0;
}

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QByteArray header(int status, qint64 length, const QByteArray &more = {})
{
    QByteArray text = "HTTP/1.1 " + QByteArray::number(status) + " Status\r\nConnection: close\r\n" + more;
    if (length >= 0)
        text += "Content-Length: " + QByteArray::number(length) + "\r\n";
    return text + "\r\n";
}

void sendForEver(QTcpSocket *socket)
{
    auto *timer = new QTimer(socket); // goes with the connection
    QObject::connect(timer, &QTimer::timeout, socket, [socket] {
        if (socket->bytesToWrite() == 0)
            socket->write(QByteArray(16 << 10, '\x1f'));
    });
    timer->start(1);
}

qint64 rangeStart(const QByteArray &request)
{
    const qsizetype at = request.toLower().indexOf("range: bytes=");
    return at < 0 ? 0 : request.mid(at + 13, request.indexOf('-', at + 13) - at - 13).toLongLong();
}

} // namespace

LyingServer::LyingServer(QObject *parent) : QSslServer(parent)
{
    connect(this, &QTcpServer::pendingConnectionAvailable, this, &LyingServer::takeConnection);
}

bool LyingServer::begin()
{
    if (QStandardPaths::findExecutable(u"openssl"_s).isEmpty())
        return false;
    QFile extensions(m_folder.filePath(u"extensions"_s));
    if (!extensions.open(QIODevice::WriteOnly) || extensions.write("subjectAltName=IP:127.0.0.1\n") < 0)
        return false;
    extensions.close();
    const QString days = u"2"_s;
    const QString curve = u"ec_paramgen_curve:P-256"_s; // made at once, unlike RSA keys
    const bool isMade =
        openssl(m_folder, {u"req"_s, u"-x509"_s, u"-newkey"_s, u"ec"_s, u"-pkeyopt"_s, curve, u"-nodes"_s, u"-keyout"_s, u"ca.key"_s,
                           u"-out"_s, u"ca.pem"_s, u"-days"_s, days, u"-subj"_s, u"/CN=Test authority"_s}) &&
        openssl(m_folder, {u"req"_s, u"-newkey"_s, u"ec"_s, u"-pkeyopt"_s, curve, u"-nodes"_s, u"-keyout"_s, u"server.key"_s, u"-out"_s,
                           u"server.csr"_s, u"-subj"_s, u"/CN=localhost"_s}) &&
        openssl(m_folder, {u"x509"_s, u"-req"_s, u"-in"_s, u"server.csr"_s, u"-CA"_s, u"ca.pem"_s, u"-CAkey"_s,
                           u"ca.key"_s, u"-CAcreateserial"_s, u"-out"_s, u"server.pem"_s, u"-days"_s, days,
                           u"-extfile"_s, u"extensions"_s});
    if (!isMade)
        return false;
    m_authority = contentOf(m_folder.filePath(u"ca.pem"_s));
    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    configuration.setLocalCertificate(QSslCertificate(contentOf(m_folder.filePath(u"server.pem"_s))));
    configuration.setPrivateKey(QSslKey(contentOf(m_folder.filePath(u"server.key"_s)), QSsl::Ec));
    setSslConfiguration(configuration);
    return listen(QHostAddress::LocalHost);
}

QString LyingServer::url(const QString &mirror) const
{
    return u"https://127.0.0.1:%1/%2/"_s.arg(serverPort()).arg(mirror);
}

void LyingServer::takeConnection()
{
    QTcpSocket *socket = nextPendingConnection();
    connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
    connect(socket, &QTcpSocket::readyRead, this, [this, socket] {
        const QByteArray request = socket->peek(1 << 16);
        if (!request.contains("\r\n\r\n"))
            return;
        socket->readAll();
        answer(socket, request);
    });
}

void LyingServer::answer(QTcpSocket *socket, const QByteArray &request)
{
    const QByteArray path = request.split(' ').value(1);
    const qint64 start = rangeStart(request);
    requests.append(u"%1 from %2"_s.arg(QString::fromLatin1(path)).arg(start));
    const Answer it = answers.value(path, {Answer::Kind::Missing, {}, {}});
    const QByteArray range = "Content-Range: bytes " + QByteArray::number(start) + "-" +
                             QByteArray::number(it.body.size() - 1) + "/" + QByteArray::number(it.body.size()) + "\r\n";
    const QByteArray rest = it.body.mid(start);
    bool hangsUp = true;
    switch (it.kind) {
    case Answer::Kind::Honest:
        if (start > 0 && rest.isEmpty())
            socket->write(header(416, 0));
        else if (start > 0)
            socket->write(header(206, rest.size(), range) + rest);
        else
            socket->write(header(200, it.body.size(), "Content-Disposition: attachment; filename=../../x\r\n") + it.body);
        break;
    case Answer::Kind::NoRanges:
        socket->write(header(200, it.body.size()) + it.body);
        break;
    case Answer::Kind::WrongRange:
        socket->write(header(206, it.body.size(), "Content-Range: bytes 0-99/100\r\n") + it.body);
        break;
    case Answer::Kind::Missing:
        socket->write(header(404, 9) + "not found");
        break;
    case Answer::Kind::Page:
        socket->write(header(200, 26, "Content-Type: text/html; charset=utf-8\r\n") + "<html>Please log in</html>");
        break;
    case Answer::Kind::Redirect:
        socket->write(header(302, 0, "Location: " + it.target + "\r\n"));
        break;
    case Answer::Kind::Cut:
        socket->write(header(start > 0 ? 206 : 200, rest.size(), start > 0 ? range : QByteArray()) +
                      rest.left((rest.size() + 1) / 2));
        break;
    case Answer::Kind::Stall:
        socket->write(header(200, it.body.size()) + it.body.left(10));
        hangsUp = false;
        break;
    case Answer::Kind::Endless:
        socket->write(header(200, -1));
        sendForEver(socket);
        hangsUp = false;
        break;
    case Answer::Kind::Silent:
        hangsUp = false;
        break;
    }
    if (hangsUp)
        socket->disconnectFromHost();
}

} // namespace bottega::test
