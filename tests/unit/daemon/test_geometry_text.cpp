#include "daemon/verbs/geometry_text.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace sqd;

namespace {

/// 300 x 200 pixels, tilted, off the beam.
Config station(int orientation) {
    Config config;
    auto& g = config.geometry;
    g.distance_m = 0.1;
    g.poni1_m = 0.004;
    g.poni2_m = 0.006;
    g.rot1_rad = 0.1;
    g.rot2_rad = -0.2;
    g.rot3_rad = 0.3;
    g.pixel1_m = g.pixel2_m = 75e-6;
    g.rows = 300;
    g.cols = 200;
    g.wavelength_A = 1;
    g.orientation = orientation;
    config.orientation_stated = true;
    return config;
}

} // namespace

TEST_CASE("where the first pixel is said to be, it is: t1 is up, t2 to the right seen from the sample") {
    for (int const orientation : {1, 2, 3, 4}) {
        CAPTURE(orientation);
        auto config = station(orientation);
        auto& g = config.geometry;
        g.rot1_rad = g.rot2_rad = g.rot3_rad = 0;
        auto const words = orientation_in_words(config);
        CAPTURE(words);
        CHECK(words.starts_with(std::to_string(orientation) + ": seen from the sample"));
        auto const first = lab_point(g, 0.5, 0.5), row = lab_point(g, 1.5, 0.5), col = lab_point(g, 0.5, 1.5),
                   last = lab_point(g, 299.5, 199.5);
        auto const says = [&](char const* text) { return words.find(text) != std::string::npos; };
        CHECK(says("at the top ") == (first.t1 > last.t1));
        CHECK(says("at the bottom ") == (first.t1 < last.t1));
        CHECK(says(" left, rows") == (first.t2 < last.t2));
        CHECK(says(" right, rows") == (first.t2 > last.t2));
        CHECK(says("rows go up") == (row.t1 > first.t1));
        CHECK(says("columns to the right") == (col.t2 > first.t2));
    }
}

TEST_CASE("an orientation that nobody stated is told so") {
    auto config = station(3);
    config.orientation_stated = false;
    CHECK(orientation_in_words(config).starts_with("3 (not stated): "));
}

TEST_CASE("the beam is where the image is hit by it, whatever the orientation") {
    for (int const orientation : {1, 2, 3, 4}) {
        CAPTURE(orientation);
        auto const config = station(orientation);
        auto const beam = geometry_json(config)["beam"];
        auto const at = lab_point(config.geometry, beam["row"], beam["column"]);
        CHECK(std::abs(at.t1) < 1e-15);
        CHECK(std::abs(at.t2) < 1e-15);
        CHECK(at.t3 == doctest::Approx(beam["distance_mm"].get<double>() * 1e-3).epsilon(1e-14));
    }
}

TEST_CASE("a detector that the beam does not reach is told so") {
    auto config = station(3);
    config.geometry.rot1_rad = 2;
    CHECK(beam_in_words(config.geometry) == "does not meet the plane of the detector");
    CHECK_FALSE(geometry_json(config).contains("beam"));
    CHECK(geometry_json(config)["source"] == "geometry.fit2d");
    config.poni_file = "a.poni";
    CHECK(geometry_json(config)["source"] == "a.poni");
}
