// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/datasets.h"
#include "tests/core/workspace/fixture.h"
#include "tests/support/testcase.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace bottega;
using namespace bottega::test;
namespace fs = std::filesystem;

class DatasetsTest : public TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void smallMnistComesWithTheProgram();
    void fullMnistIsProved();
    void fashionIsOfferedWhereInstalled();
    void importsFoldersAndFiles_data();
    void importsFoldersAndFiles();
    void importIsRefused_data();
    void importIsRefused();
    void importNeverReplaces();
    void knownNameNeedsKnownBytes();
    void sourcesAreTold();
    void packedBombIsStopped();
    void specialFilesAreRefused();
    void verifyFindsAFlippedBit();
    void damagedSetHidesNoOther();
    void removeGivesBack();
    void resolveChooses();
    void namesAreChecked();
    void leftoversAreSwept();
    void importsFoldersOfPictures();
    void damagedPicturesAreNamed();
    void importsChannelsAndClassNames();
};

namespace {

/// Nothing but whole data sets may stand in the folder.
std::vector<std::string> entriesOf(const fs::path &folder)
{
    std::vector<std::string> names;
    for (const auto &entry : fs::directory_iterator(folder))
        names.push_back(entry.path().filename().string());
    return names;
}

} // namespace

void DatasetsTest::smallMnistComesWithTheProgram()
{
    const WorkspaceFixture fixture;
    const Datasets datasets(fixture.workspace);
    const auto offered = datasets.find("mnist-small");
    QVERIFY_RESULT(offered);
    QVERIFY(offered->state == DatasetState::Offered);
    const auto installed = datasets.installOffered("mnist-small");
    QVERIFY_RESULT(installed);
    QVERIFY(installed->state == DatasetState::Ready);
    QCOMPARE(installed->trainCount, std::int64_t{10000});
    QCOMPARE(fs::file_size(datasets.folder("mnist-small") / datasetFiles[0]), std::uintmax_t{7840016});
    QVERIFY_RESULT(datasets.verify("mnist-small"));
    QVERIFY_RESULT(datasets.installOffered("mnist-small")); // there already: no error
}

void DatasetsTest::fullMnistIsProved()
{
    if (mnistFolder().isEmpty())
        QSKIP("the real MNIST is not on this machine (BOTTEGA_TEST_DATA)");
    const WorkspaceFixture fixture;
    const Datasets datasets(fixture.workspace);
    QVERIFY(datasets.find("mnist")->state == DatasetState::Download);
    const auto imported = datasets.import("mnist", {mnistFolder().toStdString()});
    QVERIFY_RESULT(imported);
    QCOMPARE(imported->trainCount, std::int64_t{60000});
    QCOMPARE(imported->bytes, std::uint64_t{54950048});
    QVERIFY_RESULT(datasets.verify("mnist"));
    // The small set is the beginning of the full one.
    QVERIFY_RESULT(datasets.installOffered("mnist-small"));
    for (const char *file : datasetFiles) {
        const std::size_t header = std::string_view(file).find("images") != std::string_view::npos ? 16 : 8;
        const std::string full = WorkspaceFixture::read(datasets.folder("mnist") / file);
        const std::string small = WorkspaceFixture::read(datasets.folder("mnist-small") / file);
        QVERIFY(full.compare(header, small.size() - header, small, header) == 0);
    }
}

void DatasetsTest::fashionIsOfferedWhereInstalled()
{
    if (!fs::exists("/usr/share/datasets/fashion-mnist"))
        QSKIP("Debian's package dataset-fashion-mnist is not installed");
    const WorkspaceFixture fixture;
    const Datasets datasets(fixture.workspace);
    QVERIFY(datasets.find("fashion-mnist")->state == DatasetState::Offered);
    const auto installed = datasets.installOffered("fashion-mnist");
    QVERIFY_RESULT(installed);
    QCOMPARE(installed->classNames.back(), std::string("Ankle boot"));
}

void DatasetsTest::importsFoldersAndFiles_data()
{
    QTest::addColumn<bool>("packed");
    QTest::addColumn<bool>("asFiles");
    QTest::newRow("plain folder") << false << false;
    QTest::newRow("packed folder") << true << false;
    QTest::newRow("plain files") << false << true;
    QTest::newRow("packed files") << true << true;
}

void DatasetsTest::importsFoldersAndFiles()
{
    QFETCH(bool, packed);
    QFETCH(bool, asFiles);
    const WorkspaceFixture fixture;
    const fs::path folder = fixture.folder("data");
    writeDataset(folder, tinyFiles(), packed);
    WorkspaceFixture::write(folder / "README", "about");
    std::vector<fs::path> sources = {folder};
    if (asFiles) {
        sources.clear();
        for (const int i : {3, 1, 0, 2})
            sources.push_back(folder / (std::string(datasetFiles[i]) + (packed ? ".gz" : "")));
    }
    const Datasets datasets(fixture.workspace);
    const auto imported = datasets.import("own", sources);
    QVERIFY_RESULT(imported);
    QCOMPARE(imported->trainCount, std::int64_t{6});
    QCOMPARE(imported->testCount, std::int64_t{3});
    QCOMPARE(imported->rows, 4);
    QCOMPARE(imported->columns, 3);
    QCOMPARE(imported->classes, 3);
    QCOMPARE(imported->sha256, tinyCatalogue()->front().facts.sha256);
    for (std::size_t i = 0; i < 4; ++i)
        QCOMPARE(WorkspaceFixture::read(datasets.folder("own") / datasetFiles[i]), tinyFiles()[i]);
    const auto found = datasets.find("own");
    QVERIFY_RESULT(found);
    QCOMPARE(*found, *imported);
    QCOMPARE(datasets.list()->back().name, std::string("own"));
}

void DatasetsTest::importIsRefused_data()
{
    QTest::addColumn<int>("file");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("says");
    const auto row = [](const char *name, int file, const std::string &bytes, const char *says) {
        QTest::newRow(name) << file << QByteArray::fromStdString(bytes) << QString::fromUtf8(says);
    };
    const std::vector<std::string> good = tinyFiles();
    row("empty", 0, "", "too short");
    row("half header", 0, good[0].substr(0, 9), "too early");
    row("truncated", 0, good[0].substr(0, good[0].size() - 1), "too early");
    row("trailing", 0, good[0] + "x", "beyond");
    row("two trailing blocks", 1, good[1] + std::string(600'000, 'x'), "beyond");
    row("overflowing product", 0, std::string("\0\0\x08\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 16),
        "not an IDX file");
    row("promises 4 GB", 0, std::string("\0\0\x08\x03\xff\xff\xff\xff\0\0\0\x01\0\0\0\x01", 16) + "0123", "bytes");
    row("floats", 0, std::string("\0\0\x0d\x03", 4) + good[0].substr(4), "not an IDX file");
    row("five dimensions", 0, std::string("\0\0\x08\x05", 4) + good[0].substr(4), "not an IDX file");
    row("text", 1, "<!doctype html><html></html>", "not an IDX file");
    row("labels for images", 0, good[1], "three dimensions");
    row("images for labels", 1, good[0], "one dimension");
    row("fewer labels", 1, idxLabels({0, 1, 2}), "6 images but 3 labels");
    row("no images", 2, idxImages(0, 4, 3), "0 images");
    row("other size", 2, idxImages(3, 3, 3), "different sizes");
    row("cut gzip", 0, gzipped(good[0]).substr(0, 40), "too early");
    row("damaged gzip", 0, gzipped(good[0]).replace(14, 4, "\xff\xff\xff\xff"), "damaged");
}

void DatasetsTest::importIsRefused()
{
    QFETCH(int, file);
    QFETCH(QByteArray, bytes);
    QFETCH(QString, says);
    const WorkspaceFixture fixture;
    std::vector<std::string> files = tinyFiles();
    files[static_cast<std::size_t>(file)] = bytes.toStdString();
    writeDataset(fixture.folder("data"), files, false);
    const Datasets datasets(fixture.workspace);
    const auto imported = datasets.import("own", {fixture.folder("data")});
    QVERIFY(!imported);
    QVERIFY2(describe(imported.error()).find(says.toStdString()) != std::string::npos,
             describe(imported.error()).c_str());
    QCOMPARE(entriesOf(fixture.workspace.datasetsFolder()).size(), std::size_t{0});
}

void DatasetsTest::importNeverReplaces()
{
    const WorkspaceFixture fixture;
    writeDataset(fixture.folder("data"), tinyFiles(), true);
    const Datasets datasets(fixture.workspace);
    QVERIFY_RESULT(datasets.import("own", {fixture.folder("data")}));
    const auto again = datasets.import("own", {fixture.folder("data")});
    QVERIFY(!again);
    QVERIFY(again.error().code == ErrorCode::Exists);
}

void DatasetsTest::knownNameNeedsKnownBytes()
{
    const WorkspaceFixture fixture;
    std::vector<std::string> files = tinyFiles();
    files[3] = idxLabels({2, 1, 1});
    writeDataset(fixture.folder("data"), files, false);
    const Datasets datasets(fixture.workspace, tinyCatalogue());
    const auto imported = datasets.import("tiny", {fixture.folder("data")});
    QVERIFY(!imported);
    QVERIFY(imported.error().code == ErrorCode::Corrupt);
    QCOMPARE(imported.error().where, std::string(datasetFiles[3]));
    QVERIFY_RESULT(datasets.import("mine", {fixture.folder("data")}));
}

void DatasetsTest::sourcesAreTold()
{
    const WorkspaceFixture fixture;
    const Datasets datasets(fixture.workspace);
    const std::vector<std::string> files = tinyFiles();
    const fs::path folder = fixture.folder("data");
    WorkspaceFixture::write(folder / "train-images-idx3-ubyte", files[0]);
    WorkspaceFixture::write(folder / "my.Train.Labels.gz", gzipped(files[1]));
    WorkspaceFixture::write(folder / "test_images.idx", files[2]);
    const auto missing = datasets.import("own", {folder});
    QVERIFY(!missing);
    QVERIFY(missing.error().what.find(datasetFiles[3]) != std::string::npos);
    WorkspaceFixture::write(folder / "test_labels.idx", files[3]);
    WorkspaceFixture::write(folder / "train-images-idx3-ubyte.gz", "packed twin: the plain one is taken");
    QVERIFY_RESULT(datasets.import("own", {folder}));
    WorkspaceFixture::write(folder / "t10k-labels", files[3]);
    const auto ambiguous = datasets.import("two", {folder});
    QVERIFY(!ambiguous);
    QVERIFY(ambiguous.error().where.find("t10k-labels") != std::string::npos);
    QVERIFY(datasets.import("none", {fixture.folder("nowhere")}).error().code == ErrorCode::NotFound);
}

void DatasetsTest::packedBombIsStopped()
{
    const WorkspaceFixture fixture;
    std::vector<std::string> files = tinyFiles();
    files[0] += std::string(64 << 20, '\0');
    writeDataset(fixture.folder("data"), files, true);
    QVERIFY(fs::file_size(fixture.folder("data") / "train-images-idx3-ubyte.gz") < 100'000);
    const auto imported = Datasets(fixture.workspace).import("own", {fixture.folder("data")});
    QVERIFY(!imported);
    QVERIFY(imported.error().code == ErrorCode::Corrupt);
    QCOMPARE(entriesOf(fixture.workspace.datasetsFolder()).size(), std::size_t{0});
}

void DatasetsTest::specialFilesAreRefused()
{
    const WorkspaceFixture fixture;
    writeDataset(fixture.folder("data"), tinyFiles(), false);
    const fs::path images = fixture.folder("data") / datasetFiles[0];
    const Datasets datasets(fixture.workspace);
    fs::remove(images);
    QCOMPARE(::mkfifo(images.c_str(), 0600), 0);
    std::vector<fs::path> sources;
    for (const char *file : datasetFiles)
        sources.push_back(fixture.folder("data") / file);
    const auto fifo = datasets.import("own", sources); // would block for ever if it were opened as a file
    QVERIFY(!fifo);
    QVERIFY(fifo.error().what.find("regular file") != std::string::npos);
    fs::remove(images);
    fs::create_symlink("/dev/zero", images);
    QVERIFY(!datasets.import("own", sources));
    fs::remove(images);
    fs::create_symlink(images, images);
    QVERIFY(!datasets.import("own", sources));
}

void DatasetsTest::verifyFindsAFlippedBit()
{
    const WorkspaceFixture fixture;
    writeDataset(fixture.folder("data"), tinyFiles(), false);
    const Datasets datasets(fixture.workspace);
    QVERIFY_RESULT(datasets.import("own", {fixture.folder("data")}));
    QVERIFY_RESULT(datasets.verify("own"));
    const fs::path labels = datasets.folder("own") / datasetFiles[1];
    std::string bytes = WorkspaceFixture::read(labels);
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    WorkspaceFixture::write(labels, bytes);
    const auto verified = datasets.verify("own");
    QVERIFY(!verified);
    QVERIFY(verified.error().code == ErrorCode::Corrupt);
    QCOMPARE(verified.error().where, labels.string());
    QVERIFY(!datasets.verify("mnist"));
}

void DatasetsTest::damagedSetHidesNoOther()
{
    const WorkspaceFixture fixture;
    writeDataset(fixture.folder("data"), tinyFiles(), false);
    const Datasets datasets(fixture.workspace);
    QVERIFY_RESULT(datasets.import("broken", {fixture.folder("data")}));
    QVERIFY_RESULT(datasets.import("sound", {fixture.folder("data")}));
    WorkspaceFixture::write(datasets.folder("broken") / "dataset.json", "{\"sha256\":7}");
    const auto list = datasets.list();
    QVERIFY_RESULT(list);
    QCOMPARE(list->back().name, std::string("sound"));
    QVERIFY(datasets.find("broken").error().code == ErrorCode::Corrupt);
    fs::remove(datasets.folder("sound") / datasetFiles[2]);
    QVERIFY(datasets.find("sound").error().code == ErrorCode::Corrupt);
}

void DatasetsTest::removeGivesBack()
{
    const WorkspaceFixture fixture;
    writeDataset(fixture.folder("data"), tinyFiles(), false);
    const Datasets datasets(fixture.workspace);
    QVERIFY_RESULT(datasets.import("own", {fixture.folder("data")}));
    QVERIFY_RESULT(datasets.remove("own"));
    QCOMPARE(entriesOf(fixture.workspace.datasetsFolder()).size(), std::size_t{0});
    QVERIFY(datasets.remove("own").error().code == ErrorCode::NotFound);
    QVERIFY(datasets.remove("..").error().code == ErrorCode::Usage);
    QVERIFY(fs::exists(fixture.workspace.root() / "config.json"));
}

void DatasetsTest::resolveChooses()
{
    const WorkspaceFixture fixture;
    const Datasets datasets(fixture.workspace);
    const auto planned = datasets.plan({});
    QVERIFY_RESULT(planned);
    QCOMPARE(planned->name, std::string("mnist-small"));
    QVERIFY(!fs::exists(datasets.folder("mnist-small"))); // planning makes nothing
    const auto resolved = datasets.resolve({});
    QVERIFY_RESULT(resolved);
    QCOMPARE(resolved->sha256, planned->sha256);
    QCOMPARE(resolved->trainCount, std::int64_t{10000});
    QVERIFY(fs::exists(fs::path(resolved->path) / datasetFiles[0]));
    const auto missing = datasets.resolve("mnist");
    QVERIFY(!missing);
    QVERIFY(missing.error().remedy.find("data get mnist") != std::string::npos);
    QVERIFY(datasets.resolve("unknown").error().remedy.find("mnist-small") != std::string::npos);
}

void DatasetsTest::namesAreChecked()
{
    const WorkspaceFixture fixture;
    const Datasets datasets(fixture.workspace);
    writeDataset(fixture.folder("data"), tinyFiles(), false);
    for (const std::string &name : {std::string("../up"), std::string("a/b"), std::string("<b>"), std::string("a\nb"),
                                   std::string(300, 'x'), std::string(".hidden"), std::string(), std::string("-x")}) {
        const auto imported = datasets.import(name, {fixture.folder("data")});
        QVERIFY(!imported);
        QVERIFY(imported.error().code == ErrorCode::Usage);
    }
    QCOMPARE(entriesOf(fixture.workspace.datasetsFolder()).size(), std::size_t{0});
}

void DatasetsTest::leftoversAreSwept()
{
    const WorkspaceFixture fixture;
    const fs::path old = fixture.workspace.datasetsFolder() / ".new-crashed";
    WorkspaceFixture::write(old / "train-images-idx3-ubyte", "half");
    const timespec longAgo[2] = {{1'600'000'000, 0}, {1'600'000'000, 0}};
    QCOMPARE(::utimensat(AT_FDCWD, old.c_str(), longAgo, 0), 0);
    const fs::path fresh = fixture.workspace.datasetsFolder() / ".new-working";
    fs::create_directories(fresh);
    writeDataset(fixture.folder("data"), tinyFiles(), false);
    QVERIFY_RESULT(Datasets(fixture.workspace).import("own", {fixture.folder("data")}));
    QVERIFY(!fs::exists(old));
    QVERIFY(fs::exists(fresh)); // somebody may be at work there
}

namespace {

void writePicture(const fs::path &path, int channels, char value)
{
    fs::create_directories(path.parent_path());
    WorkspaceFixture::write(path, std::string(channels == 3 ? "P6" : "P5") + " 3 2 255\n" +
                                      std::string(static_cast<std::size_t>(6 * channels), value));
}

} // namespace

void DatasetsTest::importsFoldersOfPictures()
{
    const WorkspaceFixture fixture;
    const fs::path folder = fixture.folder("pictures");
    writePicture(folder / "train" / "cat" / "1.ppm", 3, 'a');
    writePicture(folder / "train" / "dog" / "1.ppm", 3, 'b');
    writePicture(folder / "train" / "dog" / "2.pgm", 1, 'c');
    writePicture(folder / "test" / "dog" / "1.ppm", 3, 'd');
    const Datasets datasets(fixture.workspace);
    const auto imported = datasets.import("pets", {folder});
    QVERIFY_RESULT(imported);
    QCOMPARE(imported->classNames, (std::vector<std::string>{"cat", "dog"}));
    QCOMPARE(imported->classes, 2);
    QCOMPARE(imported->trainCount, 3);
    QCOMPARE(imported->testCount, 1);
    QCOMPARE(imported->rows, 2);
    QCOMPARE(imported->columns, 3);
    QCOMPARE(imported->channels, 3);
    QVERIFY_RESULT(datasets.verify("pets"));
    const auto found = datasets.find("pets");
    QVERIFY_RESULT(found);
    QVERIFY(*found == *imported);
    const std::string bytes = WorkspaceFixture::read(datasets.folder("pets") / datasetFiles[0]);
    QCOMPARE(bytes.substr(20), std::string(18, 'a') + std::string(18, 'b') + std::string(18, 'c'));
    QCOMPARE(WorkspaceFixture::read(datasets.folder("pets") / datasetFiles[1]).substr(8), std::string("\0\1\1", 3));
}

void DatasetsTest::damagedPicturesAreNamed()
{
    const WorkspaceFixture fixture;
    const fs::path folder = fixture.folder("pictures");
    writePicture(folder / "train" / "cat" / "1.ppm", 3, 'a');
    writePicture(folder / "train" / "dog" / "1.ppm", 3, 'b');
    writePicture(folder / "test" / "dog" / "1.ppm", 3, 'b');
    WorkspaceFixture::write(folder / "train" / "dog" / "2.png", "no picture");
    const Datasets datasets(fixture.workspace);
    const auto imported = datasets.import("pets", {folder});
    QVERIFY(!imported);
    QVERIFY2(imported.error().where.ends_with("train/dog/2.png"), imported.error().where.c_str());
    QVERIFY(entriesOf(fixture.workspace.datasetsFolder()).empty());
}

void DatasetsTest::importsChannelsAndClassNames()
{
    const WorkspaceFixture fixture;
    const fs::path folder = fixture.folder("data");
    writeDataset(folder, tinyFiles(), false);
    WorkspaceFixture::write(folder / "classes.txt", "zero\r\none\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n");
    const Datasets datasets(fixture.workspace);
    const auto imported = datasets.import("mine", {folder});
    QVERIFY_RESULT(imported);
    QCOMPARE(imported->channels, 1);
    QCOMPARE(imported->classes, 10);
    QCOMPARE(imported->classNames.front(), std::string("zero"));
    QCOMPARE(imported->classNames.back(), std::string("nine"));
}

BOTTEGA_TEST_MAIN(DatasetsTest)
#include "tst_datasets.moc"
