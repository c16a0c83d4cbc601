// SPDX-License-Identifier: Apache-2.0
#include "tests/app/cli/clitest.h"

using namespace bottega;

/// The tutorial's whole job on the real MNIST, by the command line.
class TestCliMnist : public test::CliTest
{
    Q_OBJECT
private Q_SLOTS:
    void theTutorialsJobReachesItsAccuracy()
    {
        if (test::mnistFolder().isEmpty())
            QSKIP("The real MNIST is not at hand: name its folder's parent in BOTTEGA_TEST_DATA");
        makeWorkspace();
        const Json data = document({"data", "import", "mnist", test::mnistFolder().toStdString()});
        QCOMPARE_JSON(data.at("trainCount"), 60'000);
        const Json run = document({"run", "submit", "--experiment", "chainer-mnist", "--recipe", "mnist-mlp", "--param",
                                   "epochs=10", "--param", "batchsize=128", "--wait"});
        QCOMPARE_JSON(run.at("state"), "Completed");
        QCOMPARE_JSON(run.at("job").at("data").at("name"), "mnist");
        const Json &metrics = run.at("metrics");
        QCOMPARE_JSON(metrics.at("train/loss").at("count"), 4688);
        QCOMPARE_JSON(metrics.at("Accuracy").at("count"), 10);
        const double accuracy = metrics.at("Accuracy").at("last").get<double>();
        QVERIFY2(accuracy >= 0.970, std::to_string(accuracy).c_str());

        const Json model = document({"model", "register", run.value("id", ""), "--name", "chainer-dnn-mnist", "--path",
                                     "outputs/model.npz"});
        QCOMPARE_JSON(model.at("id"), "chainer-dnn-mnist:1");
        const Json evaluation = document({"model", "eval", "chainer-dnn-mnist:1", "--data", "mnist"});
        QCOMPARE_JSON(evaluation.at("count"), 10'000);
        QCOMPARE(evaluation.at("accuracy").get<double>(), accuracy);
        QCOMPARE_JSON(evaluation.at("loss"), metrics.at("val/loss").at("last"));
    }
};

BOTTEGA_TEST_MAIN(TestCliMnist)
#include "tst_climnist.moc"
