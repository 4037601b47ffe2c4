// Scans against a parameter that was announced with them: temperature, pressure, time.
#pragma once

#include "pipeline/core/results.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace sqd {

struct SeriesScan {
    std::filesystem::path archive;
    ReducedResult result;
    double at = 0; ///< of the parameter
};

struct Series {
    std::string parameter;
    std::vector<SeriesScan> scans;     ///< by the parameter, then by time; samples alone
    std::vector<std::string> left_out; ///< "air_background.nxs: is a background"
};

/// `time` is seconds from the first frame of the earliest scan; every other parameter has to be announced with a scan, or it is left out.
Series series_of(std::string const& parameter, std::vector<SeriesScan> scans);

/// A row for each scan: the parameter, which scan, its peak with all sigmas, height, alpha, the first shell, flags; nan = not known.
std::string series_csv(Series const& series);

} // namespace sqd
