// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cuda/module.h"

#include "core/engine/backend/cuda/cudaerror.h"

#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>
#include <system_error>

namespace bottega::engine::cuda {

namespace fs = std::filesystem;

namespace {

constexpr const char *fileName = "bottega-cuda-module.so";

fs::path findModule()
{
    std::error_code ignored;
    std::vector<fs::path> folders = {fs::read_symlink("/proc/self/exe", ignored).parent_path()};
    if (const char *named = std::getenv("BOTTEGA_LIBEXEC"); named && named[0] == '/')
        folders.insert(folders.begin(), named);
    for (const fs::path &folder : folders) {
        if (fs::is_regular_file(folder / fileName, ignored))
            return folder / fileName;
    }
    return {};
}

struct Loaded
{
    const BottegaCudaModule *module = nullptr;
    std::string why;
};

/// Never unloaded: libraries with threads of their own do not survive that.
Loaded load()
{
    const fs::path path = findModule();
    if (path.empty())
        return {nullptr, std::string(fileName) + " is missing from this installation"};
    void *file = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!file)
        return {nullptr, ::dlerror()};
    const auto entry = reinterpret_cast<BottegaCudaModuleEntry>(::dlsym(file, "bottegaCudaModule"));
    const BottegaCudaModule *module = entry ? entry() : nullptr;
    if (!module || module->version != bottegaCudaModuleVersion)
        return {nullptr, path.string() + " belongs to another version of Bottega"};
    return {module, {}};
}

/// Only libraries use tensor cores.
void checkTensorCores(const BottegaCudaModule *module, std::string why, Precision precision)
{
    int hasProducts = 0, hasConvolutions = 0;
    if (module) {
        why = std::string("cuBLASLt: ") + module->describe(bottegaCublasLt, &hasProducts);
        why += std::string("; cuDNN: ") + module->describe(bottegaCudnn, &hasConvolutions);
    }
    if (!hasProducts && !hasConvolutions)
        throw CudaError("The precision " + std::string(nameOf(precision)) + " needs cuBLASLt or cuDNN" +
                            (why.empty() ? std::string() : ": " + why),
                        "Install them, or use the precision fp32");
}

} // namespace

const BottegaCudaModule *cudaModule(std::string &why)
{
    static const Loaded loaded = load();
    why = loaded.why;
    return loaded.module;
}

std::vector<std::pair<std::string, std::string>> libraryVersions()
{
    std::string why;
    const BottegaCudaModule *module = cudaModule(why);
    if (!module)
        return {{"CUDA module", why}};
    std::vector<std::pair<std::string, std::string>> versions;
    for (const auto &[library, name] : {std::pair{bottegaCublasLt, "cuBLASLt"}, {bottegaCudnn, "cuDNN"}, {bottegaNccl, "NCCL"}}) {
        int isLoaded = 0;
        const std::string text = module->describe(library, &isLoaded);
        versions.emplace_back(name, isLoaded ? text : "missing: " + text);
    }
    return versions;
}

std::shared_ptr<Libraries> loadLibraries(const std::shared_ptr<Queue> &queue, const CudaOptions &options)
{
    std::string why;
    const BottegaCudaModule *module = options.usesLibraries ? cudaModule(why) : nullptr;
    if (options.precision != Precision::Float32)
        checkTensorCores(module, why, options.precision);
    return module ? makeLibraries(*module, queue, options.precision) : nullptr;
}

} // namespace bottega::engine::cuda
