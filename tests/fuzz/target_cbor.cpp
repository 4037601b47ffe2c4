// CBOR by itself: pulled item by item, skipped, as a map, as JSON.
#include "detectors/codec/cbor.hpp"
#include "detectors/codec/cbor_json.hpp"
#include "detectors/codec/cbor_map.hpp"
#include "tests/fuzz/targets.hpp"

#include <nlohmann/json.hpp>

namespace sqd::fuzz {

namespace {

void pull(cbor::Reader& reader, std::size_t depth);

void pull_items(cbor::Reader& reader, cbor::Container container, std::size_t items_each, std::size_t depth) {
    while (reader.more(container))
        for (std::size_t i = 0; i < items_each; ++i) pull(reader, depth);
}

/// Reads an item with the function for its kind. Throws DecodeError.
void pull(cbor::Reader& reader, std::size_t depth) {
    if (depth > cbor::max_depth) throw DecodeError(DecodeFault::oversized, "deeper than skip() goes");
    switch (reader.kind()) {
    case cbor::Kind::unsigned_integer: reader.read_unsigned(); return;
    case cbor::Kind::negative_integer:
    case cbor::Kind::number: reader.read_number(); return;
    case cbor::Kind::bytes: reader.read_bytes(); return;
    case cbor::Kind::text: reader.read_text(); return;
    case cbor::Kind::array: return pull_items(reader, reader.enter_array(), 1, depth + 1);
    case cbor::Kind::map: return pull_items(reader, reader.enter_map(), 2, depth + 1);
    case cbor::Kind::tag: reader.read_tag(); return pull(reader, depth + 1);
    case cbor::Kind::boolean: reader.read_boolean(); return;
    case cbor::Kind::null:
    case cbor::Kind::simple: reader.skip(); return;
    }
}

/// Bytes left after reading one item; nullopt where it is refused.
template <class Read>
std::optional<std::size_t> left_after(Bytes input, Read const& read) {
    cbor::Reader reader(input);
    try {
        read(reader);
        return reader.bytes_left();
    } catch (DecodeError const&) {
        return std::nullopt;
    }
}

void check_map(Bytes input) {
    cbor::Reader reader(input);
    try {
        CborMap const map(reader);
        require(map.names().size() <= CborMap::max_entries, "a map has no more names than it may");
        for (auto const& name : map.names()) {
            require(map.find(name).has_value(), "a name has a value");
            map.find_text(name);
            map.find_boolean(name);
            map.find_unsigned(name);
            map.find_number(name);
        }
    } catch (DecodeError const&) {
    }
}

} // namespace

void run_cbor(Bytes input) {
    auto const pulled = left_after(input, [](cbor::Reader& reader) { pull(reader, 0); });
    auto const skipped = left_after(input, [](cbor::Reader& reader) { reader.skip(); });
    require(!pulled || pulled == skipped, "what can be read can be skipped, to the same byte");
    if (auto const text = json_text_of(cbor::Reader(input))) {
        require(skipped.has_value(), "JSON comes of what can be skipped");
        require(nlohmann::json::accept(*text), "an item as JSON is JSON");
    }
    check_map(input);
}

} // namespace sqd::fuzz
