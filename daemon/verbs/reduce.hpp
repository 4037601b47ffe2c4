// `sqd reduce`: one pattern or mean image and its background to S(q), the first sharp peak and G(r).
#pragma once

#include "config/config.hpp"
#include "daemon/export/text_files.hpp"
#include "pipeline/core/results.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace sqd {

/// What the command line says.
struct ReduceRequest {
    std::string sample, background;                  ///< text patterns or .npy images; no background = empty
    std::optional<RadialUnit> unit;                  ///< of text patterns; absent = as their headers say
    std::optional<double> scale;                     ///< factor of the background, in place of the transmission-weighted one
    std::optional<double> frames, background_frames; ///< of a mean image; absent = 1, and a flag says so
    double exposure_s = 1;                           ///< per frame
};

/// In what unit the first column of an input was taken, and why.
struct InputUnit {
    std::string part; ///< "sample", "background"
    std::string file, unit;
    std::string source; ///< "option", "header", "geometry" (images), "assumed"
};

struct FilesReduced {
    ReducedResult result;
    std::vector<InputUnit> inputs;
};

/// Reads the files and runs the recipe of the configuration. An image is the mean of `frames` frames; a pattern is taken as it is. Where a
/// scale is given, the data count as corrected for transmission: T = 1, no self-absorption. A background on another grid is interpolated.
/// Flags say what was assumed: sigma_assumed_poisson, background_interpolated, cut_to_background:<bins>, rows_skipped:<rows>,
/// frames_assumed_1, and sample_unit_assumed or background_unit_assumed where the unit of the other input was stated.
/// Throws IoError, DataError.
FilesReduced reduce_files(ReduceRequest const& request, Config const& config);

/// What the heads of the exported files say: files, composition, factor of the background, flags.
TextHeader reduce_header(ReduceRequest const& request, Config const& config, ReducedResult const& result);

/// Writes NAME.dat .sq .fq .gr, those that there are, into a directory that is made; returns their paths. .dat holds the net pattern, or
/// the sample's where there is no background.
std::vector<std::filesystem::path> export_curves(ReducedResult const& result, TextHeader const& header,
                                                 std::filesystem::path const& directory, Overwrite overwrite);

void add_reduce(CLI::App& app, std::function<int()>& run);

} // namespace sqd
