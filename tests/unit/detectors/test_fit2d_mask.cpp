#include "detectors/codec/fit2d_mask.hpp"

#include "pipeline/core/errors.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace sqd;

namespace {

/// A mask's file up to its pixels.
std::string header(char rows, char cols) {
    std::string text(fit2d_mask_header, '\0');
    for (std::size_t i = 0; i < 4; ++i) text[4 * i] = "MASK"[i];
    text[16] = cols;
    text[20] = rows;
    return text;
}

Mask parse(std::string const& file, std::size_t most = 1000) {
    return parse_fit2d_mask(std::as_bytes(std::span(file)), most);
}

std::string refusal(std::string const& file, std::size_t most = 1000) {
    try {
        parse(file, most);
    } catch (DecodeError const& error) {
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("a FIT2D mask has rows of whole words, the lowest bit first") {
    // fabio: Fit2dMaskImage(data=d).write(...) of zeros (2, 35) with d[0, 0] = d[0, 9] = d[1, 34] = 1
    auto const mask = parse(header(2, 35) + std::string("\1\2\0\0\0\0\0\0\0\0\0\0\4\0\0\0", 16));
    CHECK(mask.rows == 2);
    CHECK(mask.cols == 35);
    CHECK(masked_pixels(mask) == 3);
    CHECK(mask(0, 0) == 1);
    CHECK(mask(0, 9) == 1);
    CHECK(mask(1, 34) == 1);
}

TEST_CASE("bits that fill up a row are no pixels, and bytes behind the last row are left alone") {
    CHECK(masked_pixels(parse(header(1, 3) + "\xf8\xff\xff\xff")) == 0);
    CHECK(masked_pixels(parse(header(1, 32) + "\xff\xff\xff\xff\xff")) == 32);
}

TEST_CASE("what is no FIT2D mask, is cut or is too large is refused with the reason") {
    CHECK(refusal("").find("not a FIT2D mask") != std::string::npos);
    CHECK(refusal("MASK" + std::string(2000, '\0')).find("not a FIT2D mask") != std::string::npos);
    CHECK(refusal(header(2, 35).substr(0, 1023)).find("the header of a FIT2D mask has 1024") != std::string::npos);
    CHECK(refusal(header(2, 35) + std::string(15, '\0')).find("2 x 35 pixels ends early") != std::string::npos);
    CHECK(refusal(header(0, 35)).find("no image") != std::string::npos);
    CHECK(refusal(header(35, 0)).find("no image") != std::string::npos);
    CHECK(refusal(header(2, 35) + std::string(16, '\0'), 69).find("at most 69") != std::string::npos);
    CHECK(refusal(header(2, 35) + std::string(16, '\0'), 70).empty());
}
