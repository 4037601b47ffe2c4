#include "daemon/verbs/geometry_text.hpp"

#include "config/fit2d.hpp"
#include "daemon/verbs/terminal_text.hpp"

namespace sqd {

std::string source_of_geometry(Config const& config) {
    return config.poni_file.empty() ? "geometry.fit2d" : config.poni_file;
}

std::string orientation_in_words(Config const& config) {
    auto const& g = config.geometry;
    return std::to_string(g.orientation) + (config.orientation_stated ? "" : " (not stated)") +
           ": seen from the sample the first pixel is at the " + (rows_flipped(g) ? "top " : "bottom ") +
           (cols_flipped(g) ? "right" : "left") + ", rows go " + (rows_flipped(g) ? "down" : "up") + ", columns to the " +
           (cols_flipped(g) ? "left" : "right");
}

std::string beam_in_words(Geometry const& g) {
    auto const beam = fit2d_on_image(g);
    if (!beam) return "does not meet the plane of the detector";
    return "meets the detector at column " + fixed(beam->center_x_px, 2) + ", row " + fixed(beam->center_y_px, 2) + " after " +
           fixed(beam->distance_mm, 3) + " mm, tilt " + fixed(beam->tilt_deg, 3) + " deg in the plane at " +
           fixed(beam->tilt_plan_rotation_deg, 1) + " deg (as FIT2D has it)";
}

nlohmann::json geometry_json(Config const& config) {
    auto const& g = config.geometry;
    nlohmann::json json{{"source", source_of_geometry(config)},
                        {"distance_m", g.distance_m},
                        {"poni1_m", g.poni1_m},
                        {"poni2_m", g.poni2_m},
                        {"rot1_rad", g.rot1_rad},
                        {"rot2_rad", g.rot2_rad},
                        {"rot3_rad", g.rot3_rad},
                        {"pixel1_m", g.pixel1_m},
                        {"pixel2_m", g.pixel2_m},
                        {"wavelength_A", g.wavelength_A}};
    if (auto const beam = fit2d_on_image(g)) {
        json["beam"] = {{"distance_mm", beam->distance_mm},
                        {"column", beam->center_x_px},
                        {"row", beam->center_y_px},
                        {"tilt_deg", beam->tilt_deg},
                        {"tilt_plan_rotation_deg", beam->tilt_plan_rotation_deg}};
    }
    return json;
}

} // namespace sqd
