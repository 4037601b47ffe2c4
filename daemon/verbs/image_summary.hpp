// One image in a line: what it is, what its pixels sum up to, and their checksum.
#pragma once

#include "daemon/import/file_series.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cstdint>
#include <string>

namespace sqd {

/// Pixels exactly as decoded, none of them judged.
struct ImageSummary {
    std::string item;
    std::uint64_t series = 0, frame = 0;
    std::string channel, encoding;
    std::size_t rows = 0, cols = 0;
    std::string dtype;           ///< "uint16", "int32", "float32"
    std::uint64_t sentinels = 0; ///< unsigned pixels: the type's largest value; signed: below 0; floating point: not finite
    nlohmann::json sum, max;     ///< of the other pixels, exact: whole numbers where the pixels are
    std::string sha256;          ///< of the little-endian pixels
};

/// `frame` must have been read with PixelRule::as_written. Throws DecodeError.
ImageSummary summary_of(std::string const& item, Frame const& frame);
ImageSummary summary_of(std::string const& item, FloatImage const& image);

inline constexpr std::size_t summary_columns = 11;
/// Names of the columns of a table.
extern std::array<char const*, summary_columns> const summary_header;
/// One image in those columns; control characters in names read `?`.
std::array<std::string, summary_columns> summary_cells(ImageSummary const& image);
nlohmann::json summary_json(ImageSummary const& image);

} // namespace sqd
