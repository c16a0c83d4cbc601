// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/base/uniquefd.h"

#include <concepts>
#include <filesystem>
#include <string>
#include <utility>

namespace bottega {

/// Where a regular file is read: at a path that the user named, links and all, or beneath a folder whose content is of
/// foreign origin, and there no link is followed, in no component of the name.
class FilePlace
{
public:
    template <class Path>
        requires std::convertible_to<Path, std::filesystem::path>
    FilePlace(Path &&path) : m_path(std::forward<Path>(path)) // implicit: most files lie at a path
    {}
    /// `name` is a slash path relative to `folder`.
    FilePlace(std::filesystem::path folder, std::string name)
        : m_path(folder / name), m_folder(std::move(folder)), m_name(std::move(name))
    {}

    [[nodiscard]] const std::filesystem::path &path() const { return m_path; } // for display and for what never follows it
    /// As `openRegularFile` or `openBeneath`.
    [[nodiscard]] Result<UniqueFd> open() const;

private:
    std::filesystem::path m_path;
    std::filesystem::path m_folder;
    std::string m_name; // empty: m_path is the user's
};

} // namespace bottega
