// Curves as the text files that people's programs read: pyFAI's .dat, PDFgetX3's .sq .fq .gr.
#pragma once

#include "pipeline/core/results.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sqd {

enum class Overwrite { no, yes };

/// What the head of a file says besides what the curve itself knows. Empty = not said.
struct TextHeader {
    std::string input_file, background_file, composition;
    std::optional<double> background_scale;
    std::vector<std::string> comments; ///< one line each: geometry, flags, uid
};

/// The header of a result: its geometry and what was applied, its scan, provenance and flags.
TextHeader text_header(ReducedResult const& result);

// All write with "." as decimal point whatever the locale, ten digits, NaN as `nan`, columns x, y, sigma (left out where the curve has
// none). They throw IoError (output) when the file exists and overwriting was not asked for, or when it cannot be written.

/// pyFAI's layout: `#` lines (of `name: value`, the calibration as it writes it), the name of the file, columns in the pattern's own unit,
/// I, sigma; and, where they are known, the sums that I is the quotient of and the pixels in the bin: signal, norm, count.
void write_dat(std::filesystem::path const& path, Pattern1D const& pattern, TextHeader const& header, Overwrite overwrite);
/// Two or three columns under `#` lines, as Dioptas writes and reads.
void write_xy(std::filesystem::path const& path, Pattern1D const& pattern, TextHeader const& header, Overwrite overwrite);
/// Fit2D's .chi: title, the two axes, the number of points, two columns. An empty bin is left out: the format knows no nan.
void write_chi(std::filesystem::path const& path, Pattern1D const& pattern, TextHeader const& header, Overwrite overwrite);
/// PDFgetX3's layout: `key = value` lines, `#### start data`, `#L`, then q [1/A], S(q) of the form named in the header.
void write_sq(std::filesystem::path const& path, StructureFactor const& sq, TextHeader const& header, Overwrite overwrite);
/// q [1/A], F = q (S - 1) [1/A], sigma_F = q sigma_S.
void write_fq(std::filesystem::path const& path, StructureFactor const& sq, TextHeader const& header, Overwrite overwrite);
/// r [A], G = 4 pi r (rho - rho0) [1/A^2].
void write_gr(std::filesystem::path const& path, PairDistribution const& gr, TextHeader const& header, Overwrite overwrite);

/// NAME.sq .fq .gr of the ad hoc route, laid out as those above, with rpoly, qmaxinst and the scale in PDFgetX3's names; returns their
/// paths. The scale is arbitrary.
std::vector<std::filesystem::path> write_ad_hoc(std::filesystem::path const& directory, std::string const& name, AdHocCurves const& curves,
                                                TextHeader const& header, Overwrite overwrite);

} // namespace sqd
