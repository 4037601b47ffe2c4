// camserver's file names and the text of its CBF files.
#include "detectors/camserver/cbf_description.hpp"
#include "detectors/camserver/file_name.hpp"
#include "detectors/simulated/cbf_writer.hpp"
#include "tests/unit/detectors/cbf_file.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>

using namespace sqd;

namespace {

std::string text_of(std::string const& lines) {
    return "###CBF: VERSION 1.5\r\n\r\ndata_t\r\n\r\n_array_data.header_contents\r\n;\r\n" + lines + ";\r\n";
}

SeriesStart described(std::string const& text) {
    CbfImage image;
    image.header = text;
    return describe_cbf(image);
}

SeriesStart of_lines(std::string const& lines) {
    return described(text_of(lines));
}

} // namespace

TEST_CASE("digits after the last underscore are the count of the image") {
    CHECK(parse_camserver_name("t_0008.cbf") == CamserverName{"t", 8, 4, "cbf"});
    CHECK(parse_camserver_name("t_00000.cbf") == CamserverName{"t", 0, 5, "cbf"});
    CHECK(parse_camserver_name("/ramdisk/2019/vit4_643K_00123.TIFF") == CamserverName{"vit4_643K", 123, 5, "tiff"});
    CHECK(parse_camserver_name("t_014B_00000.tif") == CamserverName{"t_014B", 0, 5, "tif"});
    CHECK(parse_camserver_name("a_001_002.edf") == CamserverName{"a_001", 2, 3, "edf"});
    CHECK(parse_camserver_name("t_123456.cbf") == CamserverName{"t", 123456, 6, "cbf"});
}

TEST_CASE("a name without a count is one image as typed") {
    CHECK(parse_camserver_name("t.cbf") == CamserverName{"t", 0, 0, "cbf"});
    CHECK(parse_camserver_name("t_014B.cbf") == CamserverName{"t_014B", 0, 0, "cbf"});
    CHECK(parse_camserver_name("t_12.cbf") == CamserverName{"t_12", 0, 0, "cbf"}); // a count has three digits at least
    CHECK(parse_camserver_name("t0008.cbf") == CamserverName{"t0008", 0, 0, "cbf"});
    CHECK(parse_camserver_name("t_.cbf") == CamserverName{"t_", 0, 0, "cbf"});
    CHECK(parse_camserver_name("t_99999999999999999999.cbf") == CamserverName{"t_99999999999999999999", 0, 0, "cbf"});
}

TEST_CASE("what camserver does not write is no image name") {
    for (char const* const name :
         {"", "/", "t", "t_0001", ".cbf", "_0001.cbf", "t_0001.h5", "t_0001.cbf.tmp", "t_0001.cbf/", "output/xrd.h5"}) {
        CAPTURE(name);
        CHECK_FALSE(parse_camserver_name(name));
    }
}

TEST_CASE("a header says of its series what it knows") {
    auto const start = of_lines("# Detector: PILATUS3 6M, S/N 60-0119\r\n"
                                "# 2019-09-11T13:20:29.197\r\n"
                                "# Pixel_size 171e-6 m x 172e-6 m\r\n"
                                "# Silicon sensor, thickness 0.000450 m\r\n"
                                "# Exposure_time 0.0190000 s\r\n"
                                "# Exposure_period 0.0200000 s\r\n"
                                "# Tau = 0 s\r\n"
                                "# Threshold_setting: 6400 eV\r\n"
                                "# Flat_field: FF_p60-0119.tif\r\n"
                                "# Wavelength 0.96859 A\r\n");
    CHECK(start.description == "PILATUS3 6M");
    CHECK(start.serial_number == "60-0119");
    CHECK(start.date == "2019-09-11T13:20:29.197");
    CHECK(*start.pixel1_m == doctest::Approx(172e-6)); // y
    CHECK(*start.pixel2_m == doctest::Approx(171e-6)); // x
    CHECK(start.sensor_material == "Si");
    CHECK(*start.sensor_thickness_um == doctest::Approx(450));
    CHECK(start.count_time_s == 0.019);
    CHECK(start.frame_time_s == 0.02);
    CHECK(*start.threshold_keV == doctest::Approx(6.4));
    CHECK(start.flatfield_applied == true);
    CHECK(start.wavelength_A == 0.96859);
    CHECK_FALSE(start.energy_keV);
    CHECK_FALSE(start.first_image);
}

TEST_CASE("separators, line ends and old dates are read as they come") {
    auto const start = of_lines("#Detector=PILATUS 100K\n# 2010/Nov/11 10:12:13.123\n# CdTe sensor, thickness = 1e-3 m\n"
                                "#  Exposure_time =  0.5 s\n# Exposure_period:1\n# Flat_field: (nil)\n");
    CHECK(start.description == "PILATUS 100K");
    CHECK(start.serial_number == "");
    CHECK(start.date == "2010/Nov/11 10:12:13.123");
    CHECK(start.sensor_material == "CdTe");
    CHECK(*start.sensor_thickness_um == doctest::Approx(1000));
    CHECK(start.count_time_s == 0.5);
    CHECK(start.frame_time_s == 1.0);
    CHECK(start.flatfield_applied == false);
}

TEST_CASE("damaged lines say nothing, and absent is never zero") {
    auto const start =
        of_lines("# Detector\r\n# Pixel_size 172e-6 m x\r\n# Silicon sensor, thickness\r\n# Exposure_time nan s\r\n"
                 "# Exposure_period -1 s\r\n# Threshold_setting: 0 eV\r\n# Wavelength (nil)\r\n# Exposure_timeout 5 s\r\n#\r\n# 20");
    CHECK(start.description == "");
    CHECK_FALSE(start.pixel1_m);
    CHECK_FALSE(start.sensor_thickness_um);
    CHECK_FALSE(start.count_time_s);
    CHECK_FALSE(start.frame_time_s);
    CHECK_FALSE(start.threshold_keV);
    CHECK_FALSE(start.wavelength_A);
    CHECK(start.date == "");
}

TEST_CASE("what follows the header's lines is not camserver's") {
    auto const start = described(text_of("# Exposure_time 0.1 s\r\n") + "\r\n# Exposure_time 7 s\r\n# CdTe sensor, thickness 1 m\r\n");
    CHECK(start.count_time_s == 0.1);
    CHECK_FALSE(start.sensor_material);
}

TEST_CASE("names from a file are printable and short, whatever bytes are in it") {
    auto const start = of_lines("# Detector: PILATUS\xff\x01 2M" + std::string(5000, 'x') + ", S/N \xc3\r\n");
    CHECK(start.description.substr(0, 12) == "PILATUS?? 2M");
    CHECK(start.description.size() <= 100);
    CHECK(start.serial_number.size() <= 100);
}

TEST_CASE("a file of the simulated PILATUS says what was written into it") {
    simulated::CbfHeader header;
    header.name = "glass_00001";
    header.detector = "PILATUS3 X CdTe 2M";
    header.date = "2026-01-02T03:04:05.678";
    header.pixel_m = 172e-6;
    header.sensor_material = "CdTe";
    header.sensor_thickness_um = 1000;
    header.exposure_s = 0.5;
    header.period_s = 0.501;
    header.energy_keV = 68.5;
    header.threshold_keV = 34;
    header.count_cutoff = 58000;
    auto const file = simulated::write_cbf(header, 2, 3, std::vector<std::int32_t>(6));
    auto const start = describe_cbf_file(file);
    REQUIRE(start);
    CHECK(start->description == "PILATUS3 X CdTe 2M");
    CHECK(start->serial_number == "simulated");
    CHECK(start->rows == 2);
    CHECK(start->cols == 3);
    CHECK(start->saturation == 58000);
    CHECK(start->date == header.date);
    CHECK(*start->pixel1_m == doctest::Approx(172e-6));
    CHECK(*start->sensor_thickness_um == doctest::Approx(1000));
    CHECK(start->count_time_s == 0.5);
    CHECK(*start->threshold_keV == doctest::Approx(34));
    CHECK(*start->wavelength_A == doctest::Approx(12.398419843 / 68.5).epsilon(1e-5));
    CHECK(describe_cbf_file(test::Bytes(100)) == nullptr);
}

TEST_CASE("ten thousand damaged headers are described without complaint") {
    std::mt19937 random(20260103);
    auto const sound = text_of("# Detector: PILATUS3 6M, S/N 60-0119\r\n# 2019-09-11T13:20:29.197\r\n# Pixel_size 172e-6 m x 172e-6 m\r\n"
                               "# Silicon sensor, thickness 0.000450 m\r\n# Exposure_time 0.0190000 s\r\n# Threshold_setting: 6400 eV\r\n");
    for (int i = 0; i < 10000; ++i) {
        auto text = sound.substr(0, random() % (sound.size() + 1));
        for (int n = 0; n < 4 && !text.empty(); ++n) text[random() % text.size()] = static_cast<char>(random() & 0xFF);
        auto const start = described(text);
        REQUIRE(start.count_time_s.value_or(1) > 0);
    }
}
