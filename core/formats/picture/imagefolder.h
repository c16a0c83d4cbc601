// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/formats/idx/idx.h"

#include <filesystem>
#include <string>
#include <vector>

namespace bottega {

/// A folder of pictures in memory, as the four arrays of an image data set.
struct ImageFolder
{
    IdxArray trainImages; // [N, height, width] where all are grey, else [N, 3, height, width]
    IdxArray trainLabels; // [N]: index into classNames
    IdxArray testImages;
    IdxArray testLabels;
    std::vector<std::string> classNames; // in byte order
};

/// Whether a folder looks like one: it holds train/ with folders in it, or folders with pictures.
[[nodiscard]] bool isImageFolder(const std::filesystem::path &folder);

/// Reads FOLDER/train/CLASS/… and FOLDER/test/CLASS/… (.png .jpg .jpeg .pgm .ppm; other and hidden files are
/// passed over). Without a test folder (test/ or val/), or without train/, where the classes lie in FOLDER
/// itself, every fifth picture of each class, in the order of their names, becomes a test picture. 2 to 256
/// classes, every one with training pictures; all pictures of one size. Links are not followed. Decodes with
/// `threads` threads (0: as many as this process may use); the result does not depend on their number. Errors
/// name the file.
[[nodiscard]] Result<ImageFolder> readImageFolder(const std::filesystem::path &folder, unsigned threads = 0);

} // namespace bottega
