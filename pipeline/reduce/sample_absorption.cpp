// Absorption in plates and cylinders.
#include "pipeline/reduce/sample_absorption.hpp"

#include "pipeline/reduce/chebyshev.hpp"
#include "pipeline/reduce/gauss_legendre.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>

namespace sqd {

namespace {

using std::numbers::pi;

/// (1 - exp(-x)) / x
double mean_of_decay(double x) {
    return std::abs(x) < 1e-12 ? 1 : -std::expm1(-x) / x;
}

/// Mean over azimuth of a plate tilted by `tilt`; azimuths are counted from the direction that it is tilted to. The integrand has a kink
/// where the ray out runs along the plate: there the range is divided.
class TiltedRing {
public:
    TiltedRing(Sample const& sample, std::optional<std::pair<double, double>> const& sector_deg) : tilt_(sample.tilt_rad) {
        constexpr double degree = pi / 180;
        if (!sector_deg) return; // symmetric: half of the ring is enough
        from_ = sector_deg->first * degree - sample.tilt_azimuth_rad;
        double const width = (sector_deg->second - sector_deg->first) * degree;
        to_ = from_ + (width > 0 ? width : width + 2 * pi);
    }

    double operator()(double in, double out, double cos_two_theta) const {
        double const sin_two_theta = std::sqrt(std::max(0.0, 1 - cos_two_theta * cos_two_theta));
        double const across = std::sin(tilt_) * sin_two_theta, along = std::cos(tilt_) * cos_two_theta;
        double sum = 0;
        auto const ends = parts(across, along);
        for (std::size_t i = 1; i < ends.size(); ++i) {
            double const middle = (ends[i] + ends[i - 1]) / 2, half = (ends[i] - ends[i - 1]) / 2;
            for (std::size_t k = 0; k < points_.x.size(); ++k)
                sum += half * points_.weight[k] *
                       tilted_plate_absorption(in, out, std::cos(tilt_), along + across * std::cos(middle + half * points_.x[k]));
        }
        return sum / (to_ - from_);
    }

private:
    // Ends of the parts of the range, with the azimuths of rays along the plate between them.
    std::vector<double> parts(double across, double along) const {
        std::vector<double> ends{from_};
        if (across > along) {
            double const kink = std::acos(-along / across);
            for (double turn = -4 * pi; turn <= 4 * pi; turn += 2 * pi) {
                for (double const at : {turn - kink, turn + kink})
                    if (at > from_ && at < to_) ends.push_back(at);
            }
        }
        ends.push_back(to_);
        std::sort(ends.begin(), ends.end());
        return ends;
    }

    Quadrature points_ = gauss_legendre(24, -1, 1);
    double tilt_, from_ = 0, to_ = pi;
};

/// Mean over the azimuth of the ray out; the four quarters of a ring are alike.
double cylinder_ring(double in, double out, double cos_two_theta) {
    constexpr std::size_t azimuths = 8;
    double const sin_two_theta = std::sqrt(std::max(0.0, 1 - cos_two_theta * cos_two_theta));
    auto const points = gauss_legendre(azimuths, 0, pi / 2);
    double sum = 0;
    for (std::size_t k = 0; k < azimuths; ++k) {
        // in the plane across the axis the way out is shorter by the factor `in_plane`
        double const y = sin_two_theta * std::cos(points.x[k]), in_plane = std::hypot(cos_two_theta, y);
        sum += points.weight[k] * cylinder_absorption(in, out / in_plane, std::atan2(y, cos_two_theta));
    }
    return sum / (pi / 2);
}

/// ln A of a cylinder is smooth in angle and thickness: it is worked out on a few points of both and interpolated.
std::vector<double> cylinder_rings(double in, std::vector<double> const& out, std::vector<double> const& cos_two_theta) {
    constexpr std::size_t angles = 16, thicknesses = 6;
    auto const [least, most] = std::minmax_element(out.begin(), out.end());
    double const smallest = *std::min_element(cos_two_theta.begin(), cos_two_theta.end());
    Chebyshev const angle(0, std::acos(std::clamp(smallest, -1.0, 1.0)), angles);
    Chebyshev const thickness(*least, *most, *most > *least ? thicknesses : 1);
    std::vector<std::vector<double>> table; // ln A, a row per thickness
    for (double const x : thickness.points()) {
        std::vector<double>& row = table.emplace_back();
        for (double const a : angle.points()) row.push_back(std::log(cylinder_ring(in, x, std::cos(a))));
    }
    std::vector<double> result, column(table.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
        auto const weights = angle.weights(std::acos(std::clamp(cos_two_theta[i], -1.0, 1.0)));
        for (std::size_t row = 0; row < table.size(); ++row) column[row] = Chebyshev::interpolate(weights, table[row]);
        result.push_back(std::exp(Chebyshev::interpolate(thickness.weights(out[i]), column)));
    }
    return result;
}

} // namespace

double plate_absorption(double thickness_in, double thickness_out, double cos_two_theta) {
    if (!(cos_two_theta > 0)) return std::numeric_limits<double>::quiet_NaN();
    return std::exp(-thickness_in) * mean_of_decay(thickness_out / cos_two_theta - thickness_in);
}

double tilted_plate_absorption(double thickness_in, double thickness_out, double cos_in, double cos_out) {
    double const in = thickness_in / cos_in, out = thickness_out / std::abs(cos_out);
    if (std::isinf(out)) return 0;
    if (std::isnan(out)) return mean_of_decay(in); // along a plate that absorbs nothing on the way out
    return cos_out < 0 ? mean_of_decay(in + out) : std::exp(-in) * mean_of_decay(out - in);
}

double cylinder_absorption(double diameter_in, double diameter_out, double angle_rad) {
    static Quadrature const points = gauss_legendre(48, -1, 1); // across the beam as sin(u), and along each chord
    double const in = diameter_in / 2, out = diameter_out / 2, along = std::cos(angle_rad), across = std::sin(angle_rad);
    double sum = 0;
    for (std::size_t i = 0; i < points.x.size(); ++i) {
        double const u = pi / 2 * points.x[i], y = std::sin(u), half_chord = std::cos(u);
        for (std::size_t k = 0; k < points.x.size(); ++k) {
            double const x = half_chord * points.x[k], offset = x * across - y * along;
            double const way_out = std::sqrt(std::max(0.0, 1 - offset * offset)) - (x * along + y * across);
            sum += points.weight[i] * points.weight[k] * half_chord * half_chord * std::exp(-in * (x + half_chord) - out * way_out);
        }
    }
    return sum / 2; // the area of the section is pi, du = (pi / 2) d(point)
}

double sample_transmission(Sample const& sample, double thickness) {
    if (sample.shape == SampleShape::plate) return std::exp(-thickness * mean_path(sample));
    auto const points = gauss_legendre(48, 0, pi / 2);
    double sum = 0;
    for (std::size_t i = 0; i < points.x.size(); ++i)
        sum += points.weight[i] * std::cos(points.x[i]) * std::exp(-thickness * std::cos(points.x[i]));
    return sum;
}

double thickness_of_transmission(Sample const& sample, double transmission) {
    if (sample.shape == SampleShape::plate) return -std::log(transmission) / mean_path(sample);
    double low = 0, high = 1;
    while (sample_transmission(sample, high) > transmission) high *= 2;
    constexpr int halvings = 60;
    for (int i = 0; i < halvings; ++i) {
        double const middle = (low + high) / 2;
        (sample_transmission(sample, middle) > transmission ? low : high) = middle;
    }
    return (low + high) / 2;
}

double mean_path(Sample const& sample) {
    if (sample.shape == SampleShape::cylinder) return pi / 4;
    return sample.tilt_rad == 0 ? 1 : 1 / std::cos(sample.tilt_rad);
}

std::vector<double> ring_absorption(Sample const& sample, std::optional<std::pair<double, double>> const& sector_deg, double thickness_in,
                                    std::vector<double> const& thickness_out, std::vector<double> const& cos_two_theta) {
    std::vector<double> result;
    if (thickness_out.empty()) return result;
    if (sample.shape == SampleShape::cylinder) return cylinder_rings(thickness_in, thickness_out, cos_two_theta);
    TiltedRing const tilted(sample, sector_deg);
    for (std::size_t i = 0; i < thickness_out.size(); ++i) {
        double const c = cos_two_theta[i];
        result.push_back(sample.tilt_rad == 0 ? plate_absorption(thickness_in, thickness_out[i], c)
                                              : tilted(thickness_in, thickness_out[i], c));
    }
    return result;
}

} // namespace sqd
