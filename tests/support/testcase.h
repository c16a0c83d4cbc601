// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"

#include <QObject>
#include <QTemporaryDir>
#include <QTest>

namespace bottega::test {

/// Base of every test object: an unexpected warning fails the test function it comes from.
class TestCase : public QObject
{
    Q_OBJECT
protected Q_SLOTS:
    void init();
};

/// Points the user's data, cache, configuration and state folders into a temporary one, before the application is made.
void isolateHome(const QTemporaryDir &home);

/// Runs the functions named on the command line; where none is, all but those named caseNN_…, which ctest runs one by one.
int runTest(QObject &test, int argc, char **argv);

/// The real MNIST: $BOTTEGA_TEST_DATA/mnist, or shared/data/mnist beside the source tree. Empty where there is none.
[[nodiscard]] QString mnistFolder();

} // namespace bottega::test

/// Fails the test function with the whole error where a Result holds one.
#define QVERIFY_RESULT(result)                                                                                          \
    do {                                                                                                               \
        const auto &checkedResult = (result); /* once: it may do something */                                          \
        QVERIFY2(checkedResult.has_value(), checkedResult ? "" : bottega::describe(checkedResult.error()).c_str());    \
    } while (false)

#define BOTTEGA_TEST_APP_MAIN(Application, Test)                                                                        \
    int main(int argc, char **argv)                                                                                    \
    {                                                                                                                  \
        const QTemporaryDir home;                                                                                      \
        bottega::test::isolateHome(home);                                                                              \
        Application app(argc, argv);                                                                                   \
        Test test;                                                                                                     \
        return bottega::test::runTest(test, argc, argv);                                                                       \
    }
/// For tests without a widget, and with: include QApplication for the latter.
#define BOTTEGA_TEST_MAIN(Test) BOTTEGA_TEST_APP_MAIN(QCoreApplication, Test)
#define BOTTEGA_GUI_TEST_MAIN(Test) BOTTEGA_TEST_APP_MAIN(QApplication, Test)
