// Checked access to the JSON of detector messages.
#include "detectors/json_message.hpp"

#include "detectors/codec/excerpt.hpp"
#include "pipeline/core/errors.hpp"
#include "pipeline/core/json_depth.hpp"

#include <algorithm>
#include <cmath>

namespace sqd {

using nlohmann::json;

namespace {

[[noreturn]] void refuse(char const* key, char const* wanted, json const& found) {
    throw DecodeError(DecodeFault::malformed, std::string("key ") + key + " is no " + wanted + " (" + found.type_name() + ")");
}

/// nullptr where the key is absent or null.
json const* find(json const& object, char const* key) {
    auto const found = object.find(key);
    return found == object.end() || found->is_null() ? nullptr : &*found;
}

/// What `find_value` finds; nullopt where it would throw.
template <class T>
std::optional<T> lenient(std::optional<T> (*find_value)(json const&, char const*), json const& object, char const* key) {
    try {
        return find_value(object, key);
    } catch (DecodeError const&) {
        return std::nullopt;
    }
}

/// The text with NaN, Infinity and -Infinity, where they stand outside of strings, replaced by null.
std::string without_non_numbers(std::string_view text) {
    std::string cleaned;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size();) {
        auto const rest = text.substr(i);
        auto const token = in_string                       ? 0
                           : rest.starts_with("NaN")       ? 3
                           : rest.starts_with("Infinity")  ? 8
                           : rest.starts_with("-Infinity") ? 9
                                                           : 0;
        if (token > 0) {
            cleaned += "null";
            i += static_cast<std::size_t>(token);
            continue;
        }
        std::size_t const length = in_string && text[i] == '\\' ? std::min<std::size_t>(2, rest.size()) : 1;
        if (length == 1 && text[i] == '"') in_string = !in_string;
        cleaned += rest.substr(0, length);
        i += length;
    }
    return cleaned;
}

json parse_text(std::string_view text) {
    auto parsed = json::parse(text.begin(), text.end(), nullptr, false);
    if (!parsed.is_discarded()) return parsed;
    auto const cleaned = without_non_numbers(text);
    return json::parse(cleaned, nullptr, false);
}

template <class T>
T require(std::optional<T> value, char const* key) {
    if (!value) throw DecodeError(DecodeFault::malformed, std::string("message without ") + key);
    return *std::move(value);
}

} // namespace

std::string_view text_of(MessagePart const& part) {
    return {reinterpret_cast<char const*>(part.bytes.data()), part.bytes.size()};
}

json parse_object(MessagePart const& part, std::string_view what, DecoderLimits const& limits) {
    if (part.bytes.size() > limits.max_json_bytes)
        throw DecodeError(DecodeFault::oversized, std::string(what) + " of " + std::to_string(part.bytes.size()) + " bytes (at most " +
                                                      std::to_string(limits.max_json_bytes) + " are read)");
    auto text = text_of(part);
    text = text.substr(0, text.find_last_not_of('\0') + 1);
    if (json_depth(text) > max_json_depth)
        throw DecodeError(DecodeFault::malformed, std::string(what) + " nests deeper than " + std::to_string(max_json_depth) + " brackets");
    auto parsed = parse_text(text);
    if (!parsed.is_object()) throw DecodeError(DecodeFault::malformed, std::string(what) + " is no JSON object");
    return parsed;
}

std::optional<std::string> find_string(json const& object, char const* key) {
    auto const* const value = find(object, key);
    if (!value) return std::nullopt;
    if (!value->is_string()) refuse(key, "string", *value);
    return value->get<std::string>();
}

std::optional<std::uint64_t> find_unsigned(json const& object, char const* key) {
    auto const* const value = find(object, key);
    if (!value) return std::nullopt;
    if (!value->is_number_unsigned()) refuse(key, "whole number from 0", *value);
    return value->get<std::uint64_t>();
}

std::optional<double> find_number(json const& object, char const* key) {
    auto const* const value = find(object, key);
    if (!value) return std::nullopt;
    if (!value->is_number() || !std::isfinite(value->get<double>())) refuse(key, "number", *value);
    return value->get<double>();
}

std::optional<bool> find_bool(json const& object, char const* key) {
    auto const* const value = find(object, key);
    if (!value) return std::nullopt;
    if (value->is_boolean()) return value->get<bool>();
    if (value->is_number_unsigned() && value->get<std::uint64_t>() <= 1) return value->get<std::uint64_t>() == 1;
    refuse(key, "boolean", *value);
}

std::optional<std::string> lenient_string(json const& object, char const* key) {
    return lenient(find_string, object, key);
}
std::optional<double> lenient_number(json const& object, char const* key) {
    return lenient(find_number, object, key);
}
std::optional<bool> lenient_bool(json const& object, char const* key) {
    return lenient(find_bool, object, key);
}

std::optional<std::uint64_t> lenient_unsigned(json const& object, char const* key) {
    constexpr double above_all = 18446744073709551616.0; // 2^64
    if (auto const whole = lenient(find_unsigned, object, key)) return whole;
    auto const number = lenient_number(object, key);
    if (!number || *number < 0 || *number >= above_all || *number != std::floor(*number)) return std::nullopt;
    return static_cast<std::uint64_t>(*number);
}

std::string require_string(json const& object, char const* key) {
    return require(find_string(object, key), key);
}
std::uint64_t require_unsigned(json const& object, char const* key) {
    return require(find_unsigned(object, key), key);
}

std::vector<std::size_t> require_sizes(json const& object) {
    auto const* const shape = find(object, "shape");
    if (!shape) throw DecodeError(DecodeFault::malformed, "message without shape");
    if (!shape->is_array() || shape->size() < 2) refuse("shape", "list of two sizes", *shape);
    std::vector<std::size_t> sizes;
    for (auto const& size : *shape) {
        if (!size.is_number_unsigned()) refuse("shape", "list of whole numbers", size);
        sizes.push_back(size.get<std::size_t>());
    }
    return sizes;
}

WrittenShape require_shape(json const& object) {
    auto const sizes = require_sizes(object);
    for (std::size_t i = 2; i < sizes.size(); ++i)
        if (sizes[i] != 1)
            throw DecodeError(DecodeFault::unsupported,
                              "shape has " + std::to_string(sizes.size()) + " axes (only single images are read)");
    return {sizes[0], sizes[1]};
}

std::size_t checked_pixels(std::size_t rows, std::size_t cols, unsigned bytes_per_pixel, DecoderLimits const& limits) {
    if (rows == 0 || cols == 0) throw DecodeError(DecodeFault::malformed, "image without pixels (a side of its shape is 0)");
    if (rows > limits.max_pixels / cols || rows * cols > limits.max_image_bytes / bytes_per_pixel)
        throw DecodeError(DecodeFault::oversized, "image of " + std::to_string(rows) + " x " + std::to_string(cols) + " pixels (at most " +
                                                      std::to_string(limits.max_pixels) + " pixels and " +
                                                      std::to_string(limits.max_image_bytes) + " bytes are read)");
    return rows * cols;
}

PixelType require_pixel_type(json const& object) {
    auto const written = require_string(object, "type");
    auto const type = parse_pixel_type(written);
    if (!type) throw DecodeError(DecodeFault::unsupported, "pixels of type " + excerpt(written) + " (8, 16 and 32 bit integers are read)");
    return *type;
}

} // namespace sqd
