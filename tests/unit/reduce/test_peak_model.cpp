// The peak model: derivatives against differences, half heights, continuity.
#include "pipeline/reduce/peak_model.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace sqd;

namespace {

constexpr PeakParameters example{3.0, 2.62, 0.15, 0.23, 0.3, 0.8, 0.4, -0.1};

}

TEST_CASE("half height lies one width from the centre on each side, whatever the mixing") {
    for (double eta : {0.0, 0.37, 1.0}) {
        auto p = example;
        p[peak::eta_left] = eta;
        CHECK(peak_component(p, p[peak::centre]) == doctest::Approx(3.0));
        CHECK(peak_component(p, p[peak::centre] - p[peak::width_left]) == doctest::Approx(1.5));
        CHECK(peak_component(p, p[peak::centre] + p[peak::width_right]) == doctest::Approx(1.5));
    }
}

TEST_CASE("value is peak plus line") {
    CHECK(peak_value(example, 2.0) == doctest::Approx(peak_component(example, 2.0) + 0.4 - 0.2));
}

TEST_CASE("derivatives agree with differences on both sides of the centre") {
    for (double q : {2.3, 2.55, 2.7, 3.1}) {
        std::vector<double> const there{q};
        auto const point = peak_point(example, q, peak_decays(example, there)[0]);
        CHECK(peak_values(example, there)[0] == doctest::Approx(peak_value(example, q)).epsilon(1e-14).scale(0));
        CHECK(point.value == doctest::Approx(peak_value(example, q)).epsilon(1e-14).scale(0));
        CHECK(point.left == (q < example[peak::centre]));
        PeakParameters gradient{}; // those of the other side stay 0
        for (std::size_t k = 0; k < point.derivative.size(); ++k) gradient[parameters_of_side(point.left)[k]] = point.derivative[k];
        for (std::size_t i = 0; i < peak_parameters; ++i) {
            auto up = example, down = example;
            up[i] += 1e-6;
            down[i] -= 1e-6;
            CAPTURE(i);
            CHECK(gradient[i] == doctest::Approx((peak_value(up, q) - peak_value(down, q)) / 2e-6).epsilon(1e-7));
        }
    }
}
