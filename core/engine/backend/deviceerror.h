// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

namespace bottega::engine {

/// What a device could not do. The text names the call and the device; the remedy, which may be empty, what to do about it.
class DeviceError : public std::runtime_error
{
public:
    explicit DeviceError(const std::string &what, std::string remedy = {})
        : std::runtime_error(what), m_remedy(std::move(remedy))
    {
    }
    [[nodiscard]] const std::string &remedy() const { return m_remedy; }

private:
    std::string m_remedy;
};

} // namespace bottega::engine
