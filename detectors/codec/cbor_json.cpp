// Recursion ends at cbor::max_depth: the item is walked once before it is rendered.
#include "detectors/codec/cbor_json.hpp"

#include "pipeline/core/errors.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>

namespace sqd {

namespace {

using nlohmann::json;

// Text is written at once: a tree of values would take a hundred times the memory of the item.
void write(cbor::Reader& reader, std::string& out);

/// Whole where it is exact.
json negative(double number) {
    constexpr double exact = 9007199254740992.0; // 2^53
    return number >= -exact ? json(static_cast<std::int64_t>(number)) : json(number);
}

void write_array(cbor::Reader& reader, std::string& out) {
    auto array = reader.enter_array();
    out += '[';
    for (bool first = true; reader.more(array); first = false) {
        if (!first) out += ',';
        write(reader, out);
    }
    out += ']';
}

void write_map(cbor::Reader& reader, std::string& out) {
    auto map = reader.enter_map();
    out += '{';
    for (bool first = true; reader.more(map); first = false) {
        if (!first) out += ',';
        out += json(reader.read_text()).dump() + ':';
        write(reader, out);
    }
    out += '}';
}

void write(cbor::Reader& reader, std::string& out) {
    switch (reader.untag().kind()) {
    case cbor::Kind::unsigned_integer: out += std::to_string(reader.read_unsigned()); return;
    case cbor::Kind::negative_integer: out += negative(reader.read_number()).dump(); return;
    case cbor::Kind::number: out += json(reader.read_number()).dump(); return;
    case cbor::Kind::boolean: out += reader.read_boolean() ? "true" : "false"; return;
    case cbor::Kind::text: out += json(reader.read_text()).dump(); return;
    case cbor::Kind::array: return write_array(reader, out);
    case cbor::Kind::map: return write_map(reader, out);
    case cbor::Kind::null:
        reader.skip();
        out += "null";
        return;
    default: throw DecodeError(DecodeFault::unsupported, std::string("CBOR: ") + name(reader.kind()) + " has no form in JSON");
    }
}

} // namespace

std::optional<std::string> json_text_of(cbor::Reader item) {
    try {
        auto walked = item.take_item();
        std::string text;
        write(walked, text);
        return text;
    } catch (DecodeError const&) {
        return std::nullopt;
    }
}

} // namespace sqd
