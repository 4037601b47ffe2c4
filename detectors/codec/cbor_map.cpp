// Names and their values are noted once; a value is parsed when it is asked for.
#include "detectors/codec/cbor_map.hpp"

#include "detectors/codec/excerpt.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <cmath>

namespace sqd {

namespace {

bool is_null(cbor::Reader value) {
    return value.untag().kind() == cbor::Kind::null;
}

std::optional<std::string> text_in(cbor::Reader value) {
    if (value.untag().kind() != cbor::Kind::text || value.bytes_left() > CborMap::max_text) return std::nullopt;
    return std::string(value.read_text());
}

std::optional<bool> boolean_in(cbor::Reader value) {
    if (value.untag().kind() == cbor::Kind::boolean) return value.read_boolean();
    auto const number = unsigned_in(value);
    return number && *number <= 1 ? std::optional(*number == 1) : std::nullopt;
}

/// What `parse` makes of the value; nullopt where that cannot be read (text in pieces, text that is none).
template <class T>
std::optional<T> attempt(std::optional<cbor::Reader> const& value, std::optional<T> (*parse)(cbor::Reader)) {
    try {
        return value ? parse(*value) : std::nullopt;
    } catch (DecodeError const&) {
        return std::nullopt;
    }
}

} // namespace

std::optional<std::uint64_t> unsigned_in(cbor::Reader value) {
    constexpr double above_all = 18446744073709551616.0; // 2^64
    auto const kind = value.untag().kind();
    if (kind == cbor::Kind::unsigned_integer) return value.read_unsigned();
    if (kind != cbor::Kind::number) return std::nullopt;
    double const number = value.read_number();
    if (!(number >= 0 && number < above_all) || number != std::floor(number)) return std::nullopt;
    return static_cast<std::uint64_t>(number);
}

std::optional<double> number_in(cbor::Reader value) {
    auto const kind = value.untag().kind();
    if (kind != cbor::Kind::number && kind != cbor::Kind::unsigned_integer && kind != cbor::Kind::negative_integer) return std::nullopt;
    double const number = value.read_number();
    return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

CborMap::CborMap(cbor::Reader& reader) {
    auto map = reader.enter_map();
    for (std::size_t entries = 0; reader.more(map); ++entries) {
        if (entries == max_entries)
            throw DecodeError(DecodeFault::oversized, "CBOR map of more than " + std::to_string(max_entries) + " keys");
        if (reader.kind() != cbor::Kind::text) {
            reader.skip();
            reader.skip();
            continue;
        }
        auto const key = reader.read_text();
        if (std::ranges::any_of(entries_, [&](auto const& entry) { return entry.first == key; }))
            throw DecodeError(DecodeFault::malformed, "key '" + excerpt(key) + "' comes twice");
        entries_.emplace_back(key, reader.take_item());
    }
}

std::optional<cbor::Reader> CborMap::find(std::string_view key) const {
    auto const found = std::ranges::find_if(entries_, [&](auto const& entry) { return entry.first == key; });
    if (found == entries_.end() || is_null(found->second)) return std::nullopt;
    return found->second;
}

std::vector<std::string> CborMap::names() const {
    std::vector<std::string> names;
    for (auto const& [key, value] : entries_)
        if (!is_null(value)) names.emplace_back(key);
    return names;
}

std::optional<std::string> CborMap::find_text(std::string_view key) const {
    return attempt(find(key), text_in);
}
std::optional<std::uint64_t> CborMap::find_unsigned(std::string_view key) const {
    return attempt(find(key), unsigned_in);
}
std::optional<double> CborMap::find_number(std::string_view key) const {
    return attempt(find(key), number_in);
}

std::optional<bool> CborMap::find_boolean(std::string_view key) const {
    return attempt(find(key), boolean_in);
}

CborMap CborMap::find_map(std::string_view key) const {
    auto value = find(key);
    return value && value->untag().kind() == cbor::Kind::map ? CborMap(*value) : CborMap();
}

} // namespace sqd
