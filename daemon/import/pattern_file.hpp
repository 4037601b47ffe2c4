// Reads one-dimensional patterns as text: .xy .xye .chi .dat and their kin.
#pragma once

#include "pipeline/core/curves.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace sqd {

/// What the reader cannot know from the file.
struct PatternFileOptions {
    std::optional<RadialUnit> unit; ///< absent: as the file says, else q in 1/A
    double wavelength_A = 0;        ///< for 2 theta
};

struct PatternFile {
    Pattern1D pattern;            ///< sigma = sqrt(|I|), at least that of the smallest count, where the file has none
    bool unit_assumed = false;    ///< neither the caller nor the header said it
    bool sigma_assumed = false;   ///< the file had two columns
    std::size_t skipped_rows = 0; ///< rows with a NaN or an infinity
};

/// Two or three columns x, I[, sigma], or the six that `sqd replay --export dat` labels x, I, sigma, signal, norm, count, separated by
/// blanks, commas or semicolons; x must increase. Lines before the data are a header: a row is data when it has the column count that most
/// rows of the file have; `#` and `!` begin comments; .chi has four header lines. Throws IoError (input) for a file that cannot be read,
/// DataError `file:line: problem (why) suggestion` for what is in it.
PatternFile read_pattern_file(std::filesystem::path const& path, PatternFileOptions const& options);

/// The same from text; `file` is used in messages, its ending chooses the rules.
PatternFile parse_pattern(std::string_view text, std::filesystem::path const& file, PatternFileOptions const& options);

/// "q_A^-1", "q_nm^-1", "2th_deg", "2th_rad"; nullopt otherwise.
std::optional<RadialUnit> parse_pattern_unit(std::string_view text);

/// The whole of a file; throws IoError (input).
std::string read_whole_file(std::filesystem::path const& path);

} // namespace sqd
