// An image that is made of a correction's own factor integrates to a constant, in every bin, however pixels become bins.
#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/bin_map.hpp"
#include "pipeline/reduce/pattern.hpp"
#include "pipeline/reduce/ring_integration.hpp"
#include "tests/support/ring_bins.hpp"
#include "tests/support/small_detector.hpp"

#include <doctest/doctest.h>
#include <xraylib/xraylib.h>

#include <cmath>
#include <functional>
#include <memory>
#include <numbers>
#include <random>

using namespace sqd;

namespace {

constexpr double energy_keV = 12.0;

IntegrationConfig nothing_corrected() {
    IntegrationConfig config;
    config.npt = 40;
    config.solid_angle = false;
    config.sensor_efficiency = false;
    return config;
}

/// Where a pixel's centre is: angles by the usual functions.
struct Direction {
    double two_theta, chi, cos_incidence;
};

std::vector<double> image_of(std::function<double(Direction const&)> const& factor) {
    Geometry const g = test::tilted_geometry();
    std::vector<double> out;
    for (std::size_t row = 0; row < g.rows; ++row) {
        for (std::size_t col = 0; col < g.cols; ++col) {
            double const p1 = (static_cast<double>(row) + 0.5) * g.pixel1_m - g.poni1_m,
                         p2 = (static_cast<double>(col) + 0.5) * g.pixel2_m - g.poni2_m;
            LabPoint const p = lab_point(g, static_cast<double>(row) + 0.5, static_cast<double>(col) + 0.5);
            out.push_back(factor({std::atan2(std::hypot(p.t1, p.t2), p.t3), std::atan2(p.t1, p.t2),
                                  g.distance_m / std::sqrt(p1 * p1 + p2 * p2 + g.distance_m * g.distance_m)}));
        }
    }
    return out;
}

/// By xraylib's own record of air, which its CS_Total_CP leaks.
double nist_air_cm2_g() {
    std::unique_ptr<compoundDataNIST, decltype(&FreeCompoundDataNIST)> const air(
        GetCompoundDataNISTByName("Air, Dry (near sea level)", nullptr), FreeCompoundDataNIST);
    double sum = 0;
    for (int i = 0; i < air->nElements; ++i) sum += air->massFractions[i] * CS_Total(air->Elements[i], energy_keV, nullptr);
    return sum;
}

BinMap map_of(IntegrationConfig const& config) {
    Geometry const g = test::tilted_geometry();
    return build_bin_map(g, Mask(g.rows, g.cols), config, std::nullopt, energy_keV, serial_for());
}

/// Every bin of the image over its norm, by centres and with full splitting.
std::vector<double> intensities(std::vector<double> const& image, IntegrationConfig config) {
    auto const by_centres = map_of(config);
    auto out = to_pattern(by_centres, integrate_image(by_centres, image, 1, 1, 1)).intensity;
    config.split = Split::full;
    auto const split = integrate_rings(*map_of(config).rings, test::sum_of(image), {}, serial_for()).intensity;
    out.insert(out.end(), split.begin(), split.end());
    return out;
}

void check_constant(std::function<double(Direction const&)> const& factor, IntegrationConfig const& config) {
    auto const image = image_of([&](Direction const& d) { return 7 * factor(d); });
    for (double const intensity : intensities(image, config)) CHECK(intensity == doctest::Approx(7).epsilon(1e-6));
    double apart = 0; // the factor is not itself a constant
    for (double const intensity : intensities(image, nothing_corrected())) apart = std::max(apart, std::abs(intensity / 7 - 1));
    CHECK(apart > 1e-3);
}

} // namespace

TEST_CASE("solid angle of any order") {
    for (double const order : {1.0, 2.5, 3.0, 4.0}) {
        auto config = nothing_corrected();
        config.solid_angle = true;
        config.solid_angle_order = order;
        check_constant([&](Direction const& d) { return std::pow(d.cos_incidence, order); }, config);
    }
}

TEST_CASE("polarisation about any axis") {
    for (double const offset_deg : {0.0, 17.0, -60.0, 90.0}) {
        auto config = nothing_corrected();
        config.polarization_factor = 0.9;
        config.polarization_offset_deg = offset_deg;
        auto const factor = [&](Direction const& d) {
            double const c = std::cos(d.two_theta), s = std::sin(d.two_theta), turned = d.chi + offset_deg * std::numbers::pi / 180;
            return 0.5 * (1 + c * c - 0.9 * std::cos(2 * turned) * s * s);
        };
        check_constant(factor, config);
        // the bins' mean of it, as Compton scattering and fluorescence are weighed by: every pixel in its bin
        auto const map = map_of(config);
        auto const mean = to_pattern(map, integrate_image(map, image_of(factor), 1, 1, 1));
        for (std::size_t b = 0; b < map.axis.size(); ++b)
            CHECK(map.bin_polarization[b] == doctest::Approx(mean.counts[b] / map.bin_pixels[b]).epsilon(1e-6));
    }
}

TEST_CASE("air along the ray") {
    auto config = nothing_corrected();
    config.air = AirPath{0.04, 980, 31};
    double const density = 98000 * 28.96546e-3 / (8.314462618 * (273.15 + 31)) * 1e-3; // g/cm^3
    double const mu_t = nist_air_cm2_g() * density * 4 * 1.0;
    // thicker in the test's image than it is, so that the factor is no constant: the exponent is what counts
    config.air->length_m *= 50;
    check_constant([&](Direction const& d) { return std::exp(-50 * mu_t * (1 / d.cos_incidence - 1)); }, config);
}

TEST_CASE("a window parallel to the detector, or perpendicular to the beam") {
    double const mu_t = CS_Total_CP("Al", energy_keV, nullptr) * 2.7 * 100e-4;
    auto config = nothing_corrected();
    config.absorber = Absorber{parse_composition("Al"), 2.7, 100, false};
    check_constant([&](Direction const& d) { return std::exp(-mu_t * (1 / d.cos_incidence - 1)); }, config);
    config.absorber->faces_beam = true;
    check_constant([&](Direction const& d) { return std::exp(-mu_t * (1 / std::cos(d.two_theta) - 1)); }, config);
}

TEST_CASE("a flat image of an uneven response is a constant within Poisson, and what does not respond takes no part") {
    unsigned const seed = 20261130;
    MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    Geometry const g = test::tilted_geometry();
    auto flat = std::make_shared<FlatField>();
    flat->response = Image<double>(g.rows, g.cols);
    for (double& response : flat->response.pixels) response = std::uniform_real_distribution<double>(0.5, 1.5)(random);
    std::vector<double> noise_free(flat->response.size()), counts(flat->response.size());
    for (std::size_t i = 0; i < counts.size(); ++i) {
        noise_free[i] = 400 * flat->response.pixels[i];
        counts[i] = std::poisson_distribution<int>(noise_free[i])(random);
    }
    for (std::size_t i = 0; i < counts.size(); i += 7) { // wild pixels
        counts[i] = noise_free[i] = 1e6;
        flat->response.pixels[i] = i % 4 == 0 ? 0 : i % 4 == 1 ? -1 : i % 4 == 2 ? NAN : INFINITY;
    }
    auto config = nothing_corrected();
    config.polarization_factor = 0; // whose mean must not know the wild pixels either
    auto const polarized = image_of([](Direction const& d) { return 0.5 * (1 + std::pow(std::cos(d.two_theta), 2)); });
    for (std::size_t i = 0; i < counts.size(); ++i) noise_free[i] *= polarized[i];
    config.flat = flat;
    for (double const intensity : intensities(noise_free, config)) CHECK(intensity == doctest::Approx(400).epsilon(1e-6));
    config.polarization_factor.reset();
    auto const map = map_of(config);
    auto const pattern = to_pattern(map, integrate_image(map, counts, 1, 1, 1));
    double chi2 = 0;
    for (std::size_t b = 0; b < 40; ++b) chi2 += std::pow((pattern.intensity[b] - 400) / pattern.sigma[b], 2);
    CHECK(chi2 < 74); // 40 bins: passed once in 1000
    CHECK(chi2 > 17); // and this fallen short of once in 1000
    std::size_t taken = 0;
    for (auto const pixels : map.bin_pixels) taken += pixels;
    CHECK(taken == counts.size() - (counts.size() + 6) / 7);
    config.polarization_factor = 0;
    config.split = Split::full;
    auto const split = map_of(config);
    for (double const p : split.rings->polarization) CHECK(std::isfinite(p));
}

TEST_CASE("a flat field of another shape is refused") {
    auto config = nothing_corrected();
    auto flat = std::make_shared<FlatField>();
    flat->response = Image<double>(80, 60, 1.0);
    config.flat = flat;
    CHECK_THROWS_AS(map_of(config), DataError);
}

TEST_CASE("what is switched on without effect changes no bit") {
    auto config = nothing_corrected();
    config.solid_angle = true;
    config.polarization_factor = 0.97;
    auto const before = map_of(config);
    auto flat = std::make_shared<FlatField>();
    flat->response = Image<double>(60, 80, 1.0);
    config.flat = flat;
    auto const after = map_of(config);
    CHECK(before.norm == after.norm);
    CHECK(before.bin_norm == after.bin_norm);
    CHECK(before.bin_polarization == after.bin_polarization);
}
