// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/scene.h"

#include <charconv>
#include <fcntl.h>
#include <regex>
#include <stdexcept>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bottega::crash {

namespace fs = std::filesystem;

namespace {

constexpr double patience = 60;

/// Makes everything as old as what a start a while ago left: the young is not swept, since it may be somebody's.
void age(const fs::path &folder)
{
    const auto setBack = [](const fs::path &path) {
        struct stat info = {};
        if (::lstat(path.c_str(), &info) != 0)
            return;
        timespec times[2] = {info.st_atim, info.st_mtim};
        times[1].tv_sec -= 3600;
        ::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW);
    };
    std::error_code error;
    for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
        setBack(entry->path());
    setBack(folder);
}

} // namespace

std::set<std::string> nameShapes(const fs::path &folder)
{
    static const std::regex numbers("[0-9a-f]{8,}|[0-9]+");
    static const std::regex repeats("#([-_.]#)+");
    std::set<std::string> shapes;
    std::error_code error;
    for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        const std::string name = entry->path().lexically_relative(folder).string();
        if (!name.starts_with("cache") && !name.starts_with("metrics/")) // derived; event files go on in further ones
            shapes.insert(std::regex_replace(std::regex_replace(name, numbers, "#"), repeats, "#"));
    }
    return shapes;
}

Stage::Stage(fs::path program, fs::path scratch) : m_program(std::move(program)), m_scratch(std::move(scratch))
{
    fs::remove_all(m_scratch);
    fs::create_directories(m_scratch);
}

fs::path Stage::freshScratch()
{
    const char *const memory = "/dev/shm";
    const fs::path parent = ::access(memory, W_OK) == 0 ? memory : fs::temp_directory_path().c_str();
    return parent / ("bottega-crash-" + std::to_string(::getpid()));
}

Stage::~Stage()
{
    m_inspector.reset();
    std::error_code ignored;
    fs::remove_all(m_scratch, ignored);
}

void Stage::setEnvironment(std::vector<std::string> environment)
{
    m_environment = std::move(environment);
    m_inspector.reset();
    m_prepared.clear();
}

Found Stage::inspect(const std::string &operation, const fs::path &folder)
{
    if (!m_inspector)
        m_inspector = std::make_unique<Process>(std::vector<std::string>{m_program, "inspect"}, m_environment, true);
    Found found;
    m_inspector->say(operation + ' ' + folder.string());
    std::string line;
    while (m_inspector->hear(line, patience)) {
        if (line == "end")
            return found;
        const std::size_t space = line.find(' ');
        const std::string rest = line.substr(space + 1);
        if (line.starts_with("item "))
            found.items.emplace_back(rest.substr(0, rest.find(' ')), rest.substr(rest.find(' ') + 1));
        else if (line.starts_with("problem "))
            found.problems.push_back(rest);
        else if (line.starts_with("shown "))
            found.shown = std::stoll(rest);
    }
    found.problems.push_back("the readers crashed or hung");
    m_inspector.reset();
    return found;
}

const fs::path &Stage::prepared(const std::string &operation, Ledger &ledger)
{
    Prepared &prepared = m_prepared[operation];
    if (prepared.folder.empty()) {
        prepared.folder = m_scratch / ("prepared-" + operation);
        fs::remove_all(prepared.folder);
        Process process({m_program, "prepare", operation, prepared.folder});
        process.readNotes([&prepared](std::string_view line) { return prepared.ledger.note(line), true; }, patience);
        if (process.wait(patience) != 0)
            throw std::runtime_error("The folder for the operation " + operation + " could not be prepared");
    }
    ledger = prepared.ledger;
    return prepared.folder;
}

const std::set<std::string> &Stage::names(const std::string &operation)
{
    Prepared &prepared = m_prepared[operation];
    if (prepared.names.empty()) {
        Scene scene(*this, operation);
        if (scene.perform({}) != 0 || scene.perform({}) != 0)
            throw std::runtime_error("The operation " + operation + " fails by itself");
        m_prepared[operation].names = nameShapes(scene.folder());
    }
    return m_prepared[operation].names;
}

Scene::Scene(Stage &stage, std::string operation)
    : m_stage(stage)
    , m_operation(std::move(operation))
    , m_folder(stage.scratch() / ("scene-" + m_operation))
{
    fs::remove_all(m_folder);
    fs::copy(stage.prepared(m_operation, m_ledger), m_folder, fs::copy_options::recursive);
}

Scene::Scene(Stage &stage, std::string operation, fs::path folder, Ledger ledger)
    : m_stage(stage)
    , m_operation(std::move(operation))
    , m_folder(std::move(folder))
    , m_ledger(std::move(ledger))
    , m_round(8)
{
}

Scene::~Scene()
{
    std::error_code ignored;
    fs::remove_all(m_folder, ignored);
}

int Scene::perform(const Fault &fault, long long count, double pause, long long *allocations)
{
    std::vector<std::string> arguments = fault.prefix;
    const std::vector<std::string> own{m_stage.program(),        "perform",             m_operation,          m_folder,
                                       std::to_string(++m_round), std::to_string(count), std::to_string(pause)};
    arguments.insert(arguments.end(), own.begin(), own.end());
    std::vector<std::string> environment = m_stage.environment();
    environment.insert(environment.end(), fault.environment.begin(), fault.environment.end());
    Process process(arguments, environment);
    const auto note = [this, allocations](std::string_view line) {
        constexpr std::string_view counted = "try allocations ";
        if (allocations && line.starts_with(counted))
            std::from_chars(line.data() + counted.size(), line.data() + line.size(), *allocations);
        m_ledger.note(line);
        return true;
    };
    if (fault.killAfter >= 0) {
        process.readNotes([](std::string_view line) { return line != "begin"; }, patience);
        process.readNotes(note, fault.killAfter);
        process.kill();
    }
    process.readNotes(note, patience);
    return process.wait(patience);
}

std::vector<std::string> Scene::check()
{
    return m_ledger.compare(m_stage.inspect(m_operation, m_folder));
}

std::vector<std::string> Scene::checkNextStart()
{
    age(m_folder);
    const std::size_t refused = m_ledger.refusals().size();
    const int status = perform({});
    std::vector<std::string> wrong = check();
    if (status != 0 || m_ledger.refusals().size() != refused)
        wrong.push_back("the next start fails: " + (m_ledger.refusals().size() > refused ? m_ledger.refusals().back()
                                                                                       : "status " + std::to_string(status)));
    const auto &known = m_stage.names(m_operation);
    for (const std::string &name : nameShapes(m_folder)) {
        if (!known.contains(name))
            wrong.push_back("left behind after the next start: " + name);
    }
    return wrong;
}

} // namespace bottega::crash
