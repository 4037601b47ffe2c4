// Pixels are dealt out to the sectors of the rings, and a peak is fitted in each.
#include "pipeline/reduce/ring_sectors.hpp"

#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/peak_fit.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>

namespace sqd {

namespace {

constexpr std::size_t fewest_pixels = 24, fewest_on_flank = 4;
constexpr double narrowest_px = 0.3, sure_peak = 5;

/// Pixels of one ring in one sector; x = distance from the ring's place in units of a pixel.
struct Cell {
    std::vector<double> x, y;
    double chi = 0; ///< sum
};

/// A pixel that belongs to a ring.
struct RingPixel {
    std::size_t cell;
    double x, y, chi;
};

class Dealer {
public:
    Dealer(Geometry const& g, std::vector<RingWindow> const& rings, std::size_t sectors) : g_(g), rings_(rings), sectors_(sectors) {
        for (auto const& ring : rings) {
            step_.push_back(q_per_pixel(g, ring.q_invA));
            low_.push_back(ring.q_invA - ring.half_width_px * step_.back());
            assert(low_.size() < 2 || low_.back() > low_[low_.size() - 2]);
        }
    }

    std::optional<RingPixel> operator()(LabPoint const& point, double value) const {
        double const q = q_invA(two_theta_rad(point), g_.wavelength_A);
        auto const above = std::upper_bound(low_.begin(), low_.end(), q);
        if (above == low_.begin()) return std::nullopt;
        auto const ring = static_cast<std::size_t>(above - low_.begin()) - 1;
        double const x = (q - rings_[ring].q_invA) / step_[ring];
        if (!(x <= rings_[ring].half_width_px)) return std::nullopt;
        double const chi = chi_rad(point), turn = 0.5 + chi / (2 * std::numbers::pi);
        auto const sector = std::min(static_cast<std::size_t>(turn * static_cast<double>(sectors_)), sectors_ - 1);
        return RingPixel{ring * sectors_ + sector, x, value, chi};
    }

    double step(std::size_t ring) const { return step_[ring]; }

private:
    Geometry const& g_;
    std::vector<RingWindow> const& rings_;
    std::size_t sectors_;
    std::vector<double> step_, low_;
};

/// Highest of a profile in steps of a pixel, as a start; nullopt where there is nothing.
std::optional<PeakParameters> start_of(Cell const& cell, double half_width) {
    auto const bins = static_cast<std::size_t>(std::ceil(2 * half_width));
    std::vector<double> sum(bins), count(bins);
    for (std::size_t i = 0; i < cell.x.size(); ++i) {
        auto const b = std::min(static_cast<std::size_t>(std::max(0.0, cell.x[i] + half_width)), bins - 1);
        sum[b] += cell.y[i];
        ++count[b];
    }
    double lowest = std::numeric_limits<double>::infinity(), highest = -lowest;
    std::size_t top = 0;
    for (std::size_t b = 0; b < bins; ++b) {
        if (count[b] < 1) continue;
        double const mean = sum[b] / count[b];
        lowest = std::min(lowest, mean);
        if (mean > highest) {
            highest = mean;
            top = b;
        }
    }
    if (!(highest > lowest)) return std::nullopt;
    double const centre = static_cast<double>(top) + 0.5 - half_width;
    return PeakParameters{highest - lowest, centre, 1.2, 1.2, 0.3, 0.3, lowest, 0};
}

bool has_both_flanks(Cell const& cell, PeakParameters const& p) {
    std::size_t left = 0, right = 0;
    double const reach = std::max(2 * p[peak::width_left], 1.0);
    for (double const x : cell.x) {
        double const from = x - p[peak::centre];
        if (std::abs(from) > reach) continue;
        ++(from < 0 ? left : right);
    }
    return left >= fewest_on_flank && right >= fewest_on_flank;
}

/// Position in pixels from the ring's place.
std::optional<Measured> position(Cell const& cell, double half_width, double frames) {
    if (cell.x.size() < fewest_pixels) return std::nullopt;
    auto const start = start_of(cell, half_width);
    if (!start) return std::nullopt;
    constexpr double any = 1e300;
    PeakBounds const bounds{{0, -0.8 * half_width, narrowest_px, narrowest_px, 0, 0, -any, -any},
                            {any, 0.8 * half_width, half_width, half_width, 1, 1, any, any}};
    PeakFit const rough = fit_peak({cell.x, cell.y, {}}, *start, bounds, PeakModel::pseudo_voigt);
    if (!rough.converged) return std::nullopt;
    double mean = 0;
    for (double const y : cell.y) mean += y / static_cast<double>(cell.y.size());
    std::vector<double> sigma;
    for (double const x : cell.x) sigma.push_back(std::sqrt(std::max({peak_value(rough.parameters, x), 0.02 * mean, 1e-300}) / frames));
    PeakFit const fit = fit_peak({cell.x, cell.y, sigma}, rough.parameters, bounds, PeakModel::pseudo_voigt);
    if (!fit.converged || !fit.proper_minimum() || fit.at_bound[peak::centre] || fit.at_bound[peak::width_left]) return std::nullopt;
    auto const& p = fit.parameters;
    bool const sure = p[peak::height] > sure_peak * std::sqrt(variance_under(fit.response[peak::height], sigma));
    double const variance = variance_under(fit.response[peak::centre], sigma);
    if (!sure || !(variance > 0) || !has_both_flanks(cell, p)) return std::nullopt;
    return Measured{p[peak::centre], std::sqrt(variance)};
}

void check_shapes(Image<double> const& image, Mask const& mask, Geometry const& g) {
    if (image.rows == g.rows && image.cols == g.cols && mask.rows == g.rows && mask.cols == g.cols) return;
    throw DataError("image of " + std::to_string(image.rows) + " x " + std::to_string(image.cols) + " pixels, mask of " +
                    std::to_string(mask.rows) + " x " + std::to_string(mask.cols) + ", geometry of " + std::to_string(g.rows) + " x " +
                    std::to_string(g.cols) + " (shapes must agree) use those of one detector");
}

std::vector<Cell> deal(Image<double> const& image, Mask const& mask, Geometry const& g, Dealer const& cell_of, std::size_t cells,
                       ParallelFor const& parallel_for) {
    std::vector<std::vector<RingPixel>> of_row(g.rows);
    DetectorPlane const plane(g);
    parallel_for(g.rows, [&](std::size_t begin, std::size_t end, std::size_t) {
        for (std::size_t row = begin; row < end; ++row) {
            double const d1 = static_cast<double>(rows_flipped(g) ? g.rows - 1 - row : row) + 0.5;
            for (std::size_t col = 0; col < g.cols; ++col) {
                if (mask(row, col) != 0 || !std::isfinite(image(row, col))) continue;
                double const d2 = static_cast<double>(cols_flipped(g) ? g.cols - 1 - col : col) + 0.5;
                auto const pixel = cell_of(plane.at(d1 * g.pixel1_m - g.poni1_m, d2 * g.pixel2_m - g.poni2_m), image(row, col));
                if (pixel) of_row[row].push_back(*pixel);
            }
        }
    });
    std::vector<Cell> out(cells);
    for (auto const& row : of_row) {
        for (auto const& pixel : row) {
            Cell& cell = out[pixel.cell];
            cell.x.push_back(pixel.x);
            cell.y.push_back(pixel.y);
            cell.chi += pixel.chi;
        }
    }
    return out;
}

} // namespace

double q_per_pixel(Geometry const& g, double q_invA) {
    double const two_theta = two_theta_of_q_rad(q_invA, g.wavelength_A), cosine = std::cos(two_theta);
    double const pixel = std::sqrt(g.pixel1_m * g.pixel2_m);
    return 2 * std::numbers::pi / g.wavelength_A * std::cos(0.5 * two_theta) * cosine * cosine * pixel / g.distance_m;
}

std::vector<RingSector> find_ring_sectors(Image<double> const& image, double frames, Mask const& mask, Geometry const& g,
                                          std::vector<RingWindow> const& rings, std::size_t sectors, ParallelFor const& parallel_for) {
    check_shapes(image, mask, g);
    if (rings.empty() || sectors == 0) return {};
    Dealer const cell_of(g, rings, sectors);
    auto const cells = deal(image, mask, g, cell_of, rings.size() * sectors, parallel_for);
    std::vector<std::optional<Measured>> positions(cells.size());
    parallel_for(cells.size(), [&](std::size_t begin, std::size_t end, std::size_t) {
        for (std::size_t i = begin; i < end; ++i) positions[i] = position(cells[i], rings[i / sectors].half_width_px, frames);
    });
    std::vector<RingSector> out;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (!positions[i]) continue;
        std::size_t const ring = i / sectors;
        double const q = rings[ring].q_invA, step = cell_of.step(ring);
        double const radius_px = std::tan(two_theta_of_q_rad(q, g.wavelength_A)) * g.distance_m / std::sqrt(g.pixel1_m * g.pixel2_m);
        double const x = positions[i]->value + 1 / (24 * radius_px);
        out.push_back({ring, cells[i].chi / static_cast<double>(cells[i].x.size()), {q + x * step, positions[i]->sigma * step}});
    }
    return out;
}

} // namespace sqd
