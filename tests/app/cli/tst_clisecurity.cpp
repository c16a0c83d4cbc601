// SPDX-License-Identifier: Apache-2.0
#include "app/cli/command.h"
#include "core/base/file.h"
#include "core/base/folderwalk.h"
#include "core/formats/npz/zip.h"
#include "core/workspace/trust.h"
#include "tests/app/cli/clitest.h"
#include "tests/core/workspace/fixture.h"

#include <QDir>
#include <QProcess>
#include <QStandardPaths>

#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace bottega;
using namespace bottega::cli;
using test::WorkspaceFixture;
namespace fs = std::filesystem;

namespace {

const std::string program = BOTTEGA_BIN_DIR "/bottega-cli";

/// What the calls of a traced program were that start programs or reach hosts, its own start left out.
QStringList reached(const QStringList &words, const QString &folder, QByteArray *out)
{
    QProcess traced;
    traced.setWorkingDirectory(folder);
    traced.start(u"strace"_s, QStringList{u"-f"_s, u"-qq"_s, u"-o"_s, folder + u"/../trace"_s, u"-e"_s,
                                          u"trace=execve,execveat,connect,sendto,bind,fork,vfork"_s, QString::fromStdString(program)} + words);
    if (!traced.waitForFinished(60'000) || traced.exitCode() != 0)
        return {u"it failed: "_s + QString::fromUtf8(traced.readAllStandardError())};
    *out += traced.readAllStandardOutput();
    QFile trace(folder + u"/../trace"_s);
    if (!trace.open(QIODevice::ReadOnly))
        return {u"no trace"_s};
    QStringList calls = QString::fromUtf8(trace.readAll()).split(u'\n', Qt::SkipEmptyParts);
    if (calls.isEmpty() || !calls.takeFirst().contains(u"execve"_s))
        return {u"nothing was traced"_s};
    return calls;
}

} // namespace

/// What files and settings from elsewhere must not bring about.
class TestCliSecurity : public test::CliTest
{
    Q_OBJECT
private:
    static fs::path hostileWorkspace(const fs::path &folder, const std::string &runId)
    {
        WorkspaceFixture::write(folder / "config.json",
                                dumpJson({{"format", 1}, {"id", "11111111-2222-3333-4444-555555555555"}, {"name", "theirs"},
                                          {"experiment", "x"}, {"target", "ssh"}, {"python", "./evil.sh"},
                                          {"env", {{"LD_PRELOAD", "./evil.so"}}}, {"hosts", "198.51.100.7"}, {"plugins", "./evil.so"}}));
        for (const char *name : {"evil.sh", "sitecustomize.py", "json.py", "nvidia-smi", "bottega-agent"}) {
            WorkspaceFixture::write(folder / name, "#!/bin/sh\ntouch executed\n");
            ::chmod((folder / name).c_str(), 0755);
        }
        const fs::path run = folder / "runs" / runId;
        WorkspaceFixture::write(run / "run.json",
                                dumpJson({{"format", 1}, {"runId", runId}, {"experiment", "x"}, {"recipe", "./evil.sh"},
                                          {"target", "198.51.100.7"}, {"device", "cuda:$(touch executed)"},
                                          {"params", {{"output_dir", "$(touch executed)"}, {"epochs", "`touch executed`"}}},
                                          {"data", {{"name", "mnist"}, {"path", "http://198.51.100.7/"}}}}));
        WorkspaceFixture::write(run / "work/outputs/model.pt", "\x80\x02" "cposix\nsystem\n(S'touch executed'\ntR.");
        fs::create_directories(run / "metrics");
        WorkspaceFixture::write(run / "system-logs/70_driver_log.txt", "hello\n");
        return run;
    }

private Q_SLOTS:
    void case44_foreignWorkspaceIsBrowsedOnly()
    {
        if (QStandardPaths::findExecutable(u"strace"_s).isEmpty())
            QSKIP("strace is needed");
        const fs::path folder = fs::path(m_folder.path().toStdString()) / "foreign";
        const std::string id = "x_1700000000_0123abcd";
        hostileWorkspace(folder, id);
        const QString where = QString::fromStdString(folder.string());
        QByteArray out;
        for (const QStringList &words : {QStringList{u"workspace"_s, u"show"_s, u"--json"_s}, {u"run"_s, u"list"_s, u"--json"_s},
                                         {u"run"_s, u"show"_s, u"latest"_s, u"--json"_s}, {u"run"_s, u"files"_s, u"latest"_s},
                                         {u"run"_s, u"logs"_s, u"latest"_s}, {u"run"_s, u"metrics"_s, u"latest"_s},
                                         {u"model"_s, u"list"_s}, {u"data"_s, u"list"_s}, {u"target"_s, u"list"_s},
                                         {u"workspace"_s, u"export"_s, u"--to"_s, u"../a.bottega"_s, u"--overwrite"_s}}) {
            const QStringList calls = reached(words, where, &out);
            QVERIFY2(calls.isEmpty(), qPrintable(words.join(u' ') + u": "_s + calls.join(u'\n')));
        }
        QVERIFY(out.contains("\"trusted\": false"));
        m_workspace = folder.string();
        for (const std::vector<std::string> &words :
             {std::vector<std::string>{"run", "submit", "--experiment", "mine", "--recipe", "mnist-mlp"},
              {"run", "submit", "--experiment", "mine", "--resume-from", id}, {"run", "cancel", id}, {"data", "get", "mnist"}}) {
            auto asked = words;
            asked.emplace_back("--json");
            const auto refused = call(asked);
            QVERIFY2(refused.code == Failed, (words[0] + ' ' + words[1] + ": " + refused.err).c_str());
            QCOMPARE(refused.error().value("code", ""), std::string("permission"));
            for (const char *part : {"what", "where", "kept"})
                QVERIFY(!refused.error().value(part, "").empty());
            QVERIFY(refused.error().value("remedy", "").find("workspace trust") != std::string::npos);
        }
        (void)walkBeneath(folder.parent_path(), [](const Walked &walked) {
            if (walked.path.ends_with("executed"))
                QTest::qFail(walked.path.c_str(), __FILE__, __LINE__);
        });
    }

    void case44_trustIsBoundToPathOwnerAndId()
    {
        const fs::path base = fs::path(m_folder.path().toStdString()) / "bound";
        hostileWorkspace(base / "a", "x_1700000000_0123abcd");
        m_workspace = (base / "a").string();
        QVERIFY(!document({"workspace", "show"}).value("trusted", true));
        QVERIFY(document({"workspace", "trust"}).value("trusted", false));
        QVERIFY(document({"workspace", "show"}).value("trusted", false));
        (void)walkBeneath(base / "a", [](const Walked &walked) { // it is stored elsewhere
            if (walked.path.find("trust") != std::string::npos)
                QTest::qFail(walked.path.c_str(), __FILE__, __LINE__);
        });
        QVERIFY(call({"run", "submit", "--experiment", "mine", "--recipe", "nothing", "--json"}).error().value("code", "") != "permission");

        fs::copy(base / "a", base / "b", fs::copy_options::recursive); // a copy is another folder
        m_workspace = (base / "b").string();
        QVERIFY(!document({"workspace", "show"}).value("trusted", true));
        fs::rename(base / "a", base / "moved");
        m_workspace = (base / "moved").string();
        QVERIFY(!document({"workspace", "show"}).value("trusted", true));
        makeWorkspace();
        QVERIFY(document({"workspace", "show"}).value("trusted", false));
        const fs::path mine = m_workspace;
        fs::rename(mine, base / "gone"); // what is put in its place is another workspace
        hostileWorkspace(mine, "x_1700000000_0123abcd");
        QVERIFY(!document({"workspace", "show"}).value("trusted", true));
        fs::remove_all(mine);
        fs::rename(base / "gone", mine);
        QVERIFY(document({"workspace", "show"}).value("trusted", false));
        QVERIFY(!document({"workspace", "trust", "--revoke"}).value("trusted", true));
        QVERIFY(!document({"workspace", "show"}).value("trusted", true));
    }

    void case45_formatsThatRunCodeAreOnlyNamed()
    {
        WorkspaceFixture fixture;
        const RunFolder run = fixture.completedRun();
        const fs::path outputs = run.work() / "outputs";
        const std::string canary = fixture.folder("executed").string();
        const std::string pickle = "\x80\x02" "cposix\nsystem\n(S'touch " + canary + "'\ntR.";
        const std::vector<std::string> capable = {"a.pt", "b.PTH", "c.pkl", "d.joblib", "e.keras", "f.h5", "g.hdf5", "MLmodel", "h.ts", "objects.npz"};
        for (const std::string &name : capable)
            WorkspaceFixture::write(outputs / name, pickle);
        QProcess numpy;
        numpy.start(u"python3"_s, {u"-c"_s, u"import zipfile,sys,struct\n"
            "h=b\"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\\n\"\n"
            "z=zipfile.ZipFile(sys.argv[1],'w'); z.writestr('a.npy', b'\\x93NUMPY\\x01\\0'+struct.pack('<H',len(h))+h+b'xx'); z.close()"_s,
            QString::fromStdString((outputs / "objects.npz").string())});
        QVERIFY(numpy.waitForFinished() && numpy.exitCode() == 0);
        m_workspace = fixture.workspace.root().string();
        std::map<std::string, bool> told;
        const Json files = document({"run", "files", run.id()});
        for (const Json &item : files["items"]) {
            told[item.value("path", "")] = item.value("canRunCode", false);
            QCOMPARE(item.value("sha256", "").size(), std::size_t(64)); // listed and hashed all the same
        }
        for (const std::string &name : capable)
            QVERIFY2(told["outputs/" + name], name.c_str());
        QVERIFY(told.count("outputs/model.npz") == 1 && !told["outputs/model.npz"]);
        QVERIFY(call({"run", "files", run.id()}).out.find("format can run code") != std::string::npos);
        const Json model = document({"model", "register", run.id(), "--name", "torch", "--path", "outputs/a.pt"});
        QVERIFY(model["files"][0].value("canRunCode", false));
        const auto evaluated = call({"model", "eval", "torch", "--data", "mnist-small", "--json"});
        QCOMPARE(evaluated.error().value("code", ""), std::string("unsupported")); // never loaded
        QVERIFY(!fs::exists(canary));
    }

    void case57_secretsAppearNowhere()
    {
        const std::string canary = "Canary7f3a9b";
        qputenv("WANDB_API_KEY", QByteArray::fromStdString(canary));
        qputenv("HF_TOKEN", QByteArray::fromStdString(canary));
        WorkspaceFixture fixture;
        m_workspace = fixture.workspace.root().string();
        const auto refused = call({"run", "submit", "--experiment", "mine", "--recipe", "mnist-mlp", "--param", "api_token=" + canary, "--json"});
        QCOMPARE(refused.code, int(UsageError));
        QVERIFY(refused.error().value("remedy", "").find("file") != std::string::npos);
        QVERIFY(refused.err.find(canary) == std::string::npos);

        const Json real = document({"run", "submit", "--experiment", "mine", "--recipe", "mnist-mlp", "--param", "epochs=1", "--gpu", "never", "--wait"});
        QCOMPARE(real.value("state", ""), std::string("Completed"));
        (void)walkBeneath(fixture.workspace.root(), [&](const Walked &walked) { // the environment is recorded nowhere
            if (walked.kind == WalkedKind::File && WorkspaceFixture::read(fixture.workspace.root() / walked.path).find(canary) != std::string::npos)
                QTest::qFail(walked.path.c_str(), __FILE__, __LINE__);
        });

        // A run of somebody who was less careful.
        const RunFolder run = fixture.newRun();
        Json job = *readJsonObject(run.runJson());
        job["params"]["api_token"] = canary;
        WorkspaceFixture::write(run.runJson(), dumpJson(job));
        WorkspaceFixture::write(run.driverLog(), "downloading https://anna:" + canary + "@host.example/x\nexport DB_PASSWORD=" + canary + "\nepoch 1\n");
        WorkspaceFixture::write(run.work() / "logs/own.txt", "Authorization: Bearer " + canary + canary + "\n");
        WorkspaceFixture::journal(run, RunState::Failed, 1000, "git clone https://x:" + canary + "@host.example failed");
        const std::string log = WorkspaceFixture::read(run.driverLog());
        std::string said;
        for (const std::vector<std::string> &words :
             {std::vector<std::string>{"run", "list"}, {"run", "show", run.id()}, {"run", "logs", run.id()}, {"run", "files", run.id()},
              {"run", "metrics", run.id()}, {"run", "show", run.id(), "--json"}, {"run", "list", "--json"}, {"run", "logs", run.id(), "--json"},
              {"workspace", "verify"}, {"workspace", "rebuild"}, {"run", "list", "--json"},
              {"workspace", "export", "--to", fixture.folder("a.bottega").string()}}) {
            const auto outcome = call(words);
            said += outcome.out + outcome.err;
        }
        QVERIFY(said.find("[redacted]") != std::string::npos && said.find("epoch 1") != std::string::npos);
        QVERIFY2(said.find(canary) == std::string::npos, said.substr(said.find(canary) == std::string::npos ? 0 : said.find(canary) - 60, 120).c_str());
        const auto zip = zip::Archive::open(fixture.folder("a.bottega"));
        QVERIFY_RESULT(zip);
        for (const zip::Entry &entry : zip->entries()) {
            const auto bytes = zip->extract(entry);
            QVERIFY2(bytes && bytes->find(canary) == std::string::npos, entry.name.c_str());
        }
        (void)walkBeneath(fixture.workspace.cacheFolder(), [&](const Walked &walked) { // nor does the index keep it
            if (walked.kind == WalkedKind::File && WorkspaceFixture::read(fixture.workspace.cacheFolder() / walked.path).find(canary) != std::string::npos)
                QTest::qFail(walked.path.c_str(), __FILE__, __LINE__);
        });
        QCOMPARE(WorkspaceFixture::read(run.driverLog()), log); // files are never rewritten
        for (const auto &entry : fs::directory_iterator("/proc")) {
            const std::string line = WorkspaceFixture::read(entry.path() / "cmdline");
            QVERIFY2(line.find(canary) == std::string::npos, line.c_str());
        }
        qunsetenv("WANDB_API_KEY");
        qunsetenv("HF_TOKEN");
    }
};

BOTTEGA_TEST_MAIN(TestCliSecurity)
#include "tst_clisecurity.moc"
