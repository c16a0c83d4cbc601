// SPDX-License-Identifier: Apache-2.0
#include "core/engine/backend/cuda/module/sharedlibrary.h"

#include "core/engine/backend/cuda/module/interface.h"

#include <cstdio>
#include <dlfcn.h>

namespace bottega::cudamodule {

SharedLibrary::SharedLibrary(std::initializer_list<const char *> names)
{
    for (const char *name : names) {
        m_handle = ::dlopen(name, RTLD_NOW | RTLD_LOCAL);
        m_name = name;
        if (m_handle) {
            m_why.clear();
            return;
        }
        if (m_why.empty())
            m_why = ::dlerror();
    }
}

void *SharedLibrary::find(const char *name)
{
    void *function = m_handle ? ::dlsym(m_handle, name) : nullptr;
    if (!function && m_why.empty())
        m_why = m_name + " has no " + name;
    return function;
}

std::string versionText(std::size_t version)
{
    return std::to_string(version / 10000) + "." + std::to_string(version / 100 % 100) + "." + std::to_string(version % 100);
}

void tell(char *error, const std::string &text)
{
    std::snprintf(error, bottegaErrorSize, "%s", text.c_str());
}

} // namespace bottega::cudamodule
