#include "pipeline/reduce/pixel_lines.hpp"

namespace sqd {

namespace {

/// Positions ask for no attenuation, for which an energy would be needed.
IntegrationConfig positions_only(IntegrationConfig config) {
    config.air.reset();
    config.absorber.reset();
    return config;
}

} // namespace

PixelLines::PixelLines(Geometry const& g, IntegrationConfig const& config)
    : plane_(g), optics_(g, positions_only(config), std::nullopt, 0),
      centre1_(pixel_centres_m(g.rows, g.pixel1_m, g.poni1_m, rows_flipped(g), config.pyfai_compat)),
      centre2_(pixel_centres_m(g.cols, g.pixel2_m, g.poni2_m, cols_flipped(g), config.pyfai_compat)),
      edge1_(pixel_edges_m(g.rows, g.pixel1_m, g.poni1_m, rows_flipped(g))),
      edge2_(pixel_edges_m(g.cols, g.pixel2_m, g.poni2_m, cols_flipped(g))), float32_(config.pyfai_compat) {}

void PixelLines::centres(std::size_t row, bool with_chi, PointLine& out) const {
    out.radial.clear();
    out.chi.clear();
    for (double const p2 : centre2_) {
        LabPoint const point = plane_.at(centre1_[row], p2);
        out.radial.push_back(optics_.radial(point));
        out.chi.push_back(with_chi ? chi_rad(point) : 0);
    }
}

void PixelLines::corners(std::size_t line, bool with_chi, PointLine& out) const {
    out.radial.clear();
    out.chi.clear();
    for (double const p2 : edge2_) {
        LabPoint const point = plane_.at(edge1_[line], p2);
        double const radial = optics_.radial(point), chi = with_chi ? chi_rad(point) : 0;
        out.radial.push_back(float32_ ? static_cast<float>(radial) : radial);
        out.chi.push_back(float32_ ? static_cast<float>(chi) : chi);
    }
}

} // namespace sqd
