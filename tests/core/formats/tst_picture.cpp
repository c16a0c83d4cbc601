// SPDX-License-Identifier: Apache-2.0
#include "core/formats/picture/imagefolder.h"
#include "core/formats/picture/picture.h"
#include "tests/support/testcase.h"

#include <QBuffer>
#include <QDir>
#include <QImage>
#include <QTemporaryDir>

#include <algorithm>
#include <cstdlib>
#include <zlib.h>

using namespace bottega;
using namespace Qt::StringLiterals;

namespace {

QImage colored(int width, int height, int seed = 0)
{
    QImage image(width, height, QImage::Format_RGB32);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x)
            image.setPixel(x, y, qRgb(40 + 9 * x + seed, 90 + 5 * y, 200 - 3 * (x + y)));
    }
    return image;
}

QImage grey(int width, int height, int seed = 0)
{
    return colored(width, height, seed).convertToFormat(QImage::Format_Grayscale8);
}

std::string encoded(const QImage &image, const char *format)
{
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    if (!image.save(&buffer, format, 95))
        qFatal("the picture could not be written as %s", format);
    return buffer.data().toStdString();
}

std::uint8_t valueOf(const Picture &picture, std::uint32_t channel, std::uint32_t y, std::uint32_t x)
{
    return picture.values[(std::size_t{channel} * picture.height + y) * picture.width + x];
}

/// Largest difference between a decoded picture and the image.
int difference(const Picture &picture, const QImage &image)
{
    int worst = 0;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            const QRgb pixel = image.pixel(x, y);
            const int wanted[] = {qRed(pixel), qGreen(pixel), qBlue(pixel)};
            for (std::uint32_t c = 0; c < picture.channels; ++c)
                worst = std::max(
                    worst, std::abs(wanted[c] - valueOf(picture, c, std::uint32_t(y), std::uint32_t(x))));
        }
    }
    return worst;
}

void write(const QString &path, const std::string &bytes)
{
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) ||
        file.write(bytes.data(), qint64(bytes.size())) != qint64(bytes.size()))
        qFatal("%s could not be written", qPrintable(path));
}

/// The PNG with other extents in its header, and the header's checksum right.
std::string pngClaiming(quint32 width, quint32 height)
{
    std::string png = encoded(grey(4, 4), "PNG");
    const auto put = [&png](std::size_t at, quint32 value) {
        for (int i = 0; i < 4; ++i)
            png[at + std::size_t(i)] = char(value >> (24 - 8 * i));
    };
    put(16, width);
    put(20, height);
    put(29, quint32(::crc32(0, reinterpret_cast<const Bytef *>(png.data() + 12), 17)));
    return png;
}

} // namespace

class PictureTest : public bottega::test::TestCase
{
    Q_OBJECT
private Q_SLOTS:
    void decodes_data();
    void decodes();
    void laysTransparencyOnBlack();
    void refusesHostileFiles_data();
    void refusesHostileFiles();
    void survivesDamage_data();
    void survivesDamage();
    void readsTrainAndTestFolders();
    void holdsOutEveryFifth();
    void mixesGreyAndColor();
    void doesNotDependOnThreads();
    void refusesFolders_data();
    void refusesFolders();
    void followsNoLinks();
};

void PictureTest::decodes_data()
{
    QTest::addColumn<QImage>("image");
    QTest::addColumn<QByteArray>("format");
    QTest::addColumn<int>("channels");
    QTest::addColumn<int>("tolerance");
    const QImage color = colored(13, 7);
    QTest::newRow("PNG, grey") << grey(13, 7) << "PNG"_ba << 1 << 0;
    QTest::newRow("PNG, RGB") << color << "PNG"_ba << 3 << 0;
    QTest::newRow("PNG, palette") << color.convertToFormat(QImage::Format_Indexed8, Qt::ThresholdDither)
                                  << "PNG"_ba << 3 << 0;
    QTest::newRow("PNG, palette of 1 bit") << grey(13, 7).convertToFormat(QImage::Format_Mono, Qt::ThresholdDither)
                                << "PNG"_ba << 3 << 0;
    QTest::newRow("PNG, 16 bits") << grey(13, 7).convertToFormat(QImage::Format_Grayscale16) << "PNG"_ba << 1
                                  << 1;
    QTest::newRow("JPEG, grey") << grey(13, 7) << "JPG"_ba << 1 << 4;
    QTest::newRow("JPEG, RGB") << color << "JPG"_ba << 3 << 16;
    QTest::newRow("PGM") << grey(13, 7) << "PGM"_ba << 1 << 0;
    QTest::newRow("PPM") << color << "PPM"_ba << 3 << 0;
}

void PictureTest::decodes()
{
    QFETCH(QImage, image);
    QFETCH(QByteArray, format);
    QFETCH(int, channels);
    QFETCH(int, tolerance);
    const auto picture = decodePicture(encoded(image, format.constData()), "picture");
    QVERIFY_RESULT(picture);
    QCOMPARE(picture->height, 7u);
    QCOMPARE(picture->width, 13u);
    QCOMPARE(int(picture->channels), channels);
    QCOMPARE(picture->values.size(), std::size_t(7 * 13 * channels));
    const int worst = difference(*picture, image);
    QVERIFY2(worst <= tolerance, qPrintable(QString::number(worst)));
}

void PictureTest::laysTransparencyOnBlack()
{
    QImage image(2, 1, QImage::Format_ARGB32);
    image.setPixel(0, 0, qRgba(200, 100, 50, 255));
    image.setPixel(1, 0, qRgba(200, 100, 50, 0));
    const auto picture = decodePicture(encoded(image, "PNG"), "picture");
    QVERIFY_RESULT(picture);
    QCOMPARE(picture->values, (std::vector<std::uint8_t>{200, 0, 100, 0, 50, 0}));
}

void PictureTest::refusesHostileFiles_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("message");
    QTest::newRow("nothing") << QByteArray() << u"no PNG, JPEG, PGM or PPM"_s;
    QTest::newRow("text") << "hello"_ba << u"no PNG, JPEG, PGM or PPM"_s;
    QTest::newRow("huge PNG") << QByteArray::fromStdString(pngClaiming(1'000'000, 1'000'000)) << u"claims 1000000 × 1000000"_s;
    QTest::newRow("large PNG") << QByteArray::fromStdString(pngClaiming(16'000, 16'000))
                               << u"claims 16000 × 16000"_s;
    QTest::newRow("huge PGM") << "P5 99999 99999 255\n"_ba << u"claims 99999 × 99999"_s;
    QTest::newRow("overflowing PGM") << "P5 99999999999999999999 1 255\n"_ba << u"damaged"_s;
    QTest::newRow("empty PGM") << "P5 0 5 255\n"_ba << u"claims 0 × 5"_s;
    QTest::newRow("short PGM") << "P5 # a comment\n2 2 255\nabc"_ba << u"cut short: it has 3 of 4"_s;
    QTest::newRow("deep PGM") << "P5 1 1 65535\nab"_ba << u"largest value is 65535"_s;
    QTest::newRow("short JPEG") << QByteArray("\xff\xd8\xff\xe0", 4) << u"JPEG picture is damaged"_s;
}

void PictureTest::refusesHostileFiles()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, message);
    const auto picture = decodePicture(bytes.toStdString(), "bad.file");
    QVERIFY(!picture);
    QVERIFY2(QString::fromStdString(describe(picture.error())).contains(message),
             describe(picture.error()).c_str());
    QCOMPARE(picture.error().where, "bad.file");
}

void PictureTest::survivesDamage_data()
{
    QTest::addColumn<QByteArray>("format");
    QTest::newRow("PNG") << "PNG"_ba;
    QTest::newRow("JPEG") << "JPG"_ba;
    QTest::newRow("PPM") << "PPM"_ba;
}

/// Cut short anywhere it is refused; with any byte changed it is refused or decoded, and nothing else
/// happens.
void PictureTest::survivesDamage()
{
    QFETCH(QByteArray, format);
    const std::string whole = encoded(colored(19, 11), format.constData());
    for (std::size_t length = 0; length + 12 < whole.size();
         ++length) // PNG and JPEG end with a marker nobody misses
        QVERIFY2(!decodePicture(whole.substr(0, length), "cut"), qPrintable(QString::number(length)));
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (const unsigned flip : {0x01u, 0x80u, 0xffu}) {
            std::string damaged = whole;
            damaged[at] = char(static_cast<unsigned char>(damaged[at]) ^ flip);
            if (const auto picture = decodePicture(damaged, "damaged"))
                QCOMPARE(picture->values.size(),
                         std::size_t{picture->height} * picture->width * picture->channels);
        }
    }
}

void PictureTest::readsTrainAndTestFolders()
{
    const QTemporaryDir folder;
    for (const auto &name : {u"zebra"_s, u"ant"_s}) {
        for (int i = 0; i < 3; ++i)
            write(folder.filePath(u"train/%1/%2.png"_s.arg(name).arg(i)), encoded(grey(6, 4, i), "PNG"));
        write(folder.filePath(u"test/%1/x.PGM"_s.arg(name)), encoded(grey(6, 4), "PGM"));
    }
    write(folder.filePath(u"train/ant/notes.txt"_s), "no picture");
    write(folder.filePath(u"train/.hidden/a.png"_s), "no picture");
    const std::filesystem::path path = folder.path().toStdString();
    QVERIFY(isImageFolder(path));
    const auto read = readImageFolder(path);
    QVERIFY_RESULT(read);
    QCOMPARE(read->classNames, (std::vector<std::string>{"ant", "zebra"}));
    QCOMPARE(read->trainImages.shape, (std::vector<std::uint32_t>{6, 4, 6}));
    QCOMPARE(read->trainLabels.values, (std::vector<std::uint8_t>{0, 0, 0, 1, 1, 1}));
    QCOMPARE(read->testImages.shape, (std::vector<std::uint32_t>{2, 4, 6}));
    QCOMPARE(read->testLabels.values, (std::vector<std::uint8_t>{0, 1}));
    const QImage second = grey(6, 4, 1);
    QCOMPARE(int(read->trainImages.values[24]), qGray(second.pixel(0, 0)));
    QCOMPARE(int(read->trainImages.values[24 + 23]), qGray(second.pixel(5, 3)));
}

void PictureTest::holdsOutEveryFifth()
{
    const QTemporaryDir folder;
    for (int i = 0; i < 11; ++i)
        write(folder.filePath(u"cat/%1.png"_s.arg(i, 2, 10, QChar(u'0'))), encoded(grey(5, 5, i), "PNG"));
    write(folder.filePath(u"dog/1.jpeg"_s), encoded(grey(5, 5), "JPG"));
    QVERIFY(isImageFolder(folder.path().toStdString()));
    const auto read = readImageFolder(folder.path().toStdString());
    QVERIFY_RESULT(read);
    QCOMPARE(read->trainImages.shape[0], 10u);
    QCOMPARE(read->testLabels.values, (std::vector<std::uint8_t>{0, 0}));
    QCOMPARE(int(read->testImages.values[0]), qGray(grey(5, 5, 4).pixel(0, 0)));
    QCOMPARE(int(read->testImages.values[25]), qGray(grey(5, 5, 9).pixel(0, 0)));
}

void PictureTest::mixesGreyAndColor()
{
    const QTemporaryDir folder;
    const QImage greyOne = grey(5, 4), color = colored(5, 4);
    write(folder.filePath(u"train/a/1.png"_s), encoded(greyOne, "PNG"));
    write(folder.filePath(u"train/b/1.png"_s), encoded(greyOne, "PNG"));
    write(folder.filePath(u"test/b/1.png"_s), encoded(color, "PNG"));
    const auto read = readImageFolder(folder.path().toStdString());
    QVERIFY_RESULT(read);
    QCOMPARE(read->trainImages.shape, (std::vector<std::uint32_t>{2, 3, 4, 5}));
    QCOMPARE(read->testImages.shape, (std::vector<std::uint32_t>{1, 3, 4, 5}));
    QCOMPARE(difference({4, 5, 3, read->testImages.values}, color), 0);
    const auto first = read->trainImages.values.begin();
    QCOMPARE(difference({4, 5, 3, {first, first + 60}}, greyOne), 0); // the same in all three channels
}

void PictureTest::doesNotDependOnThreads()
{
    const QTemporaryDir folder;
    for (int i = 0; i < 40; ++i)
        write(folder.filePath(u"%1/%2.png"_s.arg(i % 2).arg(i)), encoded(colored(9, 9, i), "PNG"));
    const std::filesystem::path path = folder.path().toStdString();
    const auto one = readImageFolder(path, 1), four = readImageFolder(path, 4);
    QVERIFY_RESULT(one);
    QVERIFY_RESULT(four);
    QVERIFY(one->trainImages.values == four->trainImages.values);
    QVERIFY(one->testImages.values == four->testImages.values);
    for (const int wrong : {10, 22, 30}) // the first wrong one is told, whoever meets which
        write(folder.filePath(u"0/%1.png"_s.arg(wrong)), encoded(colored(8, 9), "PNG"));
    for (const unsigned threads : {1u, 4u}) {
        const auto read = readImageFolder(path, threads);
        QVERIFY(!read);
        QVERIFY2(read.error().where.ends_with("0/10.png"), read.error().where.c_str());
    }
}

void PictureTest::refusesFolders_data()
{
    QTest::addColumn<QStringList>("good");
    QTest::addColumn<QString>("odd");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("message");
    const QByteArray picture = QByteArray::fromStdString(encoded(grey(6, 4), "PNG"));
    const QStringList both = {u"train/a/1.png"_s, u"train/b/1.png"_s, u"test/a/1.png"_s};
    QTest::newRow("one class") << QStringList{u"train/a/1.png"_s} << u"train/a/2.png"_s << picture
                               << u"There are 1 classes"_s;
    QTest::newRow("no test picture") << QStringList{u"train/a/1.png"_s, u"train/b/1.png"_s}
                                     << u"train/b/2.png"_s << picture << u"There is no test picture"_s;
    QTest::newRow("class without training")
        << both << u"test/c/1.png"_s << picture << u"The class c has test pictures but no"_s;
    QTest::newRow("empty class") << both << u"train/c/1.txt"_s << picture << u"no picture of the class c"_s;
    QTest::newRow("size") << both << u"train/b/2.png"_s
                          << QByteArray::fromStdString(encoded(grey(5, 4), "PNG"))
                          << u"5 × 4 pixels, the first one 6 × 4: "_s;
    QTest::newRow("damaged") << both << u"train/b/2.png"_s << picture.first(50) << u"train/b/2.png"_s;
    QTest::newRow("no picture") << both << u"test/b/2.jpg"_s << "hello"_ba << u"test/b/2.jpg"_s;
}

void PictureTest::refusesFolders()
{
    QFETCH(QStringList, good);
    QFETCH(QString, odd);
    QFETCH(QByteArray, bytes);
    QFETCH(QString, message);
    const QTemporaryDir folder;
    for (const QString &name : good)
        write(folder.filePath(name), encoded(grey(6, 4), "PNG"));
    write(folder.filePath(odd), bytes.toStdString());
    const auto read = readImageFolder(folder.path().toStdString());
    QVERIFY(!read);
    QVERIFY2(QString::fromStdString(describe(read.error())).contains(message),
             describe(read.error()).c_str());
}

void PictureTest::followsNoLinks()
{
    const QTemporaryDir folder, outside;
    write(outside.filePath(u"secret.png"_s), encoded(grey(6, 4), "PNG"));
    for (const auto *name : {"train/a/1.png", "train/b/1.png", "test/a/1.png"})
        write(folder.filePath(QString::fromLatin1(name)), encoded(grey(6, 4), "PNG"));
    QVERIFY(QFile::link(outside.filePath(u"secret.png"_s), folder.filePath(u"train/a/2.png"_s)));
    const auto read = readImageFolder(folder.path().toStdString());
    QVERIFY(!read);
    QCOMPARE(read.error().code, ErrorCode::Permission);
    QVERIFY(!isImageFolder(outside.path().toStdString()));
}

BOTTEGA_TEST_MAIN(PictureTest)
#include "tst_picture.moc"
