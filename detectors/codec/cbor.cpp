// Every length is held against what is left before it is used; nesting is a counter, not a recursion.
#include "detectors/codec/cbor.hpp"

#include "detectors/codec/byte_order.hpp"
#include "detectors/codec/half_float.hpp"
#include "detectors/codec/utf8.hpp"
#include "pipeline/core/errors.hpp"

#include <array>
#include <bit>
#include <string>

namespace sqd::cbor {

namespace {

constexpr unsigned bytes_major = 2, text_major = 3, array_major = 4, map_major = 5, tag_major = 6, simple_major = 7;
constexpr unsigned one_byte = 24, eight_bytes = 27, indefinite = 31; ///< additional information
constexpr unsigned false_value = 20, true_value = 21, null_value = 22, undefined_value = 23, half = 25, single = 26, full = 27;
constexpr std::byte break_byte{0xFF};

[[noreturn]] void malformed(std::string const& what) {
    throw DecodeError(DecodeFault::malformed, "CBOR: " + what);
}

[[noreturn]] void truncated(std::uint64_t wanted, std::size_t left) {
    throw DecodeError(DecodeFault::truncated,
                      "CBOR ends early (" + std::to_string(wanted) + " bytes announced, " + std::to_string(left) + " left)");
}

Kind kind_of_simple(unsigned info) {
    switch (info) {
    case false_value:
    case true_value: return Kind::boolean;
    case null_value:
    case undefined_value: return Kind::null;
    case half:
    case single:
    case full: return Kind::number;
    default: return Kind::simple;
    }
}

Kind kind_of(unsigned major, unsigned info) {
    return major == simple_major ? kind_of_simple(info) : static_cast<Kind>(major);
}

/// An array, map or tag on the way down: items of it to come, or open until a break.
struct Level {
    std::uint64_t left = 0;
    bool open = false, map = false, between_pairs = true;
};

/// The items right under one of these heads. An array or map of n items takes n bytes at least: more than is left are not believed.
std::uint64_t items_in(unsigned major, std::uint64_t argument, std::size_t bytes_left) {
    std::uint64_t const each = major == map_major ? 2 : 1;
    if (argument > bytes_left / each) truncated(argument, bytes_left);
    return argument * each;
}

} // namespace

char const* name(Kind kind) {
    switch (kind) {
    case Kind::unsigned_integer: return "whole number";
    case Kind::negative_integer: return "negative number";
    case Kind::bytes: return "byte string";
    case Kind::text: return "text";
    case Kind::array: return "array";
    case Kind::map: return "map";
    case Kind::tag: return "tag";
    case Kind::boolean: return "boolean";
    case Kind::null: return "null";
    case Kind::number: return "number";
    case Kind::simple: break;
    }
    return "simple value";
}

Kind Reader::kind() const {
    if (rest_.empty()) truncated(1, 0);
    auto const first = std::to_integer<unsigned>(rest_[0]);
    return kind_of(first >> 5, first & 0x1F);
}

std::span<std::byte const> Reader::take(std::uint64_t bytes) {
    if (bytes > rest_.size()) truncated(bytes, rest_.size());
    auto const taken = rest_.first(static_cast<std::size_t>(bytes));
    rest_ = rest_.subspan(taken.size());
    return taken;
}

Reader::Head Reader::take_head() {
    auto const first = std::to_integer<unsigned>(take(1)[0]);
    Head head{first >> 5, first & 0x1F, first & 0x1F, false};
    if (head.info < one_byte) return head;
    if (head.info == indefinite) {
        if (head.major < bytes_major || head.major == tag_major) malformed("number or tag of indefinite length");
        if (head.major == simple_major) malformed("break outside of anything it could end");
        head.open = true;
        return head;
    }
    if (head.info > eight_bytes) malformed("reserved length " + std::to_string(head.info));
    auto const bytes = take(std::uint64_t{1} << (head.info - one_byte));
    switch (bytes.size()) {
    case 1: head.argument = load_big<std::uint8_t>(bytes.data()); break;
    case 2: head.argument = load_big<std::uint16_t>(bytes.data()); break;
    case 4: head.argument = load_big<std::uint32_t>(bytes.data()); break;
    default: head.argument = load_big<std::uint64_t>(bytes.data());
    }
    if (head.major == simple_major && head.info == one_byte && head.argument < 32) malformed("simple value in two bytes that has one");
    return head;
}

Reader::Head Reader::take_head_of(Kind wanted) {
    auto const found = kind();
    if (found != wanted) malformed(std::string(name(found)) + " where a " + name(wanted) + " is expected");
    return take_head();
}

std::uint64_t Reader::read_unsigned() {
    return take_head_of(Kind::unsigned_integer).argument;
}

double Reader::read_number() {
    auto const found = kind();
    if (found == Kind::unsigned_integer) return static_cast<double>(take_head().argument);
    if (found == Kind::negative_integer) return -1.0 - static_cast<double>(take_head().argument);
    auto const head = take_head_of(Kind::number);
    if (head.info == half) return half_to_double(static_cast<std::uint16_t>(head.argument));
    if (head.info == single) return double{std::bit_cast<float>(static_cast<std::uint32_t>(head.argument))};
    return std::bit_cast<double>(head.argument);
}

bool Reader::read_boolean() {
    return take_head_of(Kind::boolean).info == true_value;
}

std::span<std::byte const> Reader::take_string(Kind wanted) {
    auto const head = take_head_of(wanted);
    if (head.open)
        throw DecodeError(DecodeFault::unsupported,
                          std::string("CBOR: ") + name(wanted) + " in pieces (only strings of known length are read)");
    return take(head.argument);
}

std::string_view Reader::read_text() {
    auto const bytes = take_string(Kind::text);
    std::string_view const text(reinterpret_cast<char const*>(bytes.data()), bytes.size());
    if (!is_utf8(text)) malformed("text that is not UTF-8");
    return text;
}

std::span<std::byte const> Reader::read_bytes() {
    return take_string(Kind::bytes);
}

std::uint64_t Reader::read_tag() {
    return take_head_of(Kind::tag).argument;
}

Container Reader::enter(Kind wanted, std::uint64_t items_each) {
    auto const head = take_head_of(wanted);
    if (head.open) return {0, true};
    return {items_in(head.major, head.argument, rest_.size()) / items_each, false};
}

Container Reader::enter_array() {
    return enter(Kind::array, 1);
}
Container Reader::enter_map() {
    return enter(Kind::map, 2);
}

bool Reader::take_break() {
    if (rest_.empty()) truncated(1, 0);
    if (rest_[0] != break_byte) return false;
    take(1);
    return true;
}

bool Reader::more(Container& container) {
    if (container.open) {
        container.open = !take_break();
        return container.open;
    }
    if (container.left == 0) return false;
    --container.left;
    return true;
}

/// A string of known length, or pieces of that kind up to a break.
void Reader::skip_string(Head const& head) {
    if (!head.open) {
        take(head.argument);
        return;
    }
    while (!take_break()) {
        auto const piece = take_head();
        if (piece.major != head.major || piece.open) malformed("string of pieces that are no strings");
        take(piece.argument);
    }
}

void Reader::skip() {
    std::array<Level, max_depth> levels;
    std::size_t depth = 0;
    do {
        if (depth > 0) {
            auto& level = levels[depth - 1];
            if (level.open ? take_break() : level.left == 0) {
                if (level.open && !level.between_pairs) malformed("map with a key that has no value");
                --depth;
                continue;
            }
            if (!level.open) --level.left;
            if (level.map) level.between_pairs = !level.between_pairs;
        }
        auto const head = take_head();
        if (head.major == bytes_major || head.major == text_major) {
            skip_string(head);
        } else if (head.major >= array_major && head.major <= tag_major) {
            if (depth == max_depth)
                throw DecodeError(DecodeFault::oversized, "CBOR nests deeper than " + std::to_string(max_depth) + " levels");
            std::uint64_t const items = head.major == tag_major ? 1 : head.open ? 0 : items_in(head.major, head.argument, rest_.size());
            levels[depth++] = {items, head.open, head.major == map_major, true};
        }
    } while (depth > 0);
}

Reader Reader::take_item() {
    auto const before = rest_;
    skip();
    return Reader(before.first(before.size() - rest_.size()));
}

Reader& Reader::untag() {
    while (kind() == Kind::tag) read_tag();
    return *this;
}

} // namespace sqd::cbor
