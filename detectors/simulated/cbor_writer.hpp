// Writes CBOR as DECTRIS detectors do: definite lengths, every number in its shortest form.
#pragma once

#include "detectors/simulated/message.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace sqd::simulated {

/// Appends one item after another; an array, map or tag is followed by what it announces.
class CborWriter {
public:
    CborWriter() = default;
    /// Without a move of what is written up to so many bytes.
    explicit CborWriter(std::size_t expected_bytes) { out_.reserve(expected_bytes); }

    CborWriter& number(std::uint64_t value) { return head(0, value); }
    /// Half, single or double precision: the shortest that loses nothing.
    CborWriter& real(double value);
    CborWriter& boolean(bool value);
    CborWriter& null();
    CborWriter& text(std::string_view value);
    CborWriter& bytes(std::span<std::byte const> value);
    CborWriter& array(std::size_t items) { return head(4, items); }
    CborWriter& map(std::size_t pairs) { return head(5, pairs); }
    CborWriter& tag(std::uint64_t number) { return head(6, number); }
    /// An item, or several, written elsewhere.
    CborWriter& items(std::span<std::byte const> written);

    Part const& written() const { return out_; }
    Part take() { return std::move(out_); }

private:
    CborWriter& head(unsigned major, std::uint64_t argument);

    Part out_;
};

} // namespace sqd::simulated
