// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/formats/idx/idx.h"
#include "core/formats/npz/npz.h"
#include "core/run/runfolder.h"
#include "core/workspace/datasets.h"
#include "core/workspace/models.h"
#include "core/workspace/runrecord.h"
#include "core/workspace/workspace.h"
#include "tests/support/testcase.h"

#include <QApplication>
#include <QLabel>
#include <QTemporaryDir>
#include <QWidget>

#include <fstream>
#include <string>
#include <vector>

namespace bottega::test {

inline std::filesystem::path pathOf(const QTemporaryDir &folder, const QString &name = {})
{
    return folder.filePath(name).toStdString();
}

inline void writeText(const std::filesystem::path &path, const std::string &text)
{
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

/// A perfect reader of makeTinyFiles' images: class 0 is bright on the left, class 1 on the right.
inline NpzArrays tinyWeights()
{
    std::vector<float> weights(2 * 16);
    for (std::size_t i = 0; i < 16; ++i) {
        const bool isLeft = i % 4 < 2;
        weights[i] = isLeft ? 4.0F : -4.0F;
        weights[16 + i] = -weights[i];
    }
    const float bias[] = {0, 0};
    return {{"l1/W", NpyArray::fromFloats({2, 16}, weights.data())}, {"l1/b", NpyArray::fromFloats({2}, bias)}};
}

/// Four IDX files of 4 × 4 images in two classes.
inline void makeTinyFiles(const std::filesystem::path &folder, std::uint32_t count = 6)
{
    std::filesystem::create_directories(folder);
    IdxArray images{{count, 4, 4}, {}};
    IdxArray labels{{count}, {}};
    for (std::uint32_t n = 0; n < count; ++n) {
        labels.values.push_back(static_cast<std::uint8_t>(n % 2));
        for (std::uint32_t i = 0; i < 16; ++i)
            images.values.push_back((i % 4 < 2) == (n % 2 == 0) ? 255 : 0);
    }
    writeText(folder / datasetFiles[0], encodeIdx(images));
    writeText(folder / datasetFiles[1], encodeIdx(labels));
    writeText(folder / datasetFiles[2], encodeIdx(images));
    writeText(folder / datasetFiles[3], encodeIdx(labels));
}

/// A run of the tutorial's recipe with a model file and a log, as it stands after it ended.
inline Result<RunFolder> makeRun(const Workspace &workspace, const std::string &experiment = "chainer-mnist")
{
    Job job;
    job.runId = makeRunId(experiment);
    job.experiment = experiment;
    job.recipe = "mnist-mlp";
    job.params = {{"epochs", "1"}, {"batchsize", "2"}};
    job.data = {"tiny", (workspace.datasetsFolder() / "tiny").string(), std::string(64, 'd'), 6, 6};
    auto run = RunFolder::create(workspace.runsFolder(), job);
    if (!run)
        return run;
    if (auto written = writeNpz(run->work() / "outputs" / "model.npz", tinyWeights()); !written)
        return fail(written.error());
    writeText(run->work() / "logs" / "train.log", "epoch:00 train_loss:0.1\n");
    return run;
}

inline Result<Model> registerModel(const Workspace &workspace, const RunFolder &run,
                                   const std::string &name = "chainer-dnn-mnist")
{
    return Models(workspace).registerFromRun(run, {name, "outputs/model.npz", {}, {}});
}

/// True where no label of the window would take markup for markup.
inline bool hasOnlyPlainText(const QWidget *window)
{
    const auto labels = window->findChildren<QLabel *>();
    return std::all_of(labels.begin(), labels.end(), [](const QLabel *label) {
        return label->textFormat() == Qt::PlainText || !label->text().contains(u'<');
    });
}

/// The top-level or child window of this name that is shown now, or null.
template <class Window>
Window *shownWindow(const QString &objectName)
{
    for (QWidget *widget : QApplication::allWidgets())
        if (widget->objectName() == objectName && widget->isVisible())
            if (auto *window = qobject_cast<Window *>(widget))
                return window;
    return nullptr;
}

} // namespace bottega::test
