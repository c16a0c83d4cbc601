// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace bottega {

/// True for names of formats whose ordinary readers run code that stands in the file: pickles and what holds them (.pt,
/// .pth, .pkl, .pickle, .joblib, .ckpt, .bin of PyTorch), Keras and HDF5 (.keras, .h5, .hdf5), saved_model.pb, MLmodel,
/// TorchScript (.ts, .torchscript), .pyc, .so. Bottega lists, hashes, registers and copies them and never loads one.
[[nodiscard]] bool canRunCode(std::string_view path);

/// The same with a look into the file, opened beneath `root`: also an .npz or .npy with object arrays, which are pickles.
/// What can't be read says only its name.
[[nodiscard]] bool canRunCode(const std::filesystem::path &root, const std::string &path);

} // namespace bottega
