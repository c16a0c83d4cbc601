// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

/// The little of protobuf's wire format that our formats need. Byte order: little endian hosts, as all our targets are.
namespace bottega::wire {

enum class Type : std::uint8_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

inline void putVarint(std::string &out, std::uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        out += static_cast<char>(value | 0x80);
    out += static_cast<char>(value);
}

inline void putKey(std::string &out, std::uint32_t field, Type type)
{
    putVarint(out, (std::uint64_t{field} << 3) | static_cast<std::uint8_t>(type));
}

template <class T>
void putFixed(std::string &out, T value)
{
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out.append(bytes, sizeof bytes);
}

inline void putBytes(std::string &out, std::uint32_t field, std::string_view bytes)
{
    putKey(out, field, Type::Bytes);
    putVarint(out, bytes.size());
    out += bytes;
}

inline void putNumber(std::string &out, std::uint32_t field, std::uint64_t value)
{
    putKey(out, field, Type::Varint);
    putVarint(out, value);
}

/// Takes a varint off the front of `rest`, which stays as it is where none stands there.
[[nodiscard]] inline bool takeVarint(std::string_view &rest, std::uint64_t &value)
{
    value = 0;
    for (std::size_t i = 0; i < rest.size() && i < 10; ++i) {
        const auto byte = static_cast<unsigned char>(rest[i]);
        value |= static_cast<std::uint64_t>(byte & 0x7F) << (7 * i);
        if (byte < 0x80) {
            rest.remove_prefix(i + 1);
            return true;
        }
    }
    return false;
}

/// One field of a message. `number` holds varints and fixed values as they stand, `bytes` borrows from the message.
struct Field
{
    std::uint32_t id = 0;
    Type type = Type::Varint;
    std::uint64_t number = 0;
    std::string_view bytes;

    [[nodiscard]] bool is(std::uint32_t wantedId, Type wantedType) const { return id == wantedId && type == wantedType; }
    [[nodiscard]] double asDouble() const { return std::bit_cast<double>(number); }
    [[nodiscard]] float asFloat() const { return std::bit_cast<float>(static_cast<std::uint32_t>(number)); }
};

/// Walks the fields of one message; never reads outside it, never recurses.
class Reader
{
public:
    explicit Reader(std::string_view message) : m_rest(message) {}

    /// False at the end of the message or where it is malformed: ask `isSound` which.
    bool next(Field &field);
    [[nodiscard]] bool isSound() const { return m_sound; }

private:
    bool fixed(std::uint64_t &value, std::size_t size);
    bool length(std::string_view &bytes);

    std::string_view m_rest;
    bool m_sound = true;
};

inline bool Reader::fixed(std::uint64_t &value, std::size_t size)
{
    value = 0;
    if (m_rest.size() < size)
        return false;
    std::memcpy(&value, m_rest.data(), size);
    m_rest.remove_prefix(size);
    return true;
}

inline bool Reader::length(std::string_view &bytes)
{
    std::uint64_t size = 0;
    if (!takeVarint(m_rest, size) || size > m_rest.size())
        return false;
    bytes = m_rest.substr(0, size);
    m_rest.remove_prefix(size);
    return true;
}

inline bool Reader::next(Field &field)
{
    std::uint64_t key = 0;
    if (m_rest.empty())
        return false;
    m_sound = takeVarint(m_rest, key) && (key >> 3) > 0 && (key >> 3) < (1u << 29);
    if (!m_sound)
        return false;
    field.id = static_cast<std::uint32_t>(key >> 3);
    field.type = static_cast<Type>(key & 7);
    switch (field.type) {
    case Type::Varint: return m_sound = takeVarint(m_rest, field.number);
    case Type::Fixed64: return m_sound = fixed(field.number, 8);
    case Type::Bytes: return m_sound = length(field.bytes);
    case Type::Fixed32: return m_sound = fixed(field.number, 4);
    }
    return m_sound = false; // groups, long deprecated
}

} // namespace bottega::wire
