// SPDX-License-Identifier: Apache-2.0
#include "core/formats/picture/imagefolder.h"

#include "core/base/file.h"
#include "core/base/safename.h"
#include "core/formats/picture/picture.h"

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <sched.h>
#include <thread>

namespace bottega {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t mostClasses = 256; // labels are bytes
constexpr std::size_t mostPictures = 10'000'000;
constexpr std::uint64_t mostValues = std::uint64_t{4} << 30; // of one part, as IDX files have it
constexpr std::uint64_t largestFile = std::uint64_t{64} << 20;
constexpr std::size_t everyNth = 5;

tl::unexpected<Error> refused(const std::string &what, const fs::path &where, const std::string &remedy)
{
    return fail(ErrorCode::Corrupt, what, printable(where.string(), 1'000), "nothing was used of it", remedy);
}

bool isPictureName(const std::string &name)
{
    std::string end = fs::path(name).extension().string();
    std::transform(end.begin(), end.end(), end.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return end == ".png" || end == ".jpg" || end == ".jpeg" || end == ".pgm" || end == ".ppm";
}

/// Names in a folder, hidden ones passed over, in byte order.
Result<std::vector<std::string>> namesIn(const fs::path &folder, bool areFolders)
{
    std::vector<std::string> names;
    std::error_code failure;
    for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end;
         entry.increment(failure)) {
        std::string name = entry->path().filename().string();
        std::error_code ignored;
        const bool isFolder = fs::is_directory(entry->symlink_status(ignored));
        if (!name.starts_with('.') && isFolder == areFolders && (isFolder || isPictureName(name)))
            names.push_back(std::move(name));
    }
    if (failure)
        return fail(systemError(failure.value(), "The folder could not be listed", folder.string()));
    std::sort(names.begin(), names.end());
    return names;
}

bool isFolder(const fs::path &path)
{
    std::error_code ignored;
    return fs::is_directory(fs::symlink_status(path, ignored));
}

using Classes = std::map<std::string, std::vector<std::string>>; // name → slash paths below the root

Result<Classes> classesIn(const fs::path &root, const std::string &part)
{
    const auto names = namesIn(root / part, true);
    if (!names)
        return fail(names.error());
    Classes classes;
    std::size_t count = 0;
    for (const std::string &name : *names) {
        const std::string folder = part.empty() ? name : part + "/" + name;
        const auto files = namesIn(root / folder, false);
        if (!files)
            return fail(files.error());
        for (const std::string &file : *files)
            classes[name].push_back(folder + "/" + file);
        if ((count += files->size()) > mostPictures)
            return refused("The folder holds more than 10 million pictures", root / part,
                           "Import a part of them");
        if (files->empty() && part == "train")
            return refused("There is no picture of the class " + printable(name, 80), root / folder,
                           "Put pictures there, or remove the folder");
    }
    return classes;
}

struct Entry
{
    std::string path; // below the root
    std::uint8_t label = 0;
};

struct Listing
{
    std::vector<Entry> train, test;
    std::vector<std::string> classNames;
};

/// Every fifth picture of each class becomes a test picture where no test folder is there.
void takeClass(Listing &listing, const std::vector<std::string> &files, bool hasTest)
{
    const auto label = static_cast<std::uint8_t>(listing.classNames.size() - 1);
    for (std::size_t i = 0; i < files.size(); ++i)
        (!hasTest && i % everyNth == everyNth - 1 ? listing.test : listing.train)
            .push_back({files[i], label});
}

Result<void> takeTest(Listing &listing, const Classes &classes, const fs::path &folder)
{
    for (const auto &[name, files] : classes) {
        const auto found = std::lower_bound(listing.classNames.begin(), listing.classNames.end(), name);
        if (found == listing.classNames.end() || *found != name)
            return refused("The class " + printable(name, 80) + " has test pictures but no training pictures",
                           folder / name, "Add training pictures of it, or remove the folder");
        for (const std::string &file : files)
            listing.test.push_back({file, static_cast<std::uint8_t>(found - listing.classNames.begin())});
    }
    return {};
}

Result<Listing> list(const fs::path &root)
{
    const std::string trainPart = isFolder(root / "train") ? "train" : "";
    std::string testPart;
    for (const char *name : {"val", "test"}) {
        if (!trainPart.empty() && isFolder(root / name))
            testPart = name;
    }
    const auto classes = classesIn(root, trainPart);
    if (!classes)
        return fail(classes.error());
    if (classes->size() < 2 || classes->size() > mostClasses)
        return refused("There are " + std::to_string(classes->size()) + " classes; 2 to 256 are needed",
                       root / trainPart, "Make one folder with pictures for each class");
    Listing listing;
    for (const auto &[name, files] : *classes) {
        listing.classNames.push_back(name);
        takeClass(listing, files, !testPart.empty());
    }
    if (!testPart.empty()) {
        const auto testClasses = classesIn(root, testPart);
        if (!testClasses)
            return fail(testClasses.error());
        if (auto taken = takeTest(listing, *testClasses, root / testPart); !taken)
            return fail(taken.error());
    }
    if (listing.test.empty())
        return refused(
            "There is no test picture", root / testPart,
            "Put some into test/, or at least five pictures into a class so that one can be held out");
    return listing;
}

Result<Picture> readPicture(const fs::path &root, const std::string &relative)
{
    const fs::path path = root / relative;
    const auto fd = openBeneath(root, relative);
    if (!fd)
        return fail(fd.error());
    const auto size = fileSize(fd->get(), path);
    if (!size)
        return fail(size.error());
    if (*size > largestFile)
        return refused("The file has more than 64 MiB", path, "Make the picture smaller");
    std::string bytes(*size, '\0');
    if (const auto read = readAt(fd->get(), std::as_writable_bytes(std::span(bytes)), 0, path); !read)
        return fail(read.error());
    return decodePicture(bytes, printable(path.string(), 1'000));
}

struct Extents
{
    std::uint32_t height = 0, width = 0, channels = 1;

    [[nodiscard]] std::size_t values() const { return std::size_t{height} * width * channels; }
};

/// Reads a list of pictures into one block, several at a time.
class Loader
{
public:
    Loader(const fs::path &root, const std::vector<Entry> &entries, const Extents &extents)
        : m_root(root)
        , m_entries(entries)
        , m_extents(extents)
        , m_values(entries.size() * extents.values())
        , m_firstWrong(entries.size())
    {
    }

    void run(unsigned threads)
    {
        std::vector<std::jthread> others;
        for (unsigned i = 1; i < std::min<std::size_t>(threads, m_entries.size()); ++i)
            others.emplace_back([this] { work(); });
        work();
    }

    [[nodiscard]] bool foundColor() const { return m_foundColor; }
    [[nodiscard]] std::optional<Error> &error() { return m_error; } // of the first wrong picture
    [[nodiscard]] std::vector<std::uint8_t> &values() { return m_values; }

private:
    void work()
    {
        for (std::size_t i = m_next++; i < m_firstWrong && !m_foundColor; i = m_next++) {
            if (auto loaded = load(i); !loaded)
                keepError(i, loaded.error());
        }
    }

    Result<void> load(std::size_t index)
    try {
        const auto picture = readPicture(m_root, m_entries[index].path);
        if (!picture)
            return fail(picture.error());
        if (picture->height != m_extents.height || picture->width != m_extents.width)
            return refused("The picture has " + std::to_string(picture->width) + " × " +
                               std::to_string(picture->height) + " pixels, the first one " +
                               std::to_string(m_extents.width) + " × " + std::to_string(m_extents.height),
                           m_root / m_entries[index].path, "Make all pictures the same size");
        if (picture->channels > m_extents.channels)
            m_foundColor = true;
        else
            store(*picture, m_values.data() + index * m_extents.values());
        return {};
    } catch (const std::bad_alloc &) {
        return fail(ErrorCode::Failed, "There is not enough memory for the picture", m_entries[index].path);
    }

    void store(const Picture &picture, std::uint8_t *target) const
    {
        for (std::size_t at = 0; at < m_extents.values();
             at += picture.values.size()) // grey among colours: thrice
            std::memcpy(target + at, picture.values.data(), picture.values.size());
    }

    void keepError(std::size_t index, const Error &error)
    {
        const std::scoped_lock lock(m_mutex);
        if (index < m_firstWrong) {
            m_firstWrong = index;
            m_error = error;
        }
    }

    const fs::path &m_root;
    const std::vector<Entry> &m_entries;
    const Extents m_extents;
    std::vector<std::uint8_t> m_values;
    std::atomic<std::size_t> m_next = 0;
    std::atomic<std::size_t> m_firstWrong;
    std::atomic<bool> m_foundColor = false;
    std::mutex m_mutex;
    std::optional<Error> m_error;
};

unsigned allowedThreads()
{
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    const int count = ::sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 1;
    return static_cast<unsigned>(std::max(1, count));
}

struct Part
{
    IdxArray images, labels;
};

/// Raises `extents.channels` to 3 and returns nothing where a picture has colours that were not reckoned
/// with.
Result<std::optional<Part>> load(const fs::path &root, const std::vector<Entry> &entries, Extents &extents,
                                 unsigned threads)
{
    if (entries.size() > mostValues / extents.values())
        return refused("The pictures together have more than 4 GiB", root, "Use fewer or smaller pictures");
    Loader loader(root, entries, extents);
    loader.run(threads);
    if (loader.foundColor()) {
        extents.channels = 3;
        return std::nullopt;
    }
    if (loader.error())
        return fail(std::move(*loader.error()));
    Part part;
    const auto count = static_cast<std::uint32_t>(entries.size());
    part.images.shape =
        extents.channels == 1
            ? std::vector<std::uint32_t>{count, extents.height, extents.width}
            : std::vector<std::uint32_t>{count, extents.channels, extents.height, extents.width};
    part.images.values = std::move(loader.values());
    part.labels.shape = {count};
    for (const Entry &entry : entries)
        part.labels.values.push_back(entry.label);
    return part;
}

} // namespace

bool isImageFolder(const fs::path &folder)
{
    const auto hasFolder = [](const fs::path &path) {
        return !namesIn(path, true).value_or(std::vector<std::string>()).empty();
    };
    if (isFolder(folder / "train") && hasFolder(folder / "train"))
        return true;
    for (const std::string &name : namesIn(folder, true).value_or(std::vector<std::string>())) {
        if (!namesIn(folder / name, false).value_or(std::vector<std::string>()).empty())
            return true;
    }
    return false;
}

Result<ImageFolder> readImageFolder(const fs::path &folder, unsigned threads)
{
    const auto listing = list(folder);
    if (!listing)
        return fail(listing.error());
    const auto first = readPicture(folder, listing->train.front().path);
    if (!first)
        return fail(first.error());
    Extents extents = {first->height, first->width, first->channels};
    for (;;) { // twice at most: once more where the first picture is grey and a later one is not
        auto train = load(folder, listing->train, extents, threads > 0 ? threads : allowedThreads());
        if (!train)
            return fail(train.error());
        if (!*train)
            continue;
        auto test = load(folder, listing->test, extents, threads > 0 ? threads : allowedThreads());
        if (!test)
            return fail(test.error());
        if (!*test)
            continue;
        return ImageFolder{std::move((*train)->images), std::move((*train)->labels),
                           std::move((*test)->images), std::move((*test)->labels), listing->classNames};
    }
}

} // namespace bottega
