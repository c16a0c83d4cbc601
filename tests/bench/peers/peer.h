// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

/// What the peers written in C++ share: the command line, IDX files, and the lines that common.py describes.
namespace peer {

constexpr int batch = 128;
constexpr double learningRate = 0.01;
constexpr double momentum = 0.9;

struct Arguments
{
    std::string net;
    std::string data;
    std::string variant;
    int threads = 1;
    int epochs = 3;

    Arguments(int argc, char **argv)
    {
        for (int i = 1; i + 1 < argc; i += 2) {
            const std::string name = argv[i], value = argv[i + 1];
            if (name == "--net")
                net = value;
            else if (name == "--data")
                data = value;
            else if (name == "--variant")
                variant = value;
            else if (name == "--threads")
                threads = std::stoi(value);
            else if (name == "--epochs")
                epochs = std::stoi(value);
            else
                throw std::invalid_argument(name);
        }
        if (data.empty() || (net != "mlp" && net != "cnn"))
            throw std::invalid_argument("--net mlp|cnn --threads T --data DIR --epochs E --variant V");
    }
};

struct Split
{
    std::vector<std::uint8_t> pixels; // [count, 784]
    std::vector<std::uint8_t> labels;
    [[nodiscard]] std::size_t count() const { return labels.size(); }
};

inline std::vector<std::uint8_t> readIdx(const std::string &path, std::size_t header)
{
    std::ifstream file(path, std::ios::binary);
    if (!file.ignore(static_cast<std::streamsize>(header)))
        throw std::runtime_error(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline Split readSplit(const std::string &folder, const std::string &split)
{
    return {readIdx(folder + "/" + split + "-images-idx3-ubyte", 16),
            readIdx(folder + "/" + split + "-labels-idx1-ubyte", 8)};
}

using Clock = std::chrono::steady_clock;

/// Prints the line of an epoch that has just ended.
inline void reportEpoch(int epoch, std::size_t images, Clock::time_point started)
{
    const double seconds = std::chrono::duration<double>(Clock::now() - started).count();
    std::printf("{\"epoch\": %d, \"seconds\": %.6f, \"imagesPerSecond\": %.1f}\n", epoch, seconds,
                static_cast<double>(images) / seconds);
    std::fflush(stdout);
}

inline void reportEnd(double accuracy, const std::string &library, const std::string &version)
{
    std::printf("{\"accuracy\": %.4f, \"versions\": {\"%s\": \"%s\"}}\n", accuracy, library.c_str(), version.c_str());
}

} // namespace peer
