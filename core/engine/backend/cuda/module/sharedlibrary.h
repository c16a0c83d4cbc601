// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>

namespace bottega::cudamodule {

/// A vendor's library, loaded by name and kept for ever, and what is missing of it.
class SharedLibrary
{
public:
    /// The first of the names that can be loaded.
    explicit SharedLibrary(std::initializer_list<const char *> names);

    /// Sets a pointer to one of its functions. Once one is missing, isLoaded() is false and why() names it.
    template <class Function>
    void bind(Function *&function, const char *name)
    {
        function = reinterpret_cast<Function *>(find(name));
    }

    [[nodiscard]] bool isLoaded() const { return m_why.empty(); }
    [[nodiscard]] const std::string &why() const { return m_why; }

private:
    void *find(const char *name);

    void *m_handle = nullptr;
    std::string m_name;
    std::string m_why;
};

/// 130100 as "13.1.0": how the vendor's libraries count their versions.
[[nodiscard]] std::string versionText(std::size_t version);

/// Copies one line into an error buffer of the interface.
void tell(char *error, const std::string &text);

} // namespace bottega::cudamodule
