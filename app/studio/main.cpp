// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/language.h"
#include "ui/shell/mainwindow.h"
#include "ui/shell/screenshot.h"
#include "ui/shell/session.h"
#include "ui/shell/settings.h"
#include "ui/watchdog/guiwatchdog.h"
#include "ui/widgets/errortext.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QTimer>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string_view>

using namespace Qt::StringLiterals;
using namespace bottega;

namespace {

struct Arguments
{
    Q_DECLARE_TR_FUNCTIONS(bottega::Arguments)
public:
    QString workspace;
    QString run;
    QString screenshot;
    bool exitsWhenReady = false;
};

Arguments parse(const QCoreApplication &application)
{
    const QCommandLineOption run(u"run"_s, Arguments::tr("Open this run: its id or a unique beginning of it."), u"RUN"_s);
    const QCommandLineOption screenshot(
        u"screenshot"_s,
        Arguments::tr("Save a PNG of the window once everything is loaded and the run has ended, then quit."), u"FILE"_s);
    const QCommandLineOption exitWhenReady(
        u"exit-when-ready"_s, Arguments::tr("Quit as soon as the window is usable: measures the start."));
    QCommandLineParser parser;
    parser.setApplicationDescription(Arguments::tr("A studio for training experiments."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(u"WORKSPACE"_s, Arguments::tr("The folder to open; the last one where it is left out."),
                                 u"[WORKSPACE]"_s);
    parser.addOptions({run, screenshot, exitWhenReady});
    parser.process(application);
    Arguments arguments;
    if (!parser.positionalArguments().isEmpty())
        arguments.workspace = QDir::cleanPath(QDir::current().absoluteFilePath(parser.positionalArguments().first()));
    arguments.run = parser.value(run);
    arguments.screenshot = parser.value(screenshot);
    arguments.exitsWhenReady = parser.isSet(exitWhenReady);
    return arguments;
}

void takeScreenshot(MainWindow &window, const Arguments &arguments)
{
    auto *screenshot = new Screenshot(&window, toStdString(arguments.screenshot));
    QObject::connect(screenshot, &Screenshot::saved, &window, [] { QCoreApplication::exit(0); });
    QObject::connect(screenshot, &Screenshot::failed, &window, [](const Error &error) {
        std::fprintf(stderr, "bottega: %s\n", describe(error).c_str());
        QCoreApplication::exit(1);
    });
    screenshot->start(!arguments.workspace.isEmpty(), !arguments.run.isEmpty());
}

/// Usable: drawn, and the list of runs there.
void exitWhenReady(MainWindow &window)
{
    QObject::connect(window.session(), &Session::runsLoaded, &window, [&window] {
        window.repaint();
        QTimer::singleShot(0, &window, [] { QCoreApplication::exit(0); });
    });
}

/// With BOTTEGA_WATCHDOG set, to the milliseconds allowed or anything else for 200: whatever holds the window up is named
/// on the terminal.
std::unique_ptr<GuiWatchdog> watchdogIfAsked()
{
    if (!qEnvironmentVariableIsSet("BOTTEGA_WATCHDOG"))
        return nullptr;
    constexpr int least = 50;
    constexpr int usual = 200;
    const int asked = qEnvironmentVariableIntValue("BOTTEGA_WATCHDOG");
    return std::make_unique<GuiWatchdog>(std::chrono::milliseconds(asked >= least ? asked : usual),
                                         [](const GuiWatchdog::Block &block) { std::fprintf(stderr, "%s\n", block.text().c_str()); });
}

/// Help and version are words on the terminal: they need no display.
void answerInWords(int argc, char **argv)
{
    const auto asksForWords = [](const char *argument) {
        return std::string_view(argument) == "--help" || std::string_view(argument) == "-h" ||
               std::string_view(argument) == "--version" || std::string_view(argument) == "-v";
    };
    if (std::none_of(argv + 1, argv + argc, asksForWords))
        return;
    QCoreApplication application(argc, argv);
    Settings settings;
    loadLanguage(application, settings.value(settings::language));
    parse(application); // ends the process
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication::setApplicationName(u"bottega"_s);
    QCoreApplication::setApplicationVersion(QStringLiteral(BOTTEGA_VERSION));
    answerInWords(argc, argv);
    std::signal(SIGXFSZ, SIG_IGN); // a limit of file size is told by the write that meets it
    QApplication application(argc, argv);
    QGuiApplication::setDesktopFileName(u"bottega"_s);
    Settings settings;
    loadLanguage(application, settings.value(settings::language));
    const Arguments arguments = parse(application);
    theme::apply(application);
    theme::setScheme(settings.value(settings::scheme));

    const auto watchdog = watchdogIfAsked();
    MainWindow window(settings);
    if (!arguments.screenshot.isEmpty())
        takeScreenshot(window, arguments);
    if (arguments.exitsWhenReady)
        exitWhenReady(window);
    window.start(arguments.workspace, arguments.run);
    window.show();
    return QApplication::exec();
}
