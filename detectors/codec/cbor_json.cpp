// Recursion ends at cbor::max_depth: the item is walked once before it is rendered.
#include "detectors/codec/cbor_json.hpp"

#include "pipeline/core/errors.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <utility>

namespace sqd {

namespace {

using nlohmann::json;

json rendered(cbor::Reader& reader);

/// Whole where it is exact.
json negative(double number) {
    constexpr double exact = 9007199254740992.0; // 2^53
    return number >= -exact ? json(static_cast<std::int64_t>(number)) : json(number);
}

json rendered_array(cbor::Reader& reader) {
    auto array = reader.enter_array();
    json items = json::array();
    while (reader.more(array)) items.push_back(rendered(reader));
    return items;
}

json rendered_map(cbor::Reader& reader) {
    auto map = reader.enter_map();
    json object = json::object();
    while (reader.more(map)) {
        std::string key(reader.read_text());
        object[std::move(key)] = rendered(reader);
    }
    return object;
}

json rendered(cbor::Reader& reader) {
    switch (reader.untag().kind()) {
    case cbor::Kind::unsigned_integer: return reader.read_unsigned();
    case cbor::Kind::negative_integer: return negative(reader.read_number());
    case cbor::Kind::number: return reader.read_number();
    case cbor::Kind::boolean: return reader.read_boolean();
    case cbor::Kind::text: return std::string(reader.read_text());
    case cbor::Kind::array: return rendered_array(reader);
    case cbor::Kind::map: return rendered_map(reader);
    case cbor::Kind::null: reader.skip(); return nullptr;
    default: throw DecodeError(DecodeFault::unsupported, std::string("CBOR: ") + name(reader.kind()) + " has no form in JSON");
    }
}

} // namespace

std::optional<std::string> json_text_of(cbor::Reader item) {
    try {
        auto walked = item.take_item();
        return rendered(walked).dump();
    } catch (DecodeError const&) {
        return std::nullopt;
    }
}

} // namespace sqd
