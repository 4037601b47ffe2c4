// Laws of the cake: what it sums to, how it turns, where a spot lands.
#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/cake.hpp"
#include "pipeline/reduce/cell_shares.hpp"
#include "pipeline/reduce/pattern.hpp"
#include "tests/support/small_detector.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <random>

using namespace sqd;

namespace {

constexpr double pi = std::numbers::pi;
constexpr Split splits[] = {Split::none, Split::bbox, Split::full};

/// The beam meets the detector: rings are whole near it.
Geometry around_beam() {
    auto g = test::tilted_geometry();
    g.poni1_m = 0.0031;
    g.poni2_m = 0.0042;
    g.rot1_rad = 0.01;
    g.rot2_rad = -0.02;
    return g;
}

IntegrationConfig asked(Split split, std::size_t npt_azim = 36) {
    IntegrationConfig config;
    config.npt = 25;
    config.split = split;
    config.radial_range = std::pair{0.05, 0.6};
    config.cake.emplace().npt_azim = npt_azim;
    return config;
}

BinMap map_of(Geometry const& g, IntegrationConfig const& config) {
    return build_bin_map(g, Mask(g.rows, g.cols), config, std::nullopt, 13.8, serial_for());
}

PixelSum random_sum(Geometry const& g, double mean, unsigned seed) {
    std::mt19937 random(seed);
    std::poisson_distribution<int> counts(mean);
    PixelSum out{LargeArray<double>(g.rows * g.cols), {}, 1, 1};
    for (double& value : out.counts) value = counts(random);
    return out;
}

Cake cake_of(Geometry const& g, IntegrationConfig const& config, PixelSum const& sum) {
    return integrate_cake(map_of(g, config), sum, {}, serial_for());
}

/// Sums over azimuth, of I x norm, norm and count.
struct Margins {
    std::vector<double> signal, norm, count;
};

Margins margins(Cake const& cake) {
    std::vector<double> const zeros(cake.radial.size());
    Margins out{zeros, zeros, zeros};
    for (std::size_t a = 0; a < cake.chi_deg.size(); ++a) {
        for (std::size_t r = 0; r < cake.radial.size(); ++r) {
            if (cake.norm(a, r) > 0) out.signal[r] += cake.intensity(a, r) * cake.norm(a, r);
            out.norm[r] += cake.norm(a, r);
            out.count[r] += cake.count(a, r);
        }
    }
    return out;
}

void check_same(std::vector<double> const& a, std::vector<double> const& b, double relative) {
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) CHECK(std::abs(a[i] - b[i]) <= relative * std::abs(b[i]));
}

bool inside(double x, double y, std::array<double, 4> const& px, std::array<double, 4> const& py) {
    bool in = false;
    for (std::size_t i = 0, j = 3; i < 4; j = i++)
        if ((py[i] > y) != (py[j] > y) && x < px[i] + (px[j] - px[i]) * (y - py[i]) / (py[j] - py[i])) in = !in;
    return in;
}

} // namespace

TEST_CASE("summed over azimuth the cake is the pattern: without splitting every pixel") {
    auto const g = around_beam();
    auto const sum = random_sum(g, 20, 1);
    for (bool const sector : {false, true}) {
        auto config = asked(Split::none);
        if (sector) config.azimuth_range_deg = std::pair{100.0, -30.0};
        auto const map = map_of(g, config);
        auto const m = margins(integrate_cake(map, sum, {}, serial_for()));
        auto const pattern = to_pattern(map, integrate_image(map, sum.counts, 1, 1, 1));
        CHECK(m.count == pattern.pixels);
        check_same(m.norm, pattern.norm, 1e-12);
        check_same(m.signal, pattern.counts, 1e-12);
    }
}

TEST_CASE("summed over azimuth split pixels are in their radial bins, however fine azimuth is") {
    auto const g = around_beam();
    auto const sum = random_sum(g, 20, 2);
    for (Split const split : {Split::bbox, Split::full}) {
        for (Average const average : {Average::weighted, Average::unweighted}) {
            auto config = asked(split, 1);
            config.average = average;
            if (average == Average::weighted) config.azimuth_range_deg = std::pair{100.0, -30.0};
            auto const map = map_of(g, config);
            auto const whole = margins(integrate_cake(map, sum, {}, serial_for()));
            for (std::size_t const npt_azim : {7U, 360U}) {
                config.cake->npt_azim = npt_azim;
                auto const m = margins(cake_of(g, config, sum));
                check_same(m.count, whole.count, 1e-12);
                check_same(m.norm, whole.norm, 1e-12);
                check_same(m.signal, whole.signal, 1e-12);
            }
            auto const rings = integrate_rings(*map.rings, sum, {}, serial_for()); // its shares are rounded to single precision
            check_same(whole.count, rings.sums.count, 1e-7);
            check_same(whole.norm, rings.sums.norm, 1e-7);
            check_same(whole.signal, rings.sums.signal, 1e-7);
        }
    }
}

TEST_CASE("every pixel is in the cake once where all of it lies on the axes, those around the beam as well") {
    auto const g = around_beam();
    for (Split const split : splits) {
        auto config = asked(split);
        config.radial_range = std::pair{0.0, 2.0};
        auto const cake = cake_of(g, config, random_sum(g, 1, 3));
        double const pixels = std::accumulate(cake.count.pixels.begin(), cake.count.pixels.end(), 0.0);
        // the bounding box of the pixel that the beam hits reaches below radius 0: that part is lost
        CHECK(pixels == doctest::Approx(4800).epsilon(split == Split::none ? 1e-12 : 1e-6));
    }
}

TEST_CASE("a flat field is a flat cake, and what no pixel sees is not a number") {
    auto const g = around_beam();
    for (Split const split : splits) {
        auto config = asked(split);
        config.polarization_factor = 0.9;
        PixelSum sum{{}, {}, 4, 2.5};
        for (float const norm : pixel_norm(g, config, std::nullopt, 13.8, serial_for()))
            sum.counts.push_back(7 * 2.5 * static_cast<double>(norm));
        sum.invalid_frames.assign(sum.counts.size(), 0);
        for (std::size_t i = 0; i < sum.counts.size(); i += 5) {
            sum.counts[i] *= 0.25;
            sum.invalid_frames[i] = 3; // of 4
        }
        auto const cake = cake_of(g, config, sum);
        std::size_t empty = 0;
        for (std::size_t i = 0; i < cake.count.size(); ++i) {
            if (cake.count.pixels[i] > 0) {
                CHECK(cake.intensity.pixels[i] == doctest::Approx(7).epsilon(1e-6));
            } else {
                ++empty;
                CHECK(std::isnan(cake.intensity.pixels[i]));
                CHECK(std::isnan(cake.sigma.pixels[i]));
                CHECK(cake.norm.pixels[i] == 0);
            }
        }
        CHECK(empty > 0);
        CHECK(empty < cake.count.size() / 2);
    }
}

TEST_CASE("a detector turned about the beam turns the cake by as many rows") {
    auto const g = around_beam();
    auto turned = g;
    constexpr std::size_t rows = 36, by = 11;
    turned.rot3_rad -= 2 * pi * by / rows;
    auto const sum = random_sum(g, 50, 4);
    for (Split const split : splits) {
        auto const before = cake_of(g, asked(split), sum), after = cake_of(turned, asked(split), sum);
        std::size_t different = 0;
        for (std::size_t a = 0; a < rows; ++a) {
            for (std::size_t r = 0; r < before.radial.size(); ++r) {
                std::size_t const to = (a + by) % rows;
                if (std::abs(after.count(to, r) - before.count(a, r)) > 1e-7 * before.count(a, r))
                    ++different;
                else if (before.count(a, r) > 0)
                    CHECK(after.intensity(to, r) == doctest::Approx(before.intensity(a, r)).epsilon(1e-7));
            }
        }
        CHECK(different <= 2); // a centre on an edge, to rounding
    }
}

TEST_CASE("a spot lands in the cell of its q and chi") {
    auto const g = around_beam();
    for (auto const& [row, col] : {std::pair{5UL, 70UL}, std::pair{50UL, 8UL}, std::pair{31UL, 12UL}}) {
        PixelSum sum{LargeArray<double>(g.rows * g.cols), {}, 1, 1};
        sum.counts[row * g.cols + col] = 1000;
        auto const point = lab_point(g, static_cast<double>(row) + 0.5, static_cast<double>(col) + 0.5);
        double const q = q_invA(two_theta_rad(point), g.wavelength_A), chi = std::atan2(point.t1, point.t2) * 180 / pi;
        for (Split const split : splits) {
            auto const cake = cake_of(g, asked(split), sum);
            double most = 0, q_found = 0, chi_found = 0;
            for (std::size_t a = 0; a < cake.chi_deg.size(); ++a) {
                for (std::size_t r = 0; r < cake.radial.size(); ++r) {
                    if (!(cake.intensity(a, r) * cake.norm(a, r) > most)) continue;
                    most = cake.intensity(a, r) * cake.norm(a, r);
                    q_found = cake.radial.centres()[r];
                    chi_found = cake.chi_deg.centres()[a];
                }
            }
            CHECK(std::abs(q_found - q) <= 0.5 * 0.55 / 25);
            CHECK(std::abs(chi_found - chi) <= 5);
        }
    }
}

TEST_CASE("shares of a quadrangle are its area in each cell, across the end of the turn as well") {
    PixelExtent pixel{0.52, 0.1, {0.31, 0.58, 0.74, 0.40}, {-0.35, -0.10, 0.42, 0.20}};
    ExactCells const cells({0.0, 0.45, 0.5, 0.62, 2.0}, {-0.05, 0.0, 0.17, 0.3, 0.3 + 0.2, 2 * pi - 0.05});
    std::vector<CellShare> shares;
    cells(Split::full, pixel, shares);
    constexpr int steps = 2000; // points in each direction: the area is found to about 1 / steps
    std::vector<double> found(4 * 5);
    double all = 0;
    for (int i = 0; i < steps; ++i) {
        for (int k = 0; k < steps; ++k) {
            double const r = 0.3 + 0.5 * (i + 0.5) / steps, chi = -0.4 + 0.9 * (k + 0.5) / steps;
            if (!inside(r, chi, pixel.corner_radial, pixel.corner_chi)) continue;
            std::size_t const radial = r < 0.45 ? 0 : r < 0.5 ? 1 : r < 0.62 ? 2 : 3;
            std::size_t const azimuth = chi < -0.05 ? 4 : chi < 0 ? 0 : chi < 0.17 ? 1 : chi < 0.3 ? 2 : chi < 0.5 ? 3 : 4;
            found[radial * 5 + azimuth] += 1;
            all += 1;
        }
    }
    double sum = 0;
    std::vector<double> given(found.size());
    for (auto const& share : shares) {
        given[share.radial * 5 + share.azimuth] += share.share;
        sum += share.share;
    }
    CHECK(sum == doctest::Approx(1).epsilon(1e-14));
    CHECK(std::ranges::count_if(given, [](double part) { return part > 0; }) > 8);
    for (std::size_t i = 0; i < found.size(); ++i) CHECK(std::abs(given[i] - found[i] / all) < 2e-3);
    // the same quadrangle on the other side of the half turn, where chi jumps
    PixelExtent across = pixel;
    ExactCells const moved({0.0, 0.45, 0.5, 0.62, 2.0}, {pi - 0.05, pi, pi + 0.17, pi + 0.3, pi + 0.5, 3 * pi - 0.05});
    across.chi = pixel.chi - pi;
    for (double& chi : across.corner_chi) chi += chi > 0 ? -pi : pi;
    std::vector<CellShare> again;
    moved(Split::full, across, again);
    std::vector<double> given_again(found.size());
    for (auto const& share : again) given_again[share.radial * 5 + share.azimuth] += share.share;
    for (std::size_t i = 0; i < found.size(); ++i) CHECK(given_again[i] == doctest::Approx(given[i]).epsilon(1e-9));
}

TEST_CASE("a bounding box is shared by its overlaps, all around where it holds the beam") {
    ExactCells const cells({0.0, 1.0, 2.0}, {-pi, -pi / 2, 0, pi / 2, pi});
    std::vector<CellShare> shares;
    cells(Split::bbox, {1.1, pi - 0.1, {0.7, 1.1, 1.5, 1.1}, {pi - 0.3, pi - 0.1, -pi + 0.1, pi - 0.2}}, shares);
    std::vector<double> found(8);
    for (auto const& share : shares) found[share.radial * 4 + share.azimuth] += share.share;
    // from 0.7 to 1.5, and from pi - 0.3 to pi + 0.1
    CHECK(found[3] == doctest::Approx(0.375 * 0.75));
    CHECK(found[0] == doctest::Approx(0.375 * 0.25));
    CHECK(found[7] == doctest::Approx(0.625 * 0.75));
    CHECK(found[4] == doctest::Approx(0.625 * 0.25));
    cells(Split::full, {0.2, 0.4, {0.3, 0.3, 0.3, 0.3}, {0.4, 1.9, -2.7, -1.2}}, shares);
    double sum = 0;
    for (auto const& share : shares) sum += share.share;
    CHECK(sum == doctest::Approx(2.0 / 2).epsilon(1e-12)); // from 0.1 to 0.3, a whole turn
}

TEST_CASE("errors are Poisson's, of a cell at least those of one count") {
    auto const g = around_beam();
    auto config = asked(Split::none, 90);
    config.solid_angle = false;
    auto sum = random_sum(g, 0.3, 5);
    sum.weight = 2;
    auto const cake = cake_of(g, config, sum);
    std::size_t dark = 0;
    for (std::size_t i = 0; i < cake.count.size(); ++i) {
        if (!(cake.count.pixels[i] > 0)) continue;
        double const counts = cake.intensity.pixels[i] * cake.norm.pixels[i];
        CHECK(cake.norm.pixels[i] == doctest::Approx(2 * cake.count.pixels[i]));
        CHECK(cake.sigma.pixels[i] == doctest::Approx(std::sqrt(std::max(counts, 1.0)) / cake.norm.pixels[i]));
        dark += counts == 0;
    }
    CHECK(dark > 10);
}

TEST_CASE("a part of the azimuth is those rows of the whole, beyond 180 degrees as well") {
    auto const g = around_beam();
    auto const sum = random_sum(g, 20, 6);
    for (Split const split : splits) {
        auto config = asked(split, 36);
        auto const whole = cake_of(g, config, sum);
        config.cake->npt_azim = 5;
        config.cake->azimuth_range_deg = std::pair{160.0, -150.0};
        auto const part = cake_of(g, config, sum);
        CHECK(part.chi_deg.edges().front() == 160);
        CHECK(part.chi_deg.edges().back() == 210);
        for (std::size_t a = 0; a < 5; ++a)
            for (std::size_t r = 0; r < part.radial.size(); ++r) CHECK(std::abs(part.count(a, r) - whole.count((34 + a) % 36, r)) < 1e-9);
    }
}

TEST_CASE("an automatic azimuth holds all that the pixels see, and no more") {
    auto g = around_beam();
    g.poni2_m = -0.004; // the beam is beside the detector
    g.rot1_rad = g.rot2_rad = g.rot3_rad = 0;
    for (Split const split : splits) {
        auto config = asked(split);
        config.radial_range = std::pair{0.0, 2.5};
        config.cake->azimuth_range_deg.reset();
        auto const cake = cake_of(g, config, random_sum(g, 1, 7));
        CHECK(std::accumulate(cake.count.pixels.begin(), cake.count.pixels.end(), 0.0) == doctest::Approx(4800).epsilon(1e-9));
        double const highest = std::atan2(0.006 - g.poni1_m, -g.poni2_m) * 180 / pi;
        CHECK(std::abs(cake.chi_deg.edges().back() - highest) < 1);
    }
}

TEST_CASE("cakes that cannot be are refused") {
    auto const g = around_beam();
    auto const refused = [&](std::size_t npt_azim, std::pair<double, double> range) {
        auto config = asked(Split::none, npt_azim);
        config.cake->azimuth_range_deg = range;
        CHECK_THROWS_AS(map_of(g, config), DataError);
    };
    refused(0, {-180, 180});
    refused(65535, {-180, 180});
    refused(36, {20, 20});
    refused(36, {-190, 180});
    auto config = asked(Split::full);
    config.pyfai_compat = true;
    CHECK_THROWS_AS(map_of(g, config), DataError);
}
