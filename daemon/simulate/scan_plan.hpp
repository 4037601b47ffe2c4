// What the simulator plays: the series in order, and where on a map the ribbon lies.
#pragma once

#include "pipeline/core/scan.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sqd::simulated {

/// One series. Points of a map are on the sample or beside it, nothing between.
struct PlannedScan {
    Role role = Role::sample;
    std::string name, mount;
    std::uint64_t series_id = 0, frames = 0;
    std::optional<MapGrid> grid;
    std::vector<bool> on_sample; ///< per frame
};

/// Role and number of frames of one series, as "sample:1800" says.
struct ScanRequest {
    Role role;
    std::uint64_t frames;
};

/// "background:400,sample:1800"; throws DataError. Roles: background (all beside the sample) and sample.
std::vector<ScanRequest> parse_scan_requests(std::string const& text);
/// "30x60"; throws DataError.
MapGrid parse_grid(std::string const& text);

/// Numbers the series from `first_id`. A sample series whose frames fill `grid` is a map of it; the points
/// beside a ribbon with slanting edges are off the sample. Its name is `name`, that of the background before it `name`_air; a second
/// series of a kind gets _2, and so on.
std::vector<PlannedScan> plan_scans(std::vector<ScanRequest> const& requests, std::optional<MapGrid> const& grid, std::string const& name,
                                    std::uint64_t first_id);

/// What control would announce, and what the header appendix says, as JSON: role, name, points, grid, mount.
std::string announcement_json(PlannedScan const& scan);

} // namespace sqd::simulated
