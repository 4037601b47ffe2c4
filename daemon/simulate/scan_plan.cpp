#include "daemon/simulate/scan_plan.hpp"

#include "pipeline/core/errors.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <map>
#include <sstream>
#include <string_view>

namespace sqd::simulated {

namespace {

/// Edges of the ribbon as fractions of a line's length, at the first and the last line of the map.
constexpr double left_first = 0.06, left_last = 0.14, right_first = 0.88, right_last = 0.95;

std::uint64_t parse_count(std::string_view text, std::string const& whole) {
    std::uint64_t value = 0;
    auto const end = text.data() + text.size();
    auto const [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end || value == 0 || value > 100'000'000)
        throw DataError("'" + whole + "' is not understood ('" + std::string(text) +
                        "' is not a number from 1 to 100000000) write it anew");
    return value;
}

bool on_ribbon(MapGrid const& grid, std::uint64_t point) {
    auto const line = point / grid.cols;
    auto col = point % grid.cols;
    if (grid.snake && line % 2 == 1) col = grid.cols - 1 - col;
    auto const down = grid.rows > 1 ? static_cast<double>(line) / static_cast<double>(grid.rows - 1) : 0;
    auto const along = (static_cast<double>(col) + 0.5) / static_cast<double>(grid.cols);
    return along > left_first + (left_last - left_first) * down && along < right_first + (right_last - right_first) * down;
}

} // namespace

std::vector<ScanRequest> parse_scan_requests(std::string const& text) {
    std::vector<ScanRequest> requests;
    std::istringstream items(text);
    for (std::string item; std::getline(items, item, ',');) {
        auto const colon = item.find(':');
        auto const role = parse_role(item.substr(0, colon));
        if (colon == std::string::npos || (role != Role::sample && role != Role::background))
            throw DataError("scan '" + item + "' is not understood (a series is role:frames) write background:400 or sample:1800");
        requests.push_back({*role, parse_count(std::string_view(item).substr(colon + 1), item)});
    }
    if (requests.empty()) throw DataError("no scan is asked for (the list is empty) write background:400,sample:1800");
    return requests;
}

MapGrid parse_grid(std::string const& text) {
    auto const cross = text.find('x');
    if (cross == std::string::npos) throw DataError("grid '" + text + "' is not understood (a grid is ROWSxCOLS) write 30x60");
    auto const view = std::string_view(text);
    return {parse_count(view.substr(0, cross), text), parse_count(view.substr(cross + 1), text), {}, false};
}

std::vector<PlannedScan> plan_scans(std::vector<ScanRequest> const& requests, std::optional<MapGrid> const& grid, std::string const& name,
                                    std::uint64_t first_id) {
    std::vector<PlannedScan> scans;
    std::map<Role, int> seen;
    for (auto const& request : requests) {
        PlannedScan scan;
        scan.role = request.role;
        scan.frames = request.frames;
        scan.series_id = first_id + scans.size();
        scan.mount = "m1";
        scan.name = request.role == Role::sample ? name : name + "_air";
        if (auto const number = ++seen[request.role]; number > 1) scan.name.append("_").append(std::to_string(number));
        if (request.role == Role::sample && grid && request.frames == grid->rows * grid->cols) scan.grid = grid;
        for (std::uint64_t i = 0; i < scan.frames; ++i)
            scan.on_sample.push_back(request.role == Role::sample && (!scan.grid || on_ribbon(*scan.grid, i)));
        scans.push_back(std::move(scan));
    }
    return scans;
}

std::string announcement_json(PlannedScan const& scan) {
    nlohmann::ordered_json json = {{"role", name(scan.role)}, {"name", scan.name}, {"points", scan.frames}};
    if (scan.grid) {
        json["grid"] = {scan.grid->rows, scan.grid->cols};
        if (scan.grid->snake) json["snake"] = true;
        if (!scan.grid->pitch_um.empty()) json["pitch_um"] = scan.grid->pitch_um;
    }
    json["mount"] = scan.mount;
    return json.dump();
}

} // namespace sqd::simulated
