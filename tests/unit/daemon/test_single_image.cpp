// Files of one image as numbers. tests/integration/test_corrections.py reads one of every format.
#include "daemon/import/single_image.hpp"

#include "pipeline/core/errors.hpp"
#include "tests/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>

using namespace sqd;

namespace {

template <class T>
std::string npy(char const* descr, std::string const& shape, std::vector<T> const& values) {
    std::string header = "{'descr': '" + std::string(descr) + "', 'fortran_order': False, 'shape': " + shape + ", }";
    header += std::string(118 - header.size() - 1, ' ') + '\n';
    std::string pixels(values.size() * sizeof(T), '\0');
    std::memcpy(pixels.data(), values.data(), pixels.size());
    return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size()) + '\0' + header + pixels;
}

class Images {
public:
    std::string write(std::string const& name, std::string const& bytes) const {
        auto const path = (directory_.path() / name).string();
        std::ofstream(path, std::ios::binary) << bytes;
        return path;
    }
    template <class T>
    std::vector<double> read(char const* descr, std::vector<T> const& values) const {
        auto const image = read_number_image(write("a.npy", npy(descr, "(2, " + std::to_string(values.size() / 2) + ")", values)));
        CHECK(image.rows == 2);
        return image.pixels;
    }

private:
    test::TemporaryDirectory directory_;
};

/// The image's values again, of any type.
template <class T>
void check_type(char const* descr) {
    std::vector<T> const values{0, 1, std::numeric_limits<T>::lowest(), std::numeric_limits<T>::max()};
    CHECK(Images().read(descr, values) == std::vector<double>(values.begin(), values.end()));
}

std::string refusal(std::string const& path) {
    try {
        read_number_image(path);
    } catch (DataError const& error) {
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("numbers of every type are what they are: no sentinel, no saturation") {
    check_type<std::int8_t>("|i1");
    check_type<std::uint8_t>("|u1");
    check_type<std::int16_t>("<i2");
    check_type<std::uint16_t>("<u2");
    check_type<std::int32_t>("<i4");
    check_type<std::uint32_t>("<u4");
    check_type<std::int64_t>("<i8");
    check_type<float>("<f4");
    check_type<double>("<f8");
    CHECK(std::isnan(Images().read<double>("<f8", {1, std::nan("")})[1]));
}

TEST_CASE("what is no image of numbers is refused with a way out") {
    Images const images;
    auto const said = [&](std::string const& path, char const* words) {
        auto const text = refusal(path);
        CAPTURE(text);
        CHECK(text.find(words) != std::string::npos);
    };
    said(images.write("a.txt", "1 2"), "its ending is none of an image");
    said(images.write("a.msk", "MASK"), "its ending is none of an image");
    CHECK_FALSE(refusal(images.write("b.npy", "no NumPy file")).empty());
    said(images.write("c.npy", npy<float>("<f4", "(2, 1, 1)", {1, 1})), "it holds 2 images (a flat field is one)");
    said(images.write("d.npy", npy<float>("<f4", "(1, 2)", {1, 1})) + "::/flat", "only HDF5 files have those");
}
