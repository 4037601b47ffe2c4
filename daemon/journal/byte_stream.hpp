// Plain values to bytes and back: little-endian, and before whatever varies in length its length.
#pragma once

#include "pipeline/core/errors.hpp"
#include "pipeline/core/pixel_tile.hpp"

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace sqd {

static_assert(std::endian::native == std::endian::little, "numbers are stored as they lie in memory");

/// One list of fields serves both ways: `fields(io, value)`, where `value` is const for a writer.
template <class S, class T>
concept maybe_const = std::same_as<std::remove_const_t<S>, T>;

template <class T>
concept plain_number = std::is_arithmetic_v<T> && !std::same_as<T, bool>;

/// How many values an enumeration has; what is read beyond them is damage. Specialised where its fields are listed.
template <class T>
inline constexpr std::uint8_t enumerators = 0;

class ByteWriter {
public:
    std::span<std::byte const> bytes() const { return bytes_; }
    std::vector<std::byte> take() { return std::move(bytes_); }

    /// One after another.
    template <class... T>
    void each(T const&... values) {
        ((*this)(values), ...);
    }
    /// Structures by their fields(), all else by what it is.
    template <class T>
    void operator()(T const& value) {
        if constexpr (plain_number<T>)
            raw(&value, sizeof value);
        else if constexpr (std::same_as<T, bool>)
            (*this)(static_cast<std::uint8_t>(value ? 1 : 0));
        else if constexpr (std::is_enum_v<T>)
            (*this)(static_cast<std::uint8_t>(value));
        else
            fields(*this, value);
    }
    void operator()(std::string const& text) { array(text.data(), text.size()); }
    template <class T>
    void operator()(std::optional<T> const& value) {
        (*this)(value.has_value());
        if (value) (*this)(*value);
    }
    template <class A, class B>
    void operator()(std::pair<A, B> const& pair) {
        (*this)(pair.first);
        (*this)(pair.second);
    }
    template <class T, class Allocator>
    void operator()(std::vector<T, Allocator> const& values) {
        if constexpr (plain_number<T>) return array(values.data(), values.size());
        (*this)(static_cast<std::uint64_t>(values.size()));
        for (auto const& value : values) (*this)(value);
    }
    /// A bit each.
    void operator()(std::vector<bool> const& values) {
        std::vector<std::uint8_t> bits((values.size() + 7) / 8);
        for (std::size_t i = 0; i < values.size(); ++i)
            if (values[i]) bits[i / 8] = static_cast<std::uint8_t>(bits[i / 8] | 1U << i % 8);
        each(static_cast<std::uint64_t>(values.size()), bits);
    }
    template <class T>
    void operator()(std::map<std::string, T> const& values) {
        (*this)(static_cast<std::uint64_t>(values.size()));
        for (auto const& value : values) (*this)(value);
    }

    /// Whole numbers in as few bytes each as hold them all: width, then the numbers. Their count is not written.
    template <std::unsigned_integral T>
    void narrow(std::span<T const> values) {
        T bits = 0;
        for (T const value : values) bits |= value;
        if (bits <= 0xff)
            narrow_as<std::uint8_t>(values);
        else if (bits <= 0xffff)
            narrow_as<std::uint16_t>(values);
        else if (bits <= 0xffffffff)
            narrow_as<std::uint32_t>(values);
        else
            narrow_as<std::uint64_t>(values);
    }

    /// Their number, and they tile by tile as narrow() writes them: a bright spot makes its neighbourhood longer and not all.
    template <std::unsigned_integral T, class Allocator>
    void packed(std::vector<T, Allocator> const& values) {
        (*this)(static_cast<std::uint64_t>(values.size()));
        for (std::size_t at = 0; at < values.size(); at += tile_pixels)
            narrow(std::span<T const>(values).subspan(at, std::min(tile_pixels, values.size() - at)));
    }

    /// A section: its tag, the length of what `write` writes, and that.
    template <class Write>
    void section(std::uint32_t tag, Write write) {
        (*this)(tag);
        std::size_t const at = bytes_.size();
        (*this)(std::uint64_t{0});
        write();
        std::uint64_t const length = bytes_.size() - at - sizeof(std::uint64_t);
        std::memcpy(bytes_.data() + at, &length, sizeof length);
    }

private:
    void raw(void const* from, std::size_t n) {
        std::size_t const at = bytes_.size();
        bytes_.resize(at + n);
        if (n > 0) std::memcpy(bytes_.data() + at, from, n);
    }
    template <class T>
    void array(T const* values, std::size_t n) {
        (*this)(static_cast<std::uint64_t>(n));
        raw(values, n * sizeof(T));
    }
    template <class Narrow, class T>
    void narrow_as(std::span<T const> values) {
        (*this)(static_cast<std::uint8_t>(sizeof(Narrow)));
        std::size_t const at = bytes_.size();
        bytes_.resize(at + values.size() * sizeof(Narrow));
        std::byte* out = bytes_.data() + at;
        for (T const value : values) {
            auto const small = static_cast<Narrow>(value);
            std::memcpy(out, &small, sizeof small);
            out += sizeof small;
        }
    }

    std::vector<std::byte> bytes_;
};

/// Pixels of any detector that there is (an Eiger 16M has 18 million), and some more.
inline constexpr std::size_t most_image_pixels = std::size_t{1} << 25;

/// Every read throws DataError where the bytes end too early or cannot be what they should: nothing is believed of what is read. Memory is
/// taken for what is there, some tens of bytes for each at most, but for what was written in runs: that has a limit.
class ByteReader {
public:
    /// `most_pixels`: of an image that was written in runs.
    explicit ByteReader(std::span<std::byte const> bytes, std::size_t most_pixels = most_image_pixels)
        : left_(bytes), most_pixels_(most_pixels) {}

    std::size_t most_pixels() const { return most_pixels_; }
    bool at_end() const { return left_.empty(); }
    /// A count of numbers that follow, one byte each and more: never more than there are bytes.
    std::size_t count() {
        auto const n = get<std::uint64_t>();
        if (n > left_.size()) fail("ends too early");
        return n;
    }
    /// The next `n` bytes.
    std::span<std::byte const> take(std::uint64_t n) {
        if (n > left_.size()) fail("ends too early");
        auto const out = left_.first(n);
        left_ = left_.subspan(n);
        return out;
    }
    [[noreturn]] static void fail(char const* what) { throw DataError(std::string("saved state ") + what); }

    template <class... T>
    void each(T&... values) {
        ((*this)(values), ...);
    }
    template <class T>
    void operator()(T& value) {
        if constexpr (plain_number<T>) {
            std::memcpy(&value, take(sizeof value).data(), sizeof value);
        } else if constexpr (std::same_as<T, bool>) {
            value = one_of(2) == 1;
        } else if constexpr (std::is_enum_v<T>) {
            static_assert(enumerators<T> > 0);
            value = static_cast<T>(one_of(enumerators<T>));
        } else {
            fields(*this, value);
        }
    }
    void operator()(std::string& text) {
        auto const n = get<std::uint64_t>();
        auto const bytes = take(n);
        text.assign(reinterpret_cast<char const*>(bytes.data()), bytes.size());
    }
    template <class T>
    void operator()(std::optional<T>& value) {
        value.reset();
        if (get<bool>()) (*this)(value.emplace());
    }
    template <class A, class B>
    void operator()(std::pair<A, B>& pair) {
        (*this)(pair.first);
        (*this)(pair.second);
    }
    template <class T, class Allocator>
    void operator()(std::vector<T, Allocator>& values) {
        std::size_t const n = count();
        values.clear();
        if constexpr (plain_number<T>) {
            if (n > left_.size() / sizeof(T)) fail("ends too early");
            values.resize(n);
            auto const bytes = take(n * sizeof(T));
            if (n > 0) std::memcpy(values.data(), bytes.data(), bytes.size());
        } else {
            for (std::size_t i = 0; i < n; ++i) (*this)(values.emplace_back());
        }
    }
    void operator()(std::vector<bool>& values) {
        auto const n = get<std::uint64_t>();
        auto const bits = get<std::vector<std::uint8_t>>();
        if (n > 8 * bits.size() || bits.size() != (n + 7) / 8) fail("has another number of bits than it says");
        values.resize(n);
        for (std::size_t i = 0; i < n; ++i) values[i] = (bits[i / 8] >> i % 8 & 1) != 0;
    }
    template <class T>
    void operator()(std::map<std::string, T>& values) {
        values.clear();
        for (auto n = get<std::uint64_t>(); n > 0; --n) {
            auto const key = get<std::string>();
            (*this)(values[key]);
        }
    }
    template <class T>
    T get() {
        T value{};
        (*this)(value);
        return value;
    }

    /// What ByteWriter::narrow() wrote, into all of `values`.
    template <std::unsigned_integral T>
    void narrow(std::span<T> values) {
        switch (get<std::uint8_t>()) {
        case 1: return narrow_as<std::uint8_t>(values);
        case 2: return narrow_as<std::uint16_t>(values);
        case 4: return narrow_as<std::uint32_t>(values);
        case 8: return narrow_as<std::uint64_t>(values);
        default: fail("has numbers of an unknown width");
        }
    }

    /// What ByteWriter::packed() wrote.
    template <std::unsigned_integral T, class Allocator>
    void packed(std::vector<T, Allocator>& values) {
        values.resize(count());
        for (std::size_t at = 0; at < values.size(); at += tile_pixels)
            narrow(std::span<T>(values).subspan(at, std::min(tile_pixels, values.size() - at)));
    }

private:
    std::uint8_t one_of(std::uint8_t values) {
        auto const value = get<std::uint8_t>();
        if (value >= values) fail("has a value that does not exist");
        return value;
    }
    template <class Narrow, class T>
    void narrow_as(std::span<T> values) {
        if constexpr (sizeof(Narrow) > sizeof(T)) {
            fail("has numbers that are too wide");
        } else {
            if (values.size() > left_.size() / sizeof(Narrow)) fail("ends too early");
            std::byte const* from = take(values.size() * sizeof(Narrow)).data();
            for (T& value : values) {
                Narrow small;
                std::memcpy(&small, from, sizeof small);
                value = small;
                from += sizeof small;
            }
        }
    }

    std::span<std::byte const> left_;
    std::size_t most_pixels_;
};

} // namespace sqd
