// JSON parts of detector messages: bounded, and every key read with its type checked.
#pragma once

#include "detectors/codec/pixel_format.hpp"
#include "detectors/decoder.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sqd {

/// The text of a part.
std::string_view text_of(MessagePart const& part);

/// A part that must be a JSON object. NaN and Infinity, which simulators write though JSON has none, read as null; zero bytes behind the
/// text are left out. Throws DecodeError (malformed, oversized) naming `what`.
nlohmann::json parse_object(MessagePart const& part, std::string_view what, DecoderLimits const& limits);

/// A key's value. An absent key and null are nullopt; another type than asked for throws DecodeError (malformed).
std::optional<std::string> find_string(nlohmann::json const& object, char const* key);
std::optional<std::uint64_t> find_unsigned(nlohmann::json const& object, char const* key);
std::optional<double> find_number(nlohmann::json const& object, char const* key);
/// true, false, 1 or 0.
std::optional<bool> find_bool(nlohmann::json const& object, char const* key);

/// The same for what a message is understood without: a value of another type is absent, too. Whole numbers may be written 10.0.
std::optional<std::string> lenient_string(nlohmann::json const& object, char const* key);
std::optional<std::uint64_t> lenient_unsigned(nlohmann::json const& object, char const* key);
std::optional<double> lenient_number(nlohmann::json const& object, char const* key);
std::optional<bool> lenient_bool(nlohmann::json const& object, char const* key);

/// As find_..., but the key must be there: else DecodeError (malformed) naming it.
std::string require_string(nlohmann::json const& object, char const* key);
std::uint64_t require_unsigned(nlohmann::json const& object, char const* key);

/// The sizes in "shape", in the order written; at least two. Throws DecodeError (malformed).
std::vector<std::size_t> require_sizes(nlohmann::json const& object);

/// The first two of them; all others must be 1. Throws DecodeError: malformed, unsupported.
struct WrittenShape {
    std::size_t first = 0, second = 0;
};
WrittenShape require_shape(nlohmann::json const& object);

/// rows * cols where both are positive and the image is within limits; DecodeError (malformed, oversized) otherwise.
std::size_t checked_pixels(std::size_t rows, std::size_t cols, unsigned bytes_per_pixel, DecoderLimits const& limits);

/// The pixel type of "type"; DecodeError (unsupported) for one that is no (u)int8..32.
PixelType require_pixel_type(nlohmann::json const& object);

} // namespace sqd
