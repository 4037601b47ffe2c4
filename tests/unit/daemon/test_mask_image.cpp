// Masks in every format and of every kind of number say the same; nothing is guessed.
#include "daemon/import/mask_image.hpp"

#include "daemon/hdf5_handle.hpp"
#include "detectors/codec/fit2d_mask.hpp"
#include "detectors/simulated/cbf_writer.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/support/shared_data.hpp"
#include "tests/support/temporary_directory.hpp"

#include <doctest/doctest.h>
#include <hdf5.h>
#include <tiffio.h>
#include <zlib.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <memory>
#include <string>
#include <vector>

using namespace sqd;
using namespace sqd::test;

namespace {

namespace fs = std::filesystem;

template <class T>
std::string bytes_of(std::vector<T> const& values) {
    std::string bytes(values.size() * sizeof(T), '\0');
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

std::string npy(std::string const& descr, std::string const& order, std::string const& shape, std::string const& pixels) {
    std::string header = "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
    header += std::string(118 - header.size() - 1, ' ') + '\n';
    return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size()) + '\0' + header + pixels;
}

std::string edf(std::string const& type, std::string const& more, std::string const& pixels) {
    return "{\nHeaderID = EH:000001:000000:000000 ;\nDataType = " + type + " ;\nDim_1 = 3 ;\nDim_2 = 2 ;\n" + more + "}\n" + pixels;
}

std::string fit2d(char rows, char cols, std::string const& pixels) {
    std::string text(fit2d_mask_header, '\0');
    for (std::size_t i = 0; i < 4; ++i) text[4 * i] = "MASK"[i];
    text[16] = cols;
    text[20] = rows;
    return text + pixels;
}

/// 2 rows of 3 pixels; masked: the last of the first row, the first of the second.
Mask expected() {
    Mask mask(2, 3);
    mask(0, 2) = mask(1, 0) = 1;
    return mask;
}

class Masks {
public:
    std::string path(std::string const& name) const { return (directory_.path() / name).string(); }
    Mask read(std::string const& name, std::string const& bytes) const { return read_mask_image(write(name, bytes)); }
    std::string write(std::string const& name, std::string const& bytes) const {
        std::ofstream(path(name), std::ios::binary) << bytes;
        return path(name);
    }
    std::string refusal(std::string const& name, std::string const& bytes) const { return refusal_of(write(name, bytes)); }
    static std::string refusal_of(std::string const& path) {
        try {
            read_mask_image(path);
        } catch (DataError const& error) {
            return error.what();
        }
        return "";
    }

private:
    TemporaryDirectory directory_;
};

bool mentions(std::string const& text, char const* words) {
    CAPTURE(text);
    return text.find(words) != std::string::npos;
}

/// One page of `bits` per pixel; `lines` are as libtiff takes them.
void write_page(TIFF* file, int bits, int format, int photometric, std::vector<std::string> lines) {
    TIFFSetField(file, TIFFTAG_IMAGEWIDTH, 3);
    TIFFSetField(file, TIFFTAG_IMAGELENGTH, 2);
    TIFFSetField(file, TIFFTAG_BITSPERSAMPLE, bits);
    TIFFSetField(file, TIFFTAG_SAMPLESPERPIXEL, 1);
    TIFFSetField(file, TIFFTAG_SAMPLEFORMAT, format);
    TIFFSetField(file, TIFFTAG_PHOTOMETRIC, photometric);
    TIFFSetField(file, TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE);
    for (std::uint32_t row = 0; row < 2; ++row) REQUIRE(TIFFWriteScanline(file, lines[row].data(), row, 0) == 1);
    REQUIRE(TIFFWriteDirectory(file) == 1);
}

std::string write_tiff(std::string const& path, int bits, int format, std::vector<std::string> const& lines, int pages = 1,
                       int photometric = PHOTOMETRIC_MINISBLACK) {
    std::unique_ptr<TIFF, decltype(&TIFFClose)> const file(TIFFOpen(path.c_str(), "w"), TIFFClose);
    for (int page = 0; page < pages; ++page) write_page(file.get(), bits, format, photometric, lines);
    return path;
}

/// h5py's true and false.
Hdf5Handle bool_type() {
    Hdf5Handle type(H5Tenum_create(H5T_NATIVE_INT8), H5Tclose, "type");
    for (signed char value = 0; value < 2; ++value) H5Tenum_insert(type.id(), value == 1 ? "TRUE" : "FALSE", &value);
    return type;
}

template <class T>
void write_hdf5(hid_t file, char const* path, hid_t type, std::vector<hsize_t> const& shape, std::vector<T> const& pixels,
                bool chunks = false) {
    int const dimensions = static_cast<int>(shape.size());
    Hdf5Handle const space(H5Screate_simple(dimensions, shape.data(), nullptr), H5Sclose, path);
    Hdf5Handle const groups(H5Pcreate(H5P_LINK_CREATE), H5Pclose, path), how(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, path);
    H5Pset_create_intermediate_group(groups.id(), 1);
    if (chunks) H5Pset_chunk(how.id(), dimensions, shape.data());
    Hdf5Handle const field(H5Dcreate2(file, path, type, space.id(), groups.id(), how.id(), H5P_DEFAULT), H5Dclose, path);
    REQUIRE(H5Dwrite(field.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, pixels.data()) >= 0);
}

std::string gzipped(std::string const& bytes) {
    std::string out(compressBound(bytes.size()) + 64, '\0');
    z_stream stream{};
    constexpr int gzip = 15 + 16;
    REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, gzip, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string copy = bytes;
    stream.next_in = reinterpret_cast<Bytef*>(copy.data());
    stream.avail_in = static_cast<uInt>(copy.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

} // namespace

TEST_CASE("NumPy masks of every kind of number say the same") {
    Masks const masks;
    CHECK(masks.read("a.npy", npy("|b1", "False", "(2, 3)", bytes_of<char>({0, 0, 1, 1, 0, 0}))) == expected());
    CHECK(masks.read("a.npy", npy("<i4", "False", "(2, 3)", bytes_of<int>({0, 0, -1, 256, 0, 0}))) == expected());
    CHECK(masks.read("a.npy", npy(">u2", "False", "(2, 3)", bytes_of<unsigned short>({0, 0, 1, 256, 0, 0}))) == expected());
    CHECK(masks.read("a.npy", npy("<f8", "False", "(2, 3)", bytes_of<double>({0, -0.0, 0.5, std::nan(""), 0, 0}))) == expected());
    CHECK(masks.read("a.npy", npy("<f4", "False", "(2, 3)", bytes_of<float>({0, -0.0f, 1, 1e-30f, 0, 0}))) == expected());
    // NumPy's default; 2^32 has no low word, 2^63 is not negative
    CHECK(masks.read("a.npy", npy("<i8", "False", "(2, 3)", bytes_of<std::int64_t>({0, 0, 1, std::int64_t{1} << 32, 0, 0}))) == expected());
    CHECK(masks.read("a.npy", npy("<u8", "False", "(2, 3)", bytes_of<std::uint64_t>({0, 0, 1, std::uint64_t{1} << 63, 0, 0}))) ==
          expected());
    CHECK(masks.read("A.NPY", npy("|u1", "False", "(1, 2, 3)", bytes_of<char>({0, 0, 1, 1, 0, 0}))) == expected());
    CHECK(masks.read("a.npy.gz", gzipped(npy("|b1", "False", "(2, 3)", bytes_of<char>({0, 0, 1, 1, 0, 0})))) == expected());
}

TEST_CASE("a column-major array is turned, not misread") {
    Masks const masks;
    CHECK(masks.read("a.npy", npy("|u1", "True", "(2, 3)", bytes_of<char>({0, 1, 0, 0, 1, 0}))) == expected());
    CHECK(masks.read("a.npy", npy(">i2", "True", "(2, 3)", bytes_of<short>({0, 1, 0, 0, 256, 0}))) == expected());
    CHECK(mentions(masks.refusal("a.npy", npy("|u1", "True", "(1, 2, 3)", std::string(6, '\0'))), "Fortran order"));
}

TEST_CASE("ESRF data format masks, with either byte order") {
    Masks const masks;
    CHECK(masks.read("a.edf", edf("UnsignedByte", "", bytes_of<char>({0, 0, 1, 1, 0, 0}))) == expected());
    CHECK(masks.read("a.edf", edf("SignedInteger", "ByteOrder = HighByteFirst ;\n", bytes_of<int>({0, 0, 1, 1 << 24, 0, 0}))) ==
          expected());
    CHECK(masks.read("a.edf", edf("Signed64", "", bytes_of<std::int64_t>({0, 0, 1, -1, 0, 0}))) == expected());
    std::string const floats("\0\0\0\0\0\0\0\0\x3f\x80\0\0\x3f\x80\0\0\x80\0\0\0\0\0\0\0", 24); // 0, 0, 1, 1, -0, 0
    CHECK(masks.read("a.edf", edf("FloatValue", "ByteOrder = HighByteFirst ;\n", floats)) == expected());
}

TEST_CASE("TIFF masks of bytes, words, floating point and single bits; a .mask of Dioptas is one") {
    Masks const masks;
    auto const words = bytes_of<std::int32_t>({0, 0, -1}), others = bytes_of<std::int32_t>({7, 0, 0});
    CHECK(read_mask_image(write_tiff(masks.path("a.tif"), 32, SAMPLEFORMAT_INT, {words, others})) == expected());
    CHECK(read_mask_image(write_tiff(masks.path("a.mask"), 32, SAMPLEFORMAT_INT, {words, others})) == expected());
    CHECK(read_mask_image(write_tiff(masks.path("a.tiff"), 8, SAMPLEFORMAT_UINT, {{"\0\0\1", 3}, {"\1\0\0", 3}})) == expected());
    auto const reals = bytes_of<float>({0, -0.0f, std::numeric_limits<float>::quiet_NaN()}), one = bytes_of<float>({1, 0, 0});
    CHECK(read_mask_image(write_tiff(masks.path("a.tif"), 32, SAMPLEFORMAT_IEEEFP, {reals, one})) == expected());
    CHECK(read_mask_image(write_tiff(masks.path("bits.tif"), 1, SAMPLEFORMAT_UINT, {"\x20", "\x80"})) == expected());
    CHECK(
        mentions(Masks::refusal_of(write_tiff(masks.path("white.tif"), 1, SAMPLEFORMAT_UINT, {"\x20", "\x80"}, 1, PHOTOMETRIC_MINISWHITE)),
                 "0 is white"));
    CHECK(mentions(Masks::refusal_of(write_tiff(masks.path("two.tif"), 8, SAMPLEFORMAT_UINT, {"abc", "abc"}, 2)), "holds 2 images"));
    CHECK(mentions(masks.refusal("text.mask", "0 0 1\n1 0 0\n"), "not a TIFF file"));
}

TEST_CASE("CBF masks: negative pixels are masked, too") {
    Masks const masks;
    simulated::CbfHeader header;
    header.detector = "PILATUS3 X CdTe 2M";
    auto const bytes = simulated::write_cbf(header, 2, 3, std::vector<std::int32_t>{0, 0, -1, 1, 0, 0});
    std::string const file(reinterpret_cast<char const*>(bytes.data()), bytes.size());
    CHECK(masks.read("a.cbf", file) == expected());
    CHECK(masks.read("a.cbf.gz", gzipped(file)) == expected());
}

TEST_CASE("HDF5 masks: the only image, or the one that is named; numbers or h5py's true and false") {
    Masks const masks;
    Hdf5Handle const is_bool = bool_type();
    {
        Hdf5Handle const file(H5Fcreate(masks.path("one.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose, "file");
        write_hdf5<signed char>(file.id(), "/mask", is_bool.id(), {2, 3}, {0, 0, 1, 1, 0, 0});
    }
    CHECK(read_mask_image(masks.path("one.h5")) == expected());
    CHECK(read_mask_image(masks.path("one.h5") + "::/mask") == expected());
    CHECK(read_mask_image(masks.path("one.h5") + "::mask") == expected());
    CHECK(mentions(Masks::refusal_of(masks.path("one.h5") + "::/none"), "no dataset /none"));
    {
        Hdf5Handle const file(H5Fcreate(masks.path("many.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose, "file");
        write_hdf5<signed char>(file.id(), "/a/chunk", is_bool.id(), {2, 3}, {0, 0, 1, 1, 0, 0}, true);
        write_hdf5<std::int64_t>(file.id(), "/a/long", H5T_NATIVE_INT64, {1, 2, 3}, {0, 0, 1, std::int64_t{1} << 32, 0, 0}, true);
        write_hdf5<std::uint32_t>(file.id(), "/entry/instrument/detector/pixel_mask", H5T_NATIVE_UINT32, {2, 3}, {0, 0, 1, 1u << 31, 0, 0});
        write_hdf5<std::uint8_t>(file.id(), "/a/two", H5T_NATIVE_UINT8, {2, 2, 3}, std::vector<std::uint8_t>(12));
    }
    for (std::string const path : {"/a/chunk", "/a/long", "/entry/instrument/detector/pixel_mask"})
        CHECK(read_mask_image(masks.path("many.h5") + "::" + path) == expected());
    CHECK(mentions(Masks::refusal_of(masks.path("many.h5")), "name one, file.h5::/path"));
    CHECK(mentions(Masks::refusal_of(masks.path("many.h5") + "::/a/two"), "holds 2 images"));
    CHECK(mentions(masks.refusal("no.h5", "not HDF5"), "no HDF5 file"));
}

TEST_CASE("FIT2D masks, packed or not") {
    Masks const masks;
    std::string const file = fit2d(2, 3, std::string("\4\0\0\0\1\0\0\0", 8));
    CHECK(masks.read("a.msk", file) == expected());
    CHECK(masks.read("a.MSK", file) == expected());
    CHECK(masks.read("a.msk.gz", gzipped(file)) == expected());
    CHECK(mentions(masks.refusal("a.msk", file.substr(0, 1030)), "ends early"));
}

TEST_CASE("what is no mask is refused with the reason") {
    Masks const masks;
    auto const good = npy("|b1", "False", "(2, 3)", std::string(6, '\0'));
    CHECK(masks.refusal("a.npy", good).empty());
    CHECK(mentions(masks.refusal("a.npy", good.substr(0, good.size() - 1)), "ends early"));
    CHECK(mentions(masks.refusal("a.npy", ""), "not a NumPy file"));
    CHECK(mentions(masks.refusal("a.npy", npy("|O", "False", "(2, 3)", std::string(48, '\0'))), "not a plain number"));
    CHECK(mentions(masks.refusal("a.npy", npy("<u2", "False", "(2, 3, 4)", std::string(48, '\0'))), "holds 2 images"));
    CHECK(mentions(masks.refusal("a.npy", npy("<u2", "False", "(24,)", std::string(48, '\0'))), "1 dimensions"));
    CHECK_FALSE(masks.refusal("a.edf", "not edf").empty());
    CHECK_FALSE(masks.refusal("a.edf", edf("UnsignedByte", "", "12345")).empty());
    CHECK(mentions(masks.refusal("a.edf", edf("UnsignedByte", "Compression = ZCompression ;\n", "123456")), "compression"));
    CHECK(mentions(masks.refusal("a.png", "123456"), "its ending is none of a mask"));
    CHECK(mentions(masks.refusal("a.cbor", "123456"), "its ending is none of a mask"));
    CHECK(mentions(masks.refusal("a.mask.gz", "123456"), "its ending is none of a mask"));
    CHECK(mentions(Masks::refusal_of(masks.write("b.npy", good) + "::/mask"), "only HDF5 files have those"));
    CHECK(mentions(Masks::refusal_of(masks.path("none.npy")), "cannot be read"));
    CHECK(mentions(Masks::refusal_of(masks.path("none.msk")), "cannot be read"));
}

TEST_CASE("a mask drawn at a beamline is read") {
    SQD_SHARED_DATA_OR_SKIP(path, "integration/dioptas_ceo2_pilatus1m/mask.npy");
    auto const mask = read_mask_image(path.string());
    CHECK(mask.rows == 1043);
    CHECK(mask.cols == 981);
    // python3 -c "import numpy; print((numpy.load('mask.npy') != 0).sum())"
    CHECK(masked_pixels(mask) == 73560);
}
