#include "daemon/hdf5_handle.hpp"
#include "daemon/import/file_series.hpp"
#include "daemon/import/image_series.hpp"
#include "detectors/simulated/cbf_writer.hpp"
#include "tests/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

using namespace sqd;
using namespace sqd::test;

namespace {

namespace fs = std::filesystem;

std::vector<FileEvent> all_of(FileReading const& next) {
    std::vector<FileEvent> events;
    while (auto event = next()) events.push_back(std::move(*event));
    CHECK_FALSE(next()); // and stays so
    return events;
}

template <class T>
T const& as(FileEvent const& event) {
    REQUIRE(std::holds_alternative<T>(event.says));
    return std::get<T>(event.says);
}

/// A source of images without pixels.
ImageSource source(std::string const& item, std::uint64_t images, std::optional<std::uint64_t> first = std::nullopt) {
    return {item, false, [images, first] {
                ImageFile file;
                file.images = images;
                file.first_number = first;
                file.read = [](std::uint64_t) { return Frame{}; };
                return file;
            }};
}

ImageSource broken(std::string const& item) {
    return {item, false, []() -> ImageFile { throw DecodeError(DecodeFault::corrupt, "broken"); }};
}

/// Numbers of the images read.
std::vector<std::uint64_t> numbers(std::vector<ImageSource> sources) {
    std::vector<std::uint64_t> out;
    for (auto const& event : all_of(image_events(std::move(sources), {})))
        if (auto const* frame = std::get_if<Frame>(&event.says)) out.push_back(frame->number);
    return out;
}

using Numbers = std::vector<std::uint64_t>;

struct Pixel {
    bool invalid;
    unsigned value;
};

Pixel first_pixel(Frame const& frame) {
    PixelScratch scratch;
    frame.tiles->prepare(scratch);
    Tile tile;
    frame.tiles->read(0, tile);
    REQUIRE(tile.lane == Lane::u8);
    return {(tile.invalid[0] & 1) != 0, static_cast<unsigned>(tile.pixels[0])};
}

fs::path write_cbf_file(fs::path const& path, double exposure_s, std::vector<std::int32_t> const& pixels) {
    simulated::CbfHeader header;
    header.detector = "PILATUS3 X CdTe 2M";
    header.exposure_s = exposure_s;
    header.count_cutoff = 1000;
    auto const file = simulated::write_cbf(header, 2, pixels.size() / 2, pixels);
    std::ofstream(path, std::ios::binary).write(reinterpret_cast<char const*>(file.data()), static_cast<std::streamsize>(file.size()));
    return path;
}

/// Writes fields of an HDF5 file with the C library alone.
class H5Writer {
public:
    explicit H5Writer(fs::path const& path) : file_(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose, "make") {}
    void number(char const* path, double value, char const* unit = nullptr) {
        Hdf5Handle const space(H5Screate(H5S_SCALAR), H5Sclose, "make");
        Hdf5Handle const field = make(path, H5T_IEEE_F64LE, space.id());
        H5Dwrite(field.id(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value);
        if (unit == nullptr) return;
        Hdf5Handle const type = text_type(unit);
        Hdf5Handle const attribute(H5Acreate2(field.id(), "units", type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose, "make");
        H5Awrite(attribute.id(), type.id(), unit);
    }
    void count(char const* path, std::uint64_t value) {
        Hdf5Handle const space(H5Screate(H5S_SCALAR), H5Sclose, "make");
        H5Dwrite(make(path, H5T_STD_U32LE, space.id()).id(), H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value);
    }
    void text(char const* path, char const* value) {
        Hdf5Handle const space(H5Screate(H5S_SCALAR), H5Sclose, "make"), type = text_type(value);
        H5Dwrite(make(path, type.id(), space.id()).id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, value);
    }
    void image(char const* path, std::vector<hsize_t> const& shape, std::vector<std::uint32_t> const& pixels) {
        Hdf5Handle const space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr), H5Sclose, "make");
        H5Dwrite(make(path, H5T_STD_U32LE, space.id()).id(), H5T_NATIVE_UINT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, pixels.data());
    }

private:
    Hdf5Handle make(char const* path, hid_t type, hid_t space) {
        Hdf5Handle const groups(H5Pcreate(H5P_LINK_CREATE), H5Pclose, "make");
        H5Pset_create_intermediate_group(groups.id(), 1);
        return Hdf5Handle(H5Dcreate2(file_.id(), path, type, space, groups.id(), H5P_DEFAULT, H5P_DEFAULT), H5Dclose, path);
    }
    static Hdf5Handle text_type(char const* text) {
        Hdf5Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "make");
        H5Tset_size(type.id(), std::strlen(text));
        return type;
    }
    Hdf5Handle file_;
};

constexpr auto detector = "/entry/instrument/detector/";

void write_eiger_file(fs::path const& path, bool mask_applied) {
    H5Writer file(path);
    auto const at = [](char const* name) { return std::string(detector) + name; };
    file.text(at("description").c_str(), "Dectris EIGER2 Si 4M");
    file.text(at("detector_number").c_str(), "E-32-0100");
    file.text(at("sensor_material").c_str(), "Si");
    file.number(at("sensor_thickness").c_str(), 0.00045, "m");
    file.number(at("count_time").c_str(), 0.0199, "s");
    file.number(at("frame_time").c_str(), 20, "ms");
    file.number(at("x_pixel_size").c_str(), 75e-6, "m");
    file.number(at("y_pixel_size").c_str(), 76e-6);
    file.number(at("threshold_energy").c_str(), 6500, "eV");
    file.number(at("detectorSpecific/photon_energy").c_str(), 13000, "eV");
    file.count(at("detectorSpecific/nimages").c_str(), 60);
    file.count(at("detectorSpecific/ntrigger").c_str(), 30);
    file.count(at("detectorSpecific/countrate_correction_count_cutoff").c_str(), 100);
    file.count(at("pixel_mask_applied").c_str(), mask_applied ? 1 : 0);
    file.image(at("detectorSpecific/pixel_mask").c_str(), {2, 3}, {0, 1, 0, 8, 0, 0x80000000});
    file.number("/entry/instrument/beam/incident_wavelength", 0.9537, "angstrom");
    file.image("/entry/data/data", {2, 2, 3}, {101, 1, 2, 3, 4, 5, 100, 1, 2, 3, 4, 0xFFFFFFFF});
}

} // namespace

TEST_CASE("images are numbered across files; one that cannot be opened keeps its place") {
    CHECK(numbers({source("a", 1), source("b", 1)}) == Numbers{0, 1});
    CHECK(numbers({source("a", 2), broken("b"), source("c", 1)}) == Numbers{0, 1, 3});
    CHECK(numbers({broken("a"), source("b", 1)}) == Numbers{1});
    CHECK(numbers({broken("a")}).empty());
}

TEST_CASE("where files say which images they hold, a missing file leaves a gap of its size") {
    CHECK(numbers({source("a", 2, 0), broken("b"), source("c", 1, 4)}) == Numbers{0, 1, 4});
    CHECK(numbers({broken("a"), source("b", 2, 10)}) == Numbers{10, 11});
    CHECK(numbers({source("b", 1, 10), source("c", 1, 11)}) == Numbers{0, 1});  // a part of a series begins with its first image
    CHECK(numbers({source("a", 2, 0), source("b", 1, 0)}) == Numbers{0, 1, 2}); // nonsense does not repeat a number
}

TEST_CASE("a series starts with what its first readable file says, and ends") {
    auto const events = all_of(image_events({broken("a"), source("b", 2)}, {}));
    REQUIRE(events.size() == 5);
    CHECK(as<UnreadItem>(events[0]).what == "broken");
    CHECK(as<SeriesStart>(events[1]).series.series_id == 1);
    CHECK(as<SeriesStart>(events[1]).first_image == 1);
    CHECK(events[2].item == "b#0");
    as<SeriesEnd>(events[4]);
    CHECK(all_of(image_events({broken("a")}, {})).size() == 1); // nothing started: nothing ends
}

TEST_CASE("CBF files say what camserver wrote, their cutoff holds, and an exposure given wins") {
    TemporaryDirectory const directory;
    auto const first = write_cbf_file(directory.path() / "s_1.cbf", 0.5, {1001, -1, 2, 3});
    auto const second = write_cbf_file(directory.path() / "s_2.cbf", 0.7, {7, -1, 2, 3});
    auto series = open_file_series({first, second}, {});
    CHECK(series.images == 2);
    CHECK(series.name == "s");
    auto const events = all_of(series.next);
    REQUIRE(events.size() == 4);
    auto const& start = as<SeriesStart>(events[0]);
    CHECK(start.count_time_s == 0.5);
    CHECK(start.images_expected == 2);
    CHECK(start.first_image == 0);
    CHECK(start.description == "PILATUS3 X CdTe 2M");
    CHECK(first_pixel(as<Frame>(events[1])).invalid);
    CHECK(first_pixel(as<Frame>(events[2])).value == 7);
    CHECK(as<Frame>(events[2]).exposure_s == 0.7);

    FileOptions options;
    options.exposure_s = 3;
    options.series_id = 12;
    auto const told = all_of(open_file_series({directory.path()}, options).next);
    CHECK(as<SeriesStart>(told[0]).count_time_s == 3);
    CHECK(as<Frame>(told[1]).exposure_s == 3);
    CHECK(as<Frame>(told[1]).series.series_id == 12);
}

TEST_CASE("what DECTRIS' files say of the series becomes its start, in this program's units") {
    TemporaryDirectory const directory;
    auto const path = directory.path() / "vit4_master.h5";
    write_eiger_file(path, true);
    auto const series = open_file_series({path}, {});
    CHECK(series.images == 2);
    CHECK(series.name == "vit4");
    auto const events = all_of(series.next);
    REQUIRE(events.size() == 4);
    auto const& start = as<SeriesStart>(events[0]);
    CHECK(start.description == "Dectris EIGER2 Si 4M");
    CHECK(start.serial_number == "E-32-0100");
    CHECK(start.rows == 2);
    CHECK(start.cols == 3);
    CHECK(start.images_expected == 1800);
    CHECK(start.energy_keV == doctest::Approx(13));
    CHECK(start.threshold_keV == doctest::Approx(6.5));
    CHECK(start.wavelength_A == 0.9537);
    CHECK(start.count_time_s == 0.0199);
    CHECK_FALSE(start.frame_time_s); // ms, not s: better none than a wrong one
    CHECK(start.pixel1_m == 76e-6);
    CHECK(start.pixel2_m == 75e-6);
    CHECK(start.sensor_material == "Si");
    CHECK(start.sensor_thickness_um == doctest::Approx(450));
    CHECK(start.pixel_mask_applied == true);
    CHECK(start.saturation == 100u);
    REQUIRE(start.pixel_mask);
    CHECK(*start.pixel_mask == std::vector<std::uint32_t>{0, 1, 0, 8, 0, 0x80000000});
    CHECK(first_pixel(as<Frame>(events[1])).invalid);       // 101 is above the cutoff
    CHECK_FALSE(first_pixel(as<Frame>(events[2])).invalid); // 100 is not
}

TEST_CASE("a dataset may be named behind the file") {
    TemporaryDirectory const directory;
    auto const path = directory.path() / "a.h5";
    write_eiger_file(path, false);
    auto const events = all_of(open_file_series({path.string() + "::/entry/instrument/detector/detectorSpecific/pixel_mask"}, {}).next);
    REQUIRE(events.size() == 3);
    CHECK(as<Frame>(events[1]).rows == 2);
    CHECK(events[1].item == path.string() + "#0");
}

TEST_CASE("limits on images hold for files") {
    TemporaryDirectory const directory;
    auto const path = directory.path() / "a.h5";
    write_eiger_file(path, true);
    auto const cbf = write_cbf_file(directory.path() / "a.cbf", 1, {1, 2, 3, 4, 5, 6});
    FileOptions options;
    options.decoder.limits.max_pixels = 5;
    CHECK_THROWS_WITH_AS(open_file_series({path}, options), doctest::Contains("2 x 3"), DataError);
    CHECK_THROWS_WITH_AS(open_file_series({cbf}, options), doctest::Contains("2 x 3"), DataError);
}
