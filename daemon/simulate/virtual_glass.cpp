#include "daemon/simulate/virtual_glass.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <thread>
#include <vector>

namespace sqd::simulated {

namespace {

/// A ray from the sample to a point of the detector.
struct Ray {
    double cos_two_theta, cos_incidence, distance_m;
    double transverse; ///< sin^2(2 theta) cos(2 chi)
};

/// The PONI geometry as an optical bench: the detector plane stands at `distance`, its axes turned by R3 R2 R1 about the sample.
/// Written apart from pipeline/core/geometry.cpp on purpose: an error there must not be in the images, too.
class Bench {
public:
    explicit Bench(Geometry const& g) : g_(g) {
        auto const s1 = std::sin(g.rot1_rad), c1 = std::cos(g.rot1_rad), s2 = std::sin(g.rot2_rad), c2 = std::cos(g.rot2_rad);
        auto const s3 = std::sin(g.rot3_rad), c3 = std::cos(g.rot3_rad);
        up_ = {c2 * c3, c3 * s1 * s2 - c1 * s3, -(c1 * c3 * s2 + s1 * s3)};
        side_ = {c2 * s3, c1 * c3 + s1 * s2 * s3, -(c1 * s2 * s3 - c3 * s1)};
        along_ = {s2, -c2 * s1, c1 * c2};
    }

    /// `row`, `col` in pixels from the corner of the image as stored.
    Ray ray(double row, double col) const {
        auto const y = (flips_rows() ? static_cast<double>(g_.rows) - row : row) * g_.pixel1_m - g_.poni1_m;
        auto const x = (flips_cols() ? static_cast<double>(g_.cols) - col : col) * g_.pixel2_m - g_.poni2_m;
        std::array const p{y, x, g_.distance_m};
        auto const up = dot(up_, p), side = dot(side_, p), along = dot(along_, p);
        auto const distance = std::sqrt(dot(p, p));
        return {along / distance, g_.distance_m / distance, distance, (side * side - up * up) / (distance * distance)};
    }

    /// Row and column of the ray along the beam: the plane's own coordinates of the laboratory's third axis.
    DirectBeam direct_beam() const {
        auto const y = (g_.distance_m * along_[0] / along_[2] + g_.poni1_m) / g_.pixel1_m;
        auto const x = (g_.distance_m * along_[1] / along_[2] + g_.poni2_m) / g_.pixel2_m;
        return {flips_rows() ? static_cast<double>(g_.rows) - y : y, flips_cols() ? static_cast<double>(g_.cols) - x : x};
    }

private:
    using Vector = std::array<double, 3>;
    bool flips_rows() const { return g_.orientation == 1 || g_.orientation == 2; }
    bool flips_cols() const { return g_.orientation == 1 || g_.orientation == 4; }
    static double dot(Vector const& a, Vector const& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
    Geometry g_;
    Vector up_{}, side_{}, along_{};
};

struct Expected {
    double sample = 0, background = 0;
};

/// Counts per incident photon and unit of detector area [1/m^2] along one ray.
Expected along_ray(GlassScattering const& glass, double polarization_factor, Ray const& ray) {
    auto const sin2 = 1 - ray.cos_two_theta * ray.cos_two_theta;
    auto const thomson = 1 - 0.5 * (sin2 + polarization_factor * ray.transverse);
    auto const q = 4 * std::numbers::pi / glass.wavelength_A() * std::sqrt(0.5 * (1 - ray.cos_two_theta));
    auto const t = glass.radial(q);
    auto const e = t.energy_ratio;
    auto const klein_nishina = e * e * (0.5 * (e + 1 / e) - 1 + thomson);
    auto const compton_eta = t.compton_sensor_depth > 0 ? -std::expm1(-t.compton_sensor_depth / ray.cos_incidence) : 1;
    auto const elastic = thomson * glass.efficiency(ray.cos_incidence), inelastic = klein_nishina * compton_eta;
    auto const air = elastic * t.air_coherent + inelastic * t.air_compton;
    auto const solid_angle = ray.cos_incidence / (ray.distance_m * ray.distance_m);
    auto const lines = glass.fluorescence(ray.cos_two_theta, ray.cos_incidence);
    return {solid_angle * (elastic * t.coherent + inelastic * t.compton + lines + glass.air_through() * air), solid_angle * air};
}

Expected over_pixel(GlassScattering const& glass, double polarization_factor, Bench const& bench, std::size_t row, std::size_t col) {
    constexpr double offset = 0.3872983346207417; // sqrt(3/5) / 2
    constexpr std::array place{0.5 - offset, 0.5, 0.5 + offset};
    constexpr std::array weight{5.0 / 18, 8.0 / 18, 5.0 / 18};
    Expected sum;
    for (std::size_t i = 0; i < place.size(); ++i) {
        for (std::size_t k = 0; k < place.size(); ++k) {
            auto const ray = bench.ray(static_cast<double>(row) + place[i], static_cast<double>(col) + place[k]);
            auto const one = along_ray(glass, polarization_factor, ray);
            sum.sample += weight[i] * weight[k] * one.sample;
            sum.background += weight[i] * weight[k] * one.background;
        }
    }
    return sum;
}

} // namespace

double largest_q_invA(Geometry const& g, double wavelength_A) {
    Bench const bench(g);
    double q = 0;
    for (auto const row : {0.0, static_cast<double>(g.rows)})
        for (auto const col : {0.0, static_cast<double>(g.cols)})
            q = std::max(q, 4 * std::numbers::pi / wavelength_A * std::sqrt(0.5 * (1 - bench.ray(row, col).cos_two_theta)));
    return q;
}

DirectBeam direct_beam(Geometry const& geometry) {
    return Bench(geometry).direct_beam();
}

ExpectedImages expected_images(GlassScattering const& glass, double polarization_factor, Geometry const& g, Mask const& dead,
                               unsigned threads) {
    auto const nan = std::numeric_limits<double>::quiet_NaN();
    ExpectedImages images{Image<double>(g.rows, g.cols, nan), Image<double>(g.rows, g.cols, nan)};
    Bench const bench(g);
    auto const pixel_area = g.pixel1_m * g.pixel2_m;
    std::atomic<std::size_t> next_row{0};
    auto const work = [&] {
        for (auto row = next_row++; row < g.rows; row = next_row++) {
            for (std::size_t col = 0; col < g.cols; ++col) {
                if (dead(row, col)) continue;
                auto const counts = over_pixel(glass, polarization_factor, bench, row, col);
                images.sample(row, col) = counts.sample * pixel_area;
                images.background(row, col) = counts.background * pixel_area;
            }
        }
    };
    std::vector<std::jthread> workers;
    for (unsigned i = 1; i < threads; ++i) workers.emplace_back(work);
    work();
    workers.clear();
    return images;
}

} // namespace sqd::simulated
