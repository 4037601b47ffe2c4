#include "daemon/export/calibration_lines.hpp"

#include "config/fit2d.hpp"
#include "config/poni_text.hpp"
#include "config/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <sstream>

namespace sqd {

namespace {

std::string truth(bool value) {
    return value ? "True" : "False";
}

void add_fit2d(std::vector<std::string>& out, Geometry const& geometry) {
    auto const beam = fit2d_on_image(geometry);
    if (!beam) return;
    out.push_back(fmt::format("Fit2D distance: {:.3f} mm", beam->distance_mm));
    out.push_back(fmt::format("Fit2D center: x={:.3f}, y={:.3f} pix", beam->center_x_px, beam->center_y_px));
    out.push_back(fmt::format("Fit2D tilt: {:.3f} deg  TiltPlanRot: {:.3f} deg", beam->tilt_deg, beam->tilt_plan_rotation_deg));
}

double exposure_x_monitor(PointTable const& points) {
    double sum = 0;
    for (std::size_t i = 0; i < points.number.size(); ++i)
        if (points.reason[i].empty()) sum += points.exposure_s[i] * points.monitor[i];
    return sum;
}

} // namespace

std::vector<std::string> calibration_lines(ReducedResult const& result) {
    std::vector<std::string> out;
    std::istringstream poni(poni_text(result.geometry));
    for (std::string line; std::getline(poni, line);) out.push_back(line);
    add_fit2d(out, result.geometry);
    IntegrationNote const& how = result.provenance.integration;
    out.push_back("Detector name: " + result.detector);
    out.push_back("Mask applied: " + text_of_masks(how));
    out.push_back("Dark current applied: " + truth(applied(result.provenance, "dark")));
    out.push_back("Flat field applied: " + truth(applied(result.provenance, "flat")));
    out.push_back("Solid angle applied: " + truth(applied(result.provenance, "solid_angle")));
    out.push_back("Polarization factor: " + (how.polarization_factor ? render(*how.polarization_factor) : "None"));
    out.push_back("Pixel splitting: " + how.split);
    out.push_back("Error model: " + how.error_model);
    if (result.points) out.push_back("Normalization factor: " + render(exposure_x_monitor(*result.points)));
    return out;
}

} // namespace sqd
