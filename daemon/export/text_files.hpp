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

/// What it says as `# ` lines.
std::string commented_head(TextHeader const& header);

// All are written with "." as decimal point whatever the locale, ten digits, NaN as `nan`, columns x, y, sigma (left out where the curve
// has none).

/// pyFAI's layout: `#` lines (of `name: value`, the calibration as it writes it), the name of the file, columns in the pattern's own unit,
/// I, sigma; and, where they are known, the sums that I is the quotient of and the pixels in the bin: signal, norm, count.
std::string dat_text(Pattern1D const& pattern, TextHeader const& header, std::string const& file);
/// Two or three columns under `#` lines, as Dioptas writes and reads.
std::string xy_text(Pattern1D const& pattern, TextHeader const& header);
/// Fit2D's .chi: title (`name` where the header has no input file), the two axes, the number of points, two columns. An empty bin is left
/// out: the format knows no nan.
std::string chi_text(Pattern1D const& pattern, TextHeader const& header, std::string const& name);
/// PDFgetX3's layout: `key = value` lines, comments without `=`, `#### start data`, `#L`, then q [1/A], S(q) of the form named in the
/// header.
std::string sq_text(StructureFactor const& sq, TextHeader const& header);
/// q [1/A], F = q (S - 1) [1/A], sigma_F = q sigma_S.
std::string fq_text(StructureFactor const& sq, TextHeader const& header);
/// r [A], G = 4 pi r (rho - rho0) [1/A^2], dr (0: not known), sigma_G: the columns of diffpy and PDFgui.
std::string gr_text(PairDistribution const& gr, TextHeader const& header);
/// Those of the ad hoc route, with rpoly, qmaxinst and the scale in PDFgetX3's names. The scale is arbitrary.
std::string sq_text(AdHocCurves const& curves, TextHeader const& header);
std::string fq_text(AdHocCurves const& curves, TextHeader const& header);
std::string gr_text(AdHocCurves const& curves, TextHeader const& header);

// The same as files. They throw IoError (output) when the file exists and overwriting was not asked for, or when it cannot be written.

void write_dat(std::filesystem::path const& path, Pattern1D const& pattern, TextHeader const& header, Overwrite overwrite);
void write_xy(std::filesystem::path const& path, Pattern1D const& pattern, TextHeader const& header, Overwrite overwrite);
void write_chi(std::filesystem::path const& path, Pattern1D const& pattern, TextHeader const& header, Overwrite overwrite);
void write_sq(std::filesystem::path const& path, StructureFactor const& sq, TextHeader const& header, Overwrite overwrite);
void write_fq(std::filesystem::path const& path, StructureFactor const& sq, TextHeader const& header, Overwrite overwrite);
void write_gr(std::filesystem::path const& path, PairDistribution const& gr, TextHeader const& header, Overwrite overwrite);

/// NAME.sq .fq .gr of the ad hoc route; returns their paths.
std::vector<std::filesystem::path> write_ad_hoc(std::filesystem::path const& directory, std::string const& name, AdHocCurves const& curves,
                                                TextHeader const& header, Overwrite overwrite);

} // namespace sqd
