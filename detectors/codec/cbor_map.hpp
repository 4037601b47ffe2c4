// A CBOR map with names for keys, whose items are asked for by name in any order.
#pragma once

#include "detectors/codec/cbor.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sqd {

/// Views into the message. Keys that are no text are passed over, as is everything nobody asks for.
class CborMap {
public:
    static constexpr std::size_t max_entries = 256; ///< of one map; detectors send some 40

    static constexpr std::size_t max_text = 4096;

    CborMap() = default;
    /// Takes the map that comes next. Throws DecodeError: malformed where it is none or has a name twice, oversized, truncated.
    explicit CborMap(cbor::Reader& reader);

    /// The value with the tags in front of it; nullopt where it is absent or null.
    std::optional<cbor::Reader> find(std::string_view key) const;
    /// Names whose values are not null, in the order sent.
    std::vector<std::string> names() const;

    /// A value of the kind asked for, whatever its tags; nullopt also where it is another: an optional key that is wrong does not cost
    /// the message. Text longer than max_text is no name of anything.
    std::optional<std::string> find_text(std::string_view key) const;
    /// A number from 0, also one written as 10.0.
    std::optional<std::uint64_t> find_unsigned(std::string_view key) const;
    /// Finite.
    std::optional<double> find_number(std::string_view key) const;
    std::optional<bool> find_boolean(std::string_view key) const;
    /// Empty where absent, null or no map of its own.
    CborMap find_map(std::string_view key) const;

private:
    std::vector<std::pair<std::string_view, cbor::Reader>> entries_;
};

/// A whole number from 0, also one written as 10.0, of an item by itself; nullopt where it is something else.
std::optional<std::uint64_t> unsigned_in(cbor::Reader value);
/// A finite number of an item by itself.
std::optional<double> number_in(cbor::Reader value);

} // namespace sqd
