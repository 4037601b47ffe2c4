// Masks: union and count.
#include "pipeline/core/image.hpp"

#include <doctest/doctest.h>

using namespace sqd;

TEST_CASE("a pixel that either mask excludes is excluded, whatever non-zero value says so") {
    Mask a(2, 2), b(2, 2);
    a(0, 0) = 2;
    b(0, 0) = 4;
    b(1, 0) = 255;
    Mask const both = a | b;
    CHECK(both(0, 0) != 0);
    CHECK(both(0, 1) == 0);
    CHECK(both(1, 0) != 0);
    CHECK(both(1, 1) == 0);
    CHECK(masked_pixels(both) == 2);
    CHECK(masked_pixels(Mask(3, 4)) == 0);
    CHECK(masked_pixels(Mask(3, 4, 1)) == 12);
}

TEST_CASE("rows are the slow axis") {
    Image<int> image(2, 3);
    image(1, 2) = 7;
    CHECK(image.pixels[5] == 7);
}
