#include "pipeline/reduce/pixel_terms.hpp"

#include "pipeline/reduce/pixel_optics.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace sqd {

PixelTerms pixel_terms(std::span<double const> counts, Mask const& mask, PixelCorrections const& corrections) {
    assert(mask.size() == counts.size() && corrections.optics.size() == counts.size());
    auto const rounded = [&](double value) { return corrections.pyfai_float32 ? static_cast<double>(static_cast<float>(value)) : value; };
    PixelTerms out{std::vector<double>(counts.size()), std::vector<double>(counts.size()), std::vector<double>(counts.size())};
    for (std::size_t i = 0; i < counts.size(); ++i) {
        double norm = rounded(corrections.normalization);
        if (!corrections.flat.empty()) norm = rounded(norm * rounded(corrections.flat[i]));
        norm = rounded(norm * static_cast<double>(corrections.optics[i]));
        double const data = rounded(counts[i]);
        double signal = data, variance = std::max(1.0, data);
        if (corrections.dark) {
            signal = rounded(data - rounded(corrections.dark->signal[i]));
            if (!corrections.dark->variance.empty()) variance += corrections.dark->variance[i];
        }
        if (mask.pixels[i] != 0 || !std::isfinite(signal) || !std::isfinite(norm) || !(norm > 0)) continue;
        out.signal[i] = signal;
        out.variance[i] = variance;
        out.norm[i] = norm;
    }
    return out;
}

std::vector<float> pixel_norm(Geometry const& g, IntegrationConfig const& config, std::optional<Sensor> const& sensor, double energy_keV,
                              ParallelFor const& parallel_for) {
    PixelOptics const optics(g, config, sensor, energy_keV);
    DetectorPlane const plane(g);
    auto const p1 = pixel_centres_m(g.rows, g.pixel1_m, g.poni1_m, rows_flipped(g), config.pyfai_compat);
    auto const p2 = pixel_centres_m(g.cols, g.pixel2_m, g.poni2_m, cols_flipped(g), config.pyfai_compat);
    std::vector<float> out(g.rows * g.cols);
    parallel_for(g.rows, [&](std::size_t begin, std::size_t end, std::size_t) {
        for (std::size_t row = begin; row < end; ++row) {
            for (std::size_t col = 0; col < g.cols; ++col) out[row * g.cols + col] = optics.norm(plane.at(p1[row], p2[col]));
        }
    });
    return out;
}

} // namespace sqd
