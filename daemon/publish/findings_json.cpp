#include "daemon/publish/findings_json.hpp"

#include "daemon/publish/known_numbers.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

namespace sqd {

namespace {

using Json = nlohmann::ordered_json;

void put_measured(Json& out, std::string const& key, Measured const& value) {
    put(out, key, value.value);
    put(out, key + "_sigma", value.sigma);
}

Json hot_pixels_json(std::vector<HotPixel> const& pixels) {
    constexpr std::size_t most = 1000;
    Json list = Json::array();
    for (std::size_t i = 0; i < std::min(pixels.size(), most); ++i)
        list.push_back({pixels[i].row, pixels[i].col, pixels[i].counts, pixels[i].expected});
    return {{"found", pixels.size()}, {"list", std::move(list)}};
}

Json line_json(BraggLine const& line) {
    Json out = {{"q", line.q_invA}, {"width", line.width_invA}, {"phase", line.phase}};
    put(out, "variance_excess", line.variance_excess);
    put(out, "intensity_excess", line.intensity_excess);
    put(out, "significance", line.significance);
    return out;
}

void put_shift(Json& out, GeometryShift const& shift) {
    put_measured(out, "distance_m", shift.distance_m);
    put_measured(out, "poni1_m", shift.poni1_m);
    put_measured(out, "poni2_m", shift.poni2_m);
    if (shift.rot1_rad) put_measured(out, "rot1_rad", *shift.rot1_rad);
    if (shift.rot2_rad) put_measured(out, "rot2_rad", *shift.rot2_rad);
    put(out, "scatter_px", shift.scatter_px);
}

Json calibration_json(CalibrationCheck const& check) {
    Json out = {{"calibrant", check.calibrant}, {"verdict", name(check.verdict)}, {"sectors", check.sectors}};
    if (check.shift) {
        put_shift(out, *check.shift);
        put_measured(out, "relative_q", check.relative_q);
    }
    if (check.tilted) put_shift(out["with_tilt"], *check.tilted);
    out["rings"] = Json::array();
    for (auto const& ring : check.rings) {
        Json one = {{"hkl", ring.hkl}, {"q_theory", ring.q_theory_invA}, {"sectors", ring.sectors}};
        put_measured(one, "q", ring.q_invA);
        out["rings"].push_back(std::move(one));
    }
    return out;
}

} // namespace

Json findings_json(Findings const& findings) {
    Json out = Json::object();
    out["hot_pixels"] = hot_pixels_json(findings.hot_pixels);
    out["bragg_lines"] = Json::array();
    for (auto const& line : findings.lines) out["bragg_lines"].push_back(line_json(line));
    if (findings.calibration) out["calibration"] = calibration_json(*findings.calibration);
    return out;
}

} // namespace sqd
