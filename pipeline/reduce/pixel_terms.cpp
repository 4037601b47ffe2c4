#include "pipeline/reduce/pixel_terms.hpp"

#include "pipeline/reduce/pixel_optics.hpp"

namespace sqd {

LargeArray<float> pixel_norm(Geometry const& g, IntegrationConfig const& config, std::optional<Sensor> const& sensor, double energy_keV,
                             ParallelFor const& parallel_for) {
    PixelOptics const optics(g, config, sensor, energy_keV);
    DetectorPlane const plane(g);
    auto const p1 = pixel_centres_m(g.rows, g.pixel1_m, g.poni1_m, rows_flipped(g), config.pyfai_compat);
    auto const p2 = pixel_centres_m(g.cols, g.pixel2_m, g.poni2_m, cols_flipped(g), config.pyfai_compat);
    LargeArray<float> out(g.rows * g.cols);
    parallel_for(g.rows, [&](std::size_t begin, std::size_t end, std::size_t) {
        for (std::size_t row = begin; row < end; ++row) {
            for (std::size_t col = 0; col < g.cols; ++col) out[row * g.cols + col] = optics.norm(plane.at(p1[row], p2[col]));
        }
    });
    return out;
}

} // namespace sqd
