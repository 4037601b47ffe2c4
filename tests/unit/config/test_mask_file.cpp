#include "config/mask_file.hpp"

#include "config_text.hpp"
#include "tests/support/shared_data.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

using namespace sqd;
using namespace sqd::test;

namespace {

std::string npy(std::string const& descr, std::string const& order, std::string const& shape, std::string const& pixels) {
    std::string header = "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
    header += std::string(118 - header.size() - 1, ' ') + '\n';
    return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size()) + '\0' + header + pixels;
}

template <class T>
std::string bytes_of(std::vector<T> const& values) {
    std::string bytes(values.size() * sizeof(T), '\0');
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

std::string edf(std::string const& type, std::string const& more, std::string const& pixels) {
    return "{\nHeaderID = EH:000001:000000:000000 ;\nDataType = " + type + " ;\nDim_1 = 3 ;\nDim_2 = 2 ;\n" + more + "}\n" + pixels;
}

/// 2 rows of 3 pixels; masked: the last of the first row, the first of the second.
Mask expected() {
    Mask mask(2, 3);
    mask(0, 2) = mask(1, 0) = 1;
    return mask;
}

std::string refusal_of_npy(std::string const& bytes) {
    try {
        parse_npy_mask(bytes);
    } catch (DataError const& e) {
        return e.what();
    }
    return {};
}

} // namespace

TEST_CASE("NumPy masks of every kind of number say the same") {
    CHECK(parse_npy_mask(npy("|b1", "False", "(2, 3)", bytes_of<char>({0, 0, 1, 1, 0, 0}))) == expected());
    CHECK(parse_npy_mask(npy("<i4", "False", "(2, 3)", bytes_of<int>({0, 0, -1, 256, 0, 0}))) == expected());
    CHECK(parse_npy_mask(npy(">u2", "False", "(2, 3)", bytes_of<unsigned short>({0, 0, 1, 256, 0, 0}))) == expected());
    CHECK(parse_npy_mask(npy("<f8", "False", "(2, 3)", bytes_of<double>({0, -0.0, 0.5, std::nan(""), 0, 0}))) == expected());
    CHECK(parse_npy_mask(npy("<f4", "False", "(2, 3)", bytes_of<float>({0, -0.0f, 1, 1e-30f, 0, 0}))) == expected());
}

TEST_CASE("a column-major array is turned, not misread") {
    CHECK(parse_npy_mask(npy("|u1", "True", "(2, 3)", bytes_of<char>({0, 1, 0, 0, 1, 0}))) == expected());
}

TEST_CASE("ESRF data format masks, with either byte order") {
    CHECK(parse_edf_mask(edf("UnsignedByte", "", bytes_of<char>({0, 0, 1, 1, 0, 0}))) == expected());
    CHECK(parse_edf_mask(edf("SignedInteger", "ByteOrder = HighByteFirst ;\n", bytes_of<int>({0, 0, 1, 1 << 24, 0, 0}))) == expected());
    CHECK(parse_edf_mask(edf("FloatValue", "ByteOrder = HighByteFirst ;\n",
                             std::string(8, '\0') + std::string("\x3f\x80\0\0\x3f\x80\0\0", 8) + std::string("\x80\0\0\0\0\0\0\0", 8))) ==
          expected());
}

TEST_CASE("a broken mask is refused with the reason") {
    auto const good = npy("|b1", "False", "(2, 3)", std::string(6, '\0'));
    CHECK(refusal_of_npy(good).empty());
    CHECK(refusal_of_npy(good.substr(0, good.size() - 1)).find("ends early") != std::string::npos);
    CHECK(refusal_of_npy(good.substr(0, 40)).find("ends early") != std::string::npos);
    CHECK(refusal_of_npy("").find("not a NumPy file") != std::string::npos);
    CHECK(refusal_of_npy(npy("|O", "False", "(2, 3)", std::string(48, '\0'))).find("not a plain number") != std::string::npos);
    CHECK(refusal_of_npy(npy("<c8", "False", "(2, 3)", std::string(48, '\0'))).find("not a plain number") != std::string::npos);
    CHECK(refusal_of_npy(npy("<u2", "False", "(2, 3, 4)", std::string(48, '\0'))).find("two dimensions") != std::string::npos);
    CHECK(refusal_of_npy(npy("<u2", "False", "(999999999, 999999999)", "")).find("not an image") != std::string::npos);
    CHECK_THROWS_AS(parse_edf_mask("not edf"), DataError);
    CHECK_THROWS_AS(parse_edf_mask(""), DataError);
    CHECK_THROWS_AS(parse_edf_mask(edf("UnsignedByte", "", "12345")), DataError);
    CHECK_THROWS_AS(parse_edf_mask(edf("UnsignedByte", "Compression = ZCompression ;\n", "123456")), DataError);
    CHECK_THROWS_AS(parse_edf_mask(edf("Text", "", "123456")), DataError);
    CHECK_THROWS_AS(read_mask("mask.tif"), DataError);
    CHECK_THROWS_AS(read_mask("no_such_mask.npy"), DataError);
}

TEST_CASE("a mask drawn at a beamline is read") {
    SQD_SHARED_DATA_OR_SKIP(path, "integration/dioptas_ceo2_pilatus1m/mask.npy");
    auto const mask = read_mask(path.string());
    CHECK(mask.rows == 1043);
    CHECK(mask.cols == 981);
    // python3 -c "import numpy; print((numpy.load('mask.npy') != 0).sum())"
    CHECK(masked_pixels(mask) == 73560);
}
