// Which values are counts.
#include "detectors/codec/pixel_format.hpp"

#include <doctest/doctest.h>

using namespace sqd;

TEST_CASE("pixel types are read by name, and others are not") {
    CHECK(parse_pixel_type("uint8") == PixelType{1, false});
    CHECK(parse_pixel_type("uint16") == PixelType{2, false});
    CHECK(parse_pixel_type("int32") == PixelType{4, true});
    CHECK_FALSE(parse_pixel_type("uint64"));
    CHECK_FALSE(parse_pixel_type("float32"));
    CHECK_FALSE(parse_pixel_type(""));
    CHECK_FALSE(parse_pixel_type("u"));
}

TEST_CASE("the two highest unsigned values and all negative ones are no counts") {
    CHECK(largest_valid_count({1, false}, {}) == 253);
    CHECK(largest_valid_count({2, false}, {}) == 65533);
    CHECK(largest_valid_count({4, false}, {}) == 4294967293u);
    CHECK(largest_valid_count({2, true}, {}) == 32767);
    CHECK(largest_valid_count({4, true}, {}) == 2147483647u);
}

TEST_CASE("a saturation lowers the limit and never raises it") {
    CHECK(largest_valid_count({4, false}, 2943293) == 2943293);
    CHECK(largest_valid_count({2, false}, 2943293) == 65533);
    CHECK(largest_valid_count({1, false}, 1) == 1);
}
