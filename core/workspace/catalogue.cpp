// SPDX-License-Identifier: Apache-2.0
#include "core/workspace/catalogue.h"

#include <QFile>

#include <algorithm>

// The macro declares a function of the global namespace.
static void registerResources()
{
    Q_INIT_RESOURCE(datasets);
}

namespace bottega {

namespace {

using namespace Qt::StringLiterals;

const std::vector<std::string> digitNames = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};

KnownDataset greyImages(const std::string &name, const std::string &title, const std::string &origin,
                        std::int64_t trainCount, std::int64_t testCount)
{
    constexpr int side = 28;
    const auto images = [](std::int64_t count) { return static_cast<std::uint64_t>(16 + count * side * side); };
    const auto labels = [](std::int64_t count) { return static_cast<std::uint64_t>(8 + count); };
    KnownDataset known;
    known.facts.name = name;
    known.facts.title = title;
    known.facts.origin = origin;
    known.facts.trainCount = trainCount;
    known.facts.testCount = testCount;
    known.facts.rows = known.facts.columns = side;
    known.facts.classes = 10;
    known.facts.classNames = digitNames;
    known.sizes = {images(trainCount), labels(trainCount), images(testCount), labels(testCount)};
    for (const std::uint64_t size : known.sizes)
        known.facts.bytes += size;
    return known;
}

KnownDataset mnist()
{
    KnownDataset known = greyImages("mnist", "MNIST: handwritten digits",
                                    "Y. LeCun, C. Cortes, C. Burges: The MNIST database; CC BY-SA 3.0", 60000, 10000);
    known.facts.sha256 = {"ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                          "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                          "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                          "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"};
    known.packed = {9'912'422, 28'881, 1'648'877, 4'542};
    known.mirrors = {"https://storage.googleapis.com/cvdf-datasets/mnist/",
                     "https://ossci-datasets.s3.amazonaws.com/mnist/"};
    return known;
}

KnownDataset fashionMnist()
{
    KnownDataset known = greyImages("fashion-mnist", "Fashion-MNIST: articles of clothing",
                                    "H. Xiao, K. Rasul, R. Vollgraf (Zalando Research): Fashion-MNIST; MIT licence",
                                    60000, 10000);
    known.facts.classNames = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                              "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};
    known.facts.sha256 = {"c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                          "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
                          "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                          "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"};
    known.packed = {26'421'856, 29'491, 4'422'079, 5'125};
    known.offeredFrom = "/usr/share/datasets/fashion-mnist";
    known.mirrors = {"https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
                     "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"};
    return known;
}

KnownDataset smallMnist()
{
    KnownDataset known = greyImages("mnist-small", "MNIST, the first sixth: comes with the program",
                                    "The first images of MNIST by Y. LeCun, C. Cortes, C. Burges; CC BY-SA 3.0", 10000,
                                    2000);
    known.facts.sha256 = {"2889698e6bc3614913e76901316712919d1998fc2b44512451bfe65bc1e668b1",
                          "651e38e2ac0632f5113ec18f1df4977117f953197819034009971a6675a0df78",
                          "3f6bd66dee48df299584c67669bceee490faa25f931496bd7473b42106d7daed",
                          "7b098e5f6a3065807cebeabf36fb1724a8aff19f2673ac08b4923e0e8c715bce"};
    known.offeredFrom = ":/bottega/datasets/mnist-small";
    return known;
}

} // namespace

const Catalogue &builtInCatalogue()
{
    static const Catalogue catalogue = [] {
        registerResources();
        return Catalogue{mnist(), fashionMnist(), smallMnist()};
    }();
    return catalogue;
}

const KnownDataset *findKnown(const Catalogue &catalogue, const std::string &name)
{
    const auto found = std::find_if(catalogue.begin(), catalogue.end(),
                                    [&](const KnownDataset &known) { return known.facts.name == name; });
    return found == catalogue.end() ? nullptr : &*found;
}

bool isOffered(const KnownDataset &known)
{
    if (known.offeredFrom.empty())
        return false;
    return std::all_of(std::begin(datasetFiles), std::end(datasetFiles), [&](const char *file) {
        return QFile::exists(QString::fromStdString(known.offeredFrom + "/" + file + ".gz"));
    });
}

} // namespace bottega
