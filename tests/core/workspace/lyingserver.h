// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QByteArray>
#include <QHash>
#include <QSslServer>
#include <QStringList>
#include <QTemporaryDir>

namespace bottega::test {

/// How the server treats requests for one path.
struct Answer
{
    enum class Kind {
        Honest,      // 200, or 206 for a Range
        NoRanges,    // always 200 with everything
        WrongRange,  // 206 that starts elsewhere
        Missing,     // 404
        Page,        // an HTML page with 200
        Redirect,    // to `target`
        Cut,         // promises all, sends the first half of what is left, hangs up
        Stall,       // sends some bytes, then nothing
        Endless,     // no length, sends for ever
        Silent,      // accepts and never answers
    };
    Kind kind = Kind::Honest;
    QByteArray body;
    QByteArray target;
};

/// A TLS server on the loopback interface, with a certificate made for the occasion by the `openssl` command.
class LyingServer : public QSslServer
{
    Q_OBJECT
public:
    explicit LyingServer(QObject *parent = nullptr);

    [[nodiscard]] bool begin(); // false where there is no openssl
    [[nodiscard]] QByteArray authority() const { return m_authority; }
    [[nodiscard]] QString url(const QString &mirror) const; // https://127.0.0.1:PORT/mirror/

    /// By "/mirror/file".
    QHash<QByteArray, Answer> answers;
    QStringList requests; // "GET /a/b from 100"

private:
    void takeConnection();
    void answer(QTcpSocket *socket, const QByteArray &request);

    QTemporaryDir m_folder;
    QByteArray m_authority;
};

} // namespace bottega::test
