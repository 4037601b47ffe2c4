// A pull parser of CBOR (RFC 8949) over bytes that stay where they are: nothing is copied, nothing is allocated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace sqd::cbor {

/// Arrays, maps and tags inside one another; deeper items are refused.
inline constexpr std::size_t max_depth = 16;

enum class Kind : std::uint8_t { unsigned_integer, negative_integer, bytes, text, array, map, tag, boolean, null, number, simple };

/// What an error calls it.
char const* name(Kind kind);

/// An array or map that is being read; Reader::more() steps through it.
struct Container {
    std::uint64_t left = 0; ///< items (of a map: pairs) to come; of no meaning when open
    bool open = false;      ///< of indefinite length: a break ends it
};

/// Reads one item after another. Each function takes what it names from the front, or throws DecodeError: truncated where the bytes end
/// early, malformed where they are no CBOR or another kind of item comes, oversized beyond max_depth, unsupported for text and byte
/// strings sent in pieces (they would have to be copied). A length is believed only if that much is left.
class Reader {
public:
    explicit Reader(std::span<std::byte const> bytes) : rest_(bytes) {}

    bool at_end() const { return rest_.empty(); }
    std::size_t bytes_left() const { return rest_.size(); }

    /// Of the next item. undefined (simple value 23) is null, too.
    Kind kind() const;

    std::uint64_t read_unsigned();
    /// An integer or a half, single or double precision number.
    double read_number();
    bool read_boolean();
    /// Views into the bytes; text is checked to be UTF-8.
    std::string_view read_text();
    std::span<std::byte const> read_bytes();
    /// The number of a tag; the item it belongs to comes next.
    std::uint64_t read_tag();

    Container enter_array();
    Container enter_map();
    /// True: another item (of a map: a key and its value) follows, to be read before the next call.
    bool more(Container& container);

    /// Passes over the next item, whatever it is and holds.
    void skip();
    /// The next item by itself, passed over: a reader of exactly its bytes.
    Reader take_item();
    /// Passes over tags in front of an item.
    Reader& untag();

private:
    struct Head {
        unsigned major = 0, info = 0;
        std::uint64_t argument = 0;
        bool open = false;
    };
    Head take_head();
    Head take_head_of(Kind wanted);
    std::span<std::byte const> take(std::uint64_t bytes);
    std::span<std::byte const> take_string(Kind wanted);
    Container enter(Kind wanted, std::uint64_t items_each);
    void skip_string(Head const& head);
    bool take_break();

    std::span<std::byte const> rest_;
};

} // namespace sqd::cbor
