// Builds the bin map: geometry of every pixel, then bins, then sums in pixel order.
#include "pipeline/reduce/bin_map.hpp"

#include "pipeline/core/errors.hpp"
#include "pipeline/core/pixel_tile.hpp"
#include "pipeline/reduce/azimuth_sector.hpp"
#include "pipeline/reduce/cake.hpp"
#include "pipeline/reduce/pixel_optics.hpp"
#include "pipeline/reduce/radial_axis.hpp"
#include "pipeline/reduce/ring_integration.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <sstream>

namespace sqd {

namespace {

/// Per pixel of the image, before bins are known.
struct PixelField {
    UnsetArray<double> radial;     ///< coordinate that is binned
    LargeArray<float> norm;        ///< all corrections; 0 outside the sector and where the flat field excludes
    UnsetArray<float> unpolarized; ///< norm / P; empty without polarisation correction
};

/// 0 where the pixel takes no part.
float response_of(FlatField const& flat, std::size_t pixel) {
    double const response = flat.response.pixels[pixel];
    return responds(response) ? static_cast<float>(response) : 0;
}

PixelField pixel_field(Geometry const& g, IntegrationConfig const& config, PixelOptics const& optics, ParallelFor const& parallel_for) {
    std::size_t const pixels = g.rows * g.cols;
    PixelField out{UnsetArray<double>(pixels), LargeArray<float>(pixels), {}};
    if (config.polarization_factor) out.unpolarized.resize(pixels);
    DetectorPlane const plane(g);
    AzimuthSector const sector(config);
    auto const p1 = pixel_centres_m(g.rows, g.pixel1_m, g.poni1_m, rows_flipped(g), config.pyfai_compat);
    auto const p2 = pixel_centres_m(g.cols, g.pixel2_m, g.poni2_m, cols_flipped(g), config.pyfai_compat);
    parallel_for(g.rows, [&](std::size_t begin, std::size_t end, std::size_t) {
        for (std::size_t row = begin; row < end; ++row) {
            for (std::size_t col = 0; col < g.cols; ++col) {
                std::size_t const i = row * g.cols + col;
                LabPoint const point = plane.at(p1[row], p2[col]);
                out.radial[i] = optics.radial(point);
                bool const inside = !config.azimuth_range_deg || sector.holds(chi_rad(point));
                float const response = config.flat ? response_of(*config.flat, i) : 1;
                out.norm[i] = inside ? optics.norm(point) * response : 0;
                if (config.polarization_factor) out.unpolarized[i] = static_cast<float>(optics.unpolarized_norm(point)) * response;
            }
        }
    });
    return out;
}

RadialRange range_of_pixels(std::span<double const> radial, Mask const& mask) {
    RadialRange out;
    for (std::size_t i = 0; i < radial.size(); ++i) {
        if (mask.pixels[i] != 0) continue;
        out.low = std::min(out.low, radial[i]);
        out.high = std::max(out.high, radial[i]);
    }
    if (!(out.low <= out.high)) throw DataError("no pixel is left (the mask excludes all of them) check the mask");
    out.high *= one_plus_eps32;
    return out;
}

/// Bin of each coordinate. Bins are closed on the left, open on the right; with `toward_zero` (pyFAI) the first one also takes
/// the bin's width below the range.
class Binning {
public:
    /// `edges` may be empty: even bins.
    Binning(RadialRange range, std::size_t bins, std::vector<double> edges, bool toward_zero)
        : range_(range), edges_(std::move(edges)), bins_(bins), width_((range.high - range.low) / static_cast<double>(bins)),
          toward_zero_(toward_zero) {}

    /// Bin, or the number of bins for a coordinate outside or not a number.
    std::uint16_t operator()(double radial) const {
        double const position = (radial - range_.low) / width_;
        bool const above_start = toward_zero_ ? position > -1 : position >= 0;
        if (!above_start || !(radial < range_.high)) return static_cast<std::uint16_t>(bins_);
        if (edges_.empty()) return static_cast<std::uint16_t>(std::min(static_cast<std::size_t>(std::max(position, 0.0)), bins_ - 1));
        return static_cast<std::uint16_t>(std::upper_bound(edges_.begin(), edges_.end(), radial) - edges_.begin() - 1);
    }

private:
    RadialRange range_;
    std::vector<double> edges_;
    std::size_t bins_;
    double width_;
    bool toward_zero_;
};

void check(Geometry const& g, Mask const& mask, IntegrationConfig const& config) {
    std::ostringstream problem;
    if (mask.rows != g.rows || mask.cols != g.cols) {
        problem << "mask of " << mask.rows << " x " << mask.cols << " pixels for a detector of " << g.rows << " x " << g.cols
                << " (shapes must agree) use the mask of this detector";
    } else if (config.flat && (config.flat->response.rows != g.rows || config.flat->response.cols != g.cols)) {
        problem << "flat field of " << config.flat->response.rows << " x " << config.flat->response.cols << " pixels for a detector of "
                << g.rows << " x " << g.cols << " (shapes must agree) use one of this detector";
    } else if (g.rows == 0 || g.cols == 0) {
        problem << "detector without pixels (rows or columns are 0) state the detector's shape";
    } else if (!(g.distance_m > 0) || !(g.pixel1_m > 0) || !(g.pixel2_m > 0) || !(g.wavelength_A > 0)) {
        problem << "geometry without distance, pixel size or wavelength (they must be positive) complete the .poni file";
    }
    if (!problem.str().empty()) throw DataError(problem.str());
    check_axis(config);
}

/// Fills bin, norm and the mask's bits.
void assign_pixels(BinMap& map, PixelField field, Mask const& mask, Binning const& bin_of, ParallelFor const& parallel_for) {
    auto const none = static_cast<std::uint16_t>(map.axis.size());
    map.norm = std::move(field.norm);
    map.bin.assign(tile_count(map.pixels()) * tile_pixels, none);
    parallel_for(map.geometry.rows, [&](std::size_t begin, std::size_t end, std::size_t) {
        for (std::size_t i = begin * map.geometry.cols; i < end * map.geometry.cols; ++i) {
            bool const weighs = map.norm[i] > 0 && std::isfinite(map.norm[i]);
            if (mask.pixels[i] == 0 && weighs) map.bin[i] = bin_of(field.radial[i]);
            if (map.bin[i] == none) map.norm[i] = 0;
        }
    });
    map.masked.assign(tile_count(map.pixels()) * tile_words, ~std::uint64_t{0});
    for (std::size_t i = 0; i < map.pixels(); ++i) {
        if (mask.pixels[i] == 0) map.masked[i / 64] &= ~(std::uint64_t{1} << (i % 64));
    }
    map.masked_pixels = masked_pixels(mask);
}

/// Sums over pixels, in pixel order: the same for any number of workers.
void sum_pixels(BinMap& map, std::span<float const> unpolarized) {
    std::size_t const bins = map.axis.size();
    std::vector<double> bare(bins + 1, 0.0);
    map.bin_norm.assign(bins + 1, 0.0);
    map.bin_pixels.assign(bins + 1, 0);
    for (std::size_t i = 0; i < map.pixels(); ++i) {
        std::uint16_t const b = map.bin[i];
        map.bin_norm[b] += static_cast<double>(map.norm[i]);
        ++map.bin_pixels[b];
        if (!unpolarized.empty()) bare[b] += static_cast<double>(unpolarized[i]);
    }
    if (map.bin_pixels[bins] == map.pixels()) {
        throw DataError("no pixel is left in the radial range (all are masked or outside) check range, mask and geometry");
    }
    map.bin_norm.resize(bins);
    map.bin_pixels.resize(bins);
    if (unpolarized.empty()) return;
    map.bin_polarization.resize(bins);
    for (std::size_t b = 0; b < bins; ++b) {
        map.bin_polarization[b] = map.bin_pixels[b] > 0 ? map.bin_norm[b] / bare[b] : std::numeric_limits<double>::quiet_NaN();
    }
}

} // namespace

std::vector<double> centres_invA(Axis const& axis, RadialUnit unit, Geometry const& g) {
    double const to_native = 1 / unit_scale(unit);
    std::vector<double> out;
    out.reserve(axis.size());
    for (double const centre : axis.centres()) {
        switch (unit) {
        case RadialUnit::q_invA: out.push_back(centre); break;
        case RadialUnit::q_invnm: out.push_back(0.1 * centre); break;
        case RadialUnit::two_theta_deg:
        case RadialUnit::two_theta_rad: out.push_back(q_invA(centre * to_native, g.wavelength_A)); break;
        case RadialUnit::r_mm: out.push_back(q_invA(std::atan2(centre * to_native, g.distance_m), g.wavelength_A)); break;
        }
    }
    return out;
}

BinMap build_bin_map(Geometry const& geometry, Mask const& mask, IntegrationConfig const& config, std::optional<Sensor> const& sensor,
                     double energy_keV, ParallelFor const& parallel_for) {
    check(geometry, mask, config);
    PixelField field = pixel_field(geometry, config, PixelOptics(geometry, config, sensor, energy_keV), parallel_for);
    BinMap map;
    map.geometry = geometry;
    map.unit = config.unit;
    map.flat = config.flat;
    bool const asked = config.radial_range || !config.edges.empty();
    RadialRange const range = !config.edges.empty() ? RadialRange{} : asked ? asked_range(config) : range_of_pixels(field.radial, mask);
    map.axis = radial_axis(config, range);
    map.q_invA = centres_invA(map.axis, map.unit, geometry);
    bool const even = config.edges.empty() && !config.log_spacing;
    auto const edges = even ? std::vector<double>{} : binned_edges(map.axis, config.unit);
    Binning const bins(even ? range : RadialRange{edges.front(), edges.back()}, map.axis.size(), edges, config.pyfai_compat);
    auto const unpolarized = std::move(field.unpolarized);
    assign_pixels(map, std::move(field), mask, bins, parallel_for);
    sum_pixels(map, unpolarized);
    if (config.needs_pixels())
        map.rings = std::make_shared<RingBins const>(ring_bins(geometry, mask, map.axis, config, sensor, energy_keV, parallel_for));
    if (config.cake) map.cake = std::make_shared<CakeBins const>(cake_bins(map, mask, config, parallel_for));
    return map;
}

} // namespace sqd
