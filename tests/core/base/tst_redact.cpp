// SPDX-License-Identifier: Apache-2.0
#include "core/base/redact.h"
#include "tests/support/testcase.h"

using namespace bottega;

namespace {

const std::string forty = "0123456789abcdefghijABCDEFGHIJ0123456789";

} // namespace

/// What is taken for a secret, and what is not.
class TestRedact : public test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void namesOfSecrets()
    {
        for (const char *name : {"password", "db_password", "PASSWORD2", "api_key", "apiKey", "WandbApiKey", "AWS_SECRET_ACCESS_KEY",
                                 "api_token", "HF_TOKEN", "token", "key", "client-secret", "credentials", "auth.token"})
            QVERIFY2(isSecretName(name), name);
        for (const char *name : {"", "epochs", "batchsize", "tokenizer", "num_tokens", "max_token", "pad_token", "monkey",
                                 "key_size", "keys", "secretary", "l1/W", "accuracy", "turkey", "n_keys", "password_length"})
            QVERIFY2(!isSecretName(name), name);
        QCOMPARE(redactValue("api_token", "x"), std::string("[redacted]"));
        QCOMPARE(redactValue("epochs", "10"), std::string("10"));
    }

    void secretsInText_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("shown");
        const auto row = [](const std::string &text, const std::string &shown) {
            QTest::addRow("%s", text.substr(0, 60).c_str()) << QByteArray::fromStdString(text) << QByteArray::fromStdString(shown);
        };
        row("https://anna:pa55@host/x?y=1", "https://[redacted]@host/x?y=1");
        row("git clone https://ghp_x@github.com/a/b", "git clone https://[redacted]@github.com/a/b");
        row("postgres://u:p@ss@db:5432/x y", "postgres://[redacted]@db:5432/x y");
        row("password=hunter2, user=anna", "password=[redacted], user=anna");
        row("PASSWORD: \"hunter 2\";", "PASSWORD: \"[redacted]\";");
        row("{\"api_token\": \"abc\", \"n\": 1}", "{\"api_token\": \"[redacted]\", \"n\": 1}");
        row("GET /?access_token=abcd&x=1", "GET /?access_token=[redacted]&x=1");
        row("run --password hunter2 --epochs 3", "run --password [redacted] --epochs 3");
        row("Authorization: Bearer abcdefghij.kl", "Authorization: Bearer [redacted]");
        row("export WANDB_API_KEY=" + forty, "export WANDB_API_KEY=[redacted]");
        row("with ghp_" + forty + " in it", "with [redacted] in it");
        row("hf_" + forty, "[redacted]");
        row("sk-" + forty, "[redacted]");
        row("AKIAIOSFODNN7EXAMPLE", "[redacted]");
        row("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.abcdefghijkl", "[redacted]");
        row("a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\nxx\n-----END RSA PRIVATE KEY-----\nb", "a\n[redacted]\nb");
        for (const char *harmless :
             {"epoch 3/10 loss: 0.25 acc=0.91", "key: l1/W", "token: 17", "tokens=1234 max_token=12", "password:", "password=None",
              "https://host/a@b", "file:///home/u@h/x", "mail anna@host.org", "12:30:05 step=5", "dict[key]=value",
              "sha256=ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db", "risk-averse task-specific", "\xff\xfe\x80 \xe2\x80",
              "token", "=", ":", "://", "--password", "a --token", "Bearer", "-----BEGIN CERTIFICATE-----\nx"})
            row(harmless, harmless);
    }
    void secretsInText()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, shown);
        QCOMPARE(QByteArray::fromStdString(redact(text.toStdString())), shown);
        QCOMPARE(QByteArray::fromStdString(redact(shown.toStdString())), shown); // nothing more is found in what is left
    }

    void aKeyMayStandInSeveralPieces()
    {
        bool inside = false;
        std::string shown = redact("a\n-----BEGIN PRIVATE KEY-----\nMIIE\n", &inside);
        QVERIFY(inside);
        shown += redact("abcd\n", &inside);
        shown += redact("ef\n-----END PRIVATE KEY-----\nb\n", &inside);
        QVERIFY(!inside);
        QVERIFY(shown.find("MIIE") == std::string::npos && shown.find("abcd") == std::string::npos);
        QVERIFY(shown.starts_with("a\n") && shown.ends_with("\nb\n"));
    }

    void documentsKeepTheirForm()
    {
        const Json shown = redactJson({{"params", {{"api_key", "abc"}, {"epochs", "10"}}},
                                       {"notes", {{{"key", "tag:token"}, {"value", "abc"}}, {{"key", "stage"}, {"value", "new"}}}},
                                       {"list", {"https://a:b@c", 5, nullptr}}});
        QCOMPARE(shown["params"]["api_key"].get<std::string>(), std::string("[redacted]"));
        QCOMPARE(shown["params"]["epochs"].get<std::string>(), std::string("10"));
        QCOMPARE(shown["notes"][0]["value"].get<std::string>(), std::string("[redacted]"));
        QCOMPARE(shown["notes"][1].dump(), std::string("{\"key\":\"stage\",\"value\":\"new\"}"));
        QCOMPARE(shown["list"].dump(), std::string("[\"https://[redacted]@c\",5,null]"));
    }

    void aLongLineCostsOnePass()
    {
        const std::string line(4 << 20, ':');
        QCOMPARE(redact(line), line);
        const std::string words = std::string(4 << 20, 'e');
        QCOMPARE(redact(words), words);
    }
};

BOTTEGA_TEST_MAIN(TestRedact)
#include "tst_redact.moc"
