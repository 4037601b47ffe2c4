// Shipped files, defaults, echo.
#include "config/load.hpp"

#include "config/poni_text.hpp"
#include "config_text.hpp"
#include "pipeline/core/units.hpp"

#include <doctest/doctest.h>

using namespace sqd;
using namespace sqd::test;

namespace {

Config load_text(Folder const& folder, std::string const& text) {
    folder.write("a.poni", poni);
    return parse_config(text, folder.file("test.yaml"), read_text_mask, read_text_image);
}

/// No key that has a default.
std::string const shortest = R"(source: {kind: dectris_stream1, connect: "tcp://127.0.0.1:9999"}
detector: {name: Simulated256}
geometry: {poni: a.poni}
sample: {composition: Zr46.8Ti8.2Cu7.5Ni10Be27.5, density_g_cm3: 6.0}
)";

} // namespace

TEST_CASE("every shipped file loads, and its echo loads to the same configuration") {
    for (auto const* name : {"id13", "id15a", "p10", "simulated"}) {
        CAPTURE(name);
        auto const path = (source_folder() / "config" / (std::string(name) + ".yaml")).string();
        auto const config = load_config(path, read_text_mask, read_text_image);
        auto const again = parse_config(config.effective_yaml, path, read_text_mask, read_text_image);
        CHECK(config.instance == name);
        CHECK(again.effective_yaml == config.effective_yaml);
        CHECK(again.geometry == config.geometry);
        CHECK(again.mask == config.mask);
        CHECK(again.reduction.fsdp->window_low_invA == config.reduction.fsdp->window_low_invA);
        CHECK(again.service.archive_directory == config.service.archive_directory);
    }
}

TEST_CASE("the station files say what the stations are") {
    auto const folder = source_folder() / "config";
    auto const id13 = load_config((folder / "id13.yaml").string(), read_text_mask, read_text_image);
    CHECK(id13.geometry.rows == 2167);
    CHECK(id13.geometry.cols == 2070);
    CHECK(id13.geometry.distance_m == 0.0816);
    CHECK(id13.integration.npt == 2300);
    CHECK(id13.scan.grid->rows * id13.scan.grid->cols == 1800);
    CHECK(id13.scan.points == 1800u);
    CHECK_FALSE(id13.reduction.pair_distribution);
    auto const id15a = load_config((folder / "id15a.yaml").string(), read_text_mask, read_text_image);
    CHECK(id15a.source.kind == "pilatus_stream");
    CHECK(id15a.source.subscribe);
    CHECK(id15a.reduction.pair_distribution->low_r_cut_A == 2.2);
    CHECK(id15a.reduction.pair_distribution->iterations == 3);
    CHECK(id15a.reduction.ad_hoc->q_max_invA == 28);
    CHECK(id15a.reduction.ad_hoc->window == Window::none);
    CHECK_FALSE(id13.reduction.ad_hoc);
    CHECK(id15a.reduction.sample.thickness_um == 30);
    auto const p10 = load_config((folder / "p10.yaml").string(), read_text_mask, read_text_image);
    CHECK(p10.geometry.rot1_rad == 0.3464);
    CHECK_FALSE(p10.reduction.structure_factor);
    CHECK(p10.reduction.fsdp->on_pattern);
    CHECK(p10.reduction.fsdp->model == PeakEstimator::pseudo_voigt);
    CHECK(p10.background_use == BackgroundUse::none);
}

TEST_CASE("values arrive where the recipe reads them, and only units change") {
    Folder const folder;
    auto const config = load_text(folder, yaml);
    CHECK(config.energy_keV == 68.5);
    CHECK(config.geometry.wavelength_A == wavelength_A(68.5));
    CHECK(config.reduction.energy_keV == 68.5);
    CHECK(config.reduction.distance_m == 0.078);
    CHECK(config.reduction.polarization_factor == 0.97);
    CHECK(config.integration.polarization_factor == 0.97);
    CHECK(config.reduction.threshold_keV == 20.0);
    CHECK(config.reduction.sensor == Sensor{"CdTe", 1000});
    CHECK(config.reduction.sample.density_g_cm3 == 6.0);
    CHECK(config.reduction.sample.composition.elements.size() == 5);
    CHECK(config.integration.radial_range == std::pair{0.3, 9.0});
    CHECK(config.source.queue_bytes == std::size_t{2048} << 20);
    CHECK(config.source.max_image_bytes == std::size_t{256} << 20);
    CHECK(config.service.archive_directory == folder.file("archive"));
    CHECK(config.poni_file == folder.file("a.poni"));
}

TEST_CASE("bins may be written edge by edge or in even ratios, and the echo says them once") {
    Folder const folder;
    std::string list = "0.3";
    for (int i = 1; i <= 400; ++i) list += ", " + std::to_string(0.3 + 0.02 * i + 4e-6 * i * i);
    auto const without_gr = replaced(yaml, "pair_distribution: {q_max_invA: 8.9, r_max_A: 20}\n", "");
    auto const edges = load_text(folder, replaced(replaced(without_gr, "npt: 348\n  unit: q_A^-1\n  radial_range: [0.3, 9.0]",
                                                           "unit: q_A^-1\n  edges: [" + list + ']'),
                                                  "q_max_invA: 8.9", "q_max_invA: 8.5"));
    CHECK(edges.integration.edges.size() == 401);
    CHECK(edges.integration.edges[400] == 8.94);
    CHECK(edges.integration.npt == 400);
    CHECK_FALSE(edges.integration.radial_range);
    CHECK(edges.effective_yaml.find("npt: none\n") != std::string::npos);
    auto const again = parse_config(edges.effective_yaml, edges.file, read_text_mask, read_text_image);
    CHECK(again.effective_yaml == edges.effective_yaml);
    CHECK(again.integration.edges == edges.integration.edges);
    auto const log = load_text(folder, replaced(without_gr, "npt: 348", "npt: 348\n  spacing: log"));
    CHECK(log.integration.log_spacing);
    CHECK(log.integration.radial_range == std::pair{0.3, 9.0});
    CHECK(log.integration.npt == 348);
}

TEST_CASE("low-r cleaning is Eggert's unless the top hat is asked for, whose width goes with the cut") {
    Folder const folder;
    auto const with = [&](std::string const& keys) {
        return load_text(folder, replaced(yaml, "r_max_A: 20}", "r_max_A: 20" + keys + '}'));
    };
    auto const plain = *with("").reduction.pair_distribution;
    CHECK(plain.iterations == 0);
    CHECK(plain.low_r_method == LowRMethod::eggert);
    auto const eggert = *with(", low_r_cut_A: 2.2").reduction.pair_distribution;
    CHECK(eggert.iterations == 3);
    CHECK(eggert.top_hat_invA == 0);
    auto const config = with(", low_r_cut_A: 2.2, low_r_method: top_hat");
    auto const top_hat = *config.reduction.pair_distribution;
    CHECK(top_hat.low_r_method == LowRMethod::top_hat);
    CHECK(top_hat.iterations == 1);
    CHECK(top_hat.top_hat_invA == doctest::Approx(3 / 2.2));
    auto const again = parse_config(config.effective_yaml, config.file, read_text_mask, read_text_image);
    CHECK(again.effective_yaml == config.effective_yaml);
    CHECK(with(", low_r_cut_A: 2.2, low_r_method: top_hat, top_hat_invA: 2").reduction.pair_distribution->top_hat_invA == 2);
}

TEST_CASE("a cake is off unless it is asked for, and has the defaults of the key table") {
    Folder const folder;
    CHECK_FALSE(load_text(folder, yaml).integration.cake);
    auto const plain = load_text(folder, replaced(yaml, "npt: 348", "npt: 348\n  cake: {npt_azim: 90}"));
    REQUIRE(plain.integration.cake);
    CHECK(plain.integration.cake->npt_azim == 90);
    CHECK(plain.integration.cake->azimuth_range_deg == std::pair{-180.0, 180.0});
    auto const again = parse_config(plain.effective_yaml, plain.file, read_text_mask, read_text_image);
    CHECK(again.effective_yaml == plain.effective_yaml);
    auto const told = load_text(folder, replaced(yaml, "npt: 348", "npt: 348\n  cake: {azimuth_range: auto}"));
    CHECK(told.integration.cake->npt_azim == 360);
    CHECK_FALSE(told.integration.cake->azimuth_range_deg);
}

TEST_CASE("the shortest file has the defaults of the key table") {
    Folder const folder;
    auto const config = load_text(folder, shortest);
    CHECK(config.instance == "sqd");
    CHECK(config.energy_keV == doctest::Approx(68.5).epsilon(1e-12)); // from the .poni's wavelength
    CHECK(config.detector.sensor == Sensor{"Si", 450});               // the detector's usual one
    CHECK_FALSE(config.detector.threshold_keV);
    CHECK_FALSE(config.integration.radial_range);
    CHECK(config.integration.sensor_efficiency);
    CHECK_FALSE(config.reduction.sample.self_absorption); // no thickness
    CHECK(config.reduction.structure_factor->q_min_invA == 0.5);
    CHECK(config.reduction.fsdp->on_pattern == false);
    CHECK_FALSE(config.reduction.pair_distribution);
    CHECK(parse_config(config.effective_yaml, config.file, read_text_mask, read_text_image).effective_yaml == config.effective_yaml);
    for (auto const& row : config_keys()) {
        if (row.default_value.starts_with("(") || row.default_value == "required" || row.default_value == "section") continue;
        if (row.key.starts_with("pair_distribution.") || row.key.starts_with("sample.composition") || row.key == "sample.density_g_cm3" ||
            row.key == "source.connect" || row.key.starts_with("source.tap.") || row.key.starts_with("integration.cake.") ||
            row.key.starts_with("corrections.") || row.key.starts_with("ad_hoc.") || row.key == "geometry.poni" ||
            row.key.starts_with("geometry.fit2d.")) {
            continue;
        }
        CAPTURE(row.key);
        auto const leaf = row.key.substr(row.key.find_last_of('.') + 1);
        auto const quoted = leaf + ": \"" + row.default_value + '"';
        auto const plain = leaf + ": " + row.default_value;
        auto const shown =
            config.effective_yaml.find(plain + '\n') != std::string::npos || config.effective_yaml.find(quoted + '\n') != std::string::npos;
        CHECK(shown);
    }
}

TEST_CASE("a tap is off unless it says where, and has the defaults of the key table") {
    Folder const folder;
    CHECK_FALSE(load_text(folder, yaml).source.tap);
    auto const plain = load_text(folder, replaced(yaml, "connect: tcp", "tap: {bind: tcp://127.0.0.1:0}\n  connect: tcp")).source.tap;
    REQUIRE(plain);
    CHECK(plain->bind == "tcp://127.0.0.1:0");
    CHECK(plain->connect.empty());
    CHECK_FALSE(plain->publish);
    CHECK(plain->queue_messages == 256);
    auto const told = load_text(folder, replaced(yaml, "connect: tcp",
                                                 "tap: {connect: tcp://10.0.0.1:1, socket: pub, queue_messages: 7}\n  connect: tcp"))
                          .source.tap;
    REQUIRE(told);
    CHECK(told->connect == "tcp://10.0.0.1:1");
    CHECK(told->publish);
    CHECK(told->queue_messages == 7);
}

TEST_CASE("FIT2D's parameters and pyFAI-integrate's file are the geometry of the .poni") {
    Folder const folder;
    auto const by_poni = load_text(folder, yaml);
    CHECK_FALSE(by_poni.orientation_stated);
    auto const by_fit2d =
        load_text(folder, replaced(yaml, "poni: a.poni",
                                   "fit2d: {distance_mm: 78, center_x_px: 53.333333333333336, center_y_px: 53.333333333333336}"));
    CHECK(by_fit2d.geometry.distance_m == doctest::Approx(0.078).epsilon(1e-15));
    CHECK(by_fit2d.geometry.poni1_m == doctest::Approx(0.004).epsilon(1e-15));
    CHECK(by_fit2d.geometry.rot1_rad == 0);
    CHECK(by_fit2d.poni_file.empty());
    CHECK(parse_config(by_fit2d.effective_yaml, by_fit2d.file, read_text_mask, read_text_image).geometry == by_fit2d.geometry);
    folder.write("azimint.json", R"({"dist": 0.078, "poni1": 0.004, "poni2": 0.004, "wavelength": 1.8099882982948943e-11, "nbpt_rad": 5,
        "detector": "Detector", "detector_config": {"pixel1": 7.5e-05, "pixel2": 7.5e-05, "max_shape": [256, 256], "orientation": 3}})");
    auto const by_json = load_text(folder, replaced(yaml, "poni: a.poni", "poni: azimint.json"));
    CHECK(by_json.geometry == by_poni.geometry);
    CHECK(by_json.orientation_stated);
    CHECK(by_json.unused_settings == std::vector<std::string>{"nbpt_rad"});
    CHECK(by_json.poni_file == folder.file("azimint.json"));
}

TEST_CASE("the .poni's sensor is used where none is configured, and is echoed") {
    Folder const folder;
    folder.write("s.poni", replaced(poni, "[256, 256]", "[256, 256], \"sensor\": {\"material\": \"CdTe\", \"thickness\": 0.00075}"));
    auto const text = replaced(replaced(yaml, "a.poni", "s.poni"), "  sensor: {material: CdTe, thickness_um: 1000}\n", "");
    auto const config = load_text(folder, text);
    CHECK(config.detector.sensor == Sensor{"CdTe", 750});
    CHECK(config.effective_yaml.find("thickness_um: 750\n") != std::string::npos);
    CHECK(parse_config(config.effective_yaml, config.file, read_text_mask, read_text_image).detector.sensor == config.detector.sensor);
    CHECK(config.integration.sensor_efficiency);
}

TEST_CASE("a .poni that declares parallax gets it, and needs a sensor for it") {
    Folder const folder;
    folder.write("p.poni", replaced(poni, "[256, 256]", "[256, 256], \"parallax\": true"));
    auto const text = replaced(yaml, "a.poni", "p.poni");
    auto const config = load_text(folder, text);
    REQUIRE(config.geometry.parallax);
    CHECK(config.geometry.parallax->material == "CdTe");
    CHECK(config.geometry.parallax->thickness_m == doctest::Approx(1e-3));
    CHECK(config.geometry.parallax->attenuation_per_m == doctest::Approx(2500).epsilon(0.1)); // 4.3 cm2/g x 5.85 g/cm3 at 68.5 keV
    folder.write("again.poni", poni_text(config.geometry));
    CHECK(load_text(folder, replaced(yaml, "a.poni", "again.poni")).geometry.parallax == config.geometry.parallax);
    CHECK_FALSE(load_text(folder, yaml).geometry.parallax);
    auto const bare = replaced(replaced(text, "sensor: {material: CdTe, thickness_um: 1000}", "sensor: none"), "threshold_keV: 20.0",
                               "threshold_keV: auto");
    CHECK(complaint(folder, bare).find("geometry.poni: was calibrated with parallax, which cannot be applied (detector.sensor is none)") !=
          std::string::npos);
}

TEST_CASE("the echo has every key of the table") {
    Folder const folder;
    auto const with_tap = replaced(yaml, "connect: tcp", "tap: {bind: tcp://127.0.0.1:0}\n  connect: tcp");
    auto const with_corrections =
        with_tap + "corrections: {air: {}, absorber: {material: Be, density_g_cm3: 1.85, thickness_um: 50}}\nad_hoc: {}\n";
    auto const config = load_text(
        folder, replaced(replaced(with_corrections, "poni: a.poni", "fit2d: {distance_mm: 78, center_x_px: 53.3, center_y_px: 53.3}"),
                         "npt: 348", "npt: 348\n  cake: {npt_azim: 90}"));
    for (auto const& row : config_keys()) {
        if (row.type == "section or none") continue;
        CAPTURE(row.key);
        auto const leaf = row.key.substr(row.key.find_last_of('.') + 1);
        CHECK(('\n' + config.effective_yaml).find((leaf == row.key ? '\n' : ' ') + leaf + ": ") != std::string::npos);
    }
}

TEST_CASE("the echo does not depend on how a value was written") {
    Folder const folder;
    auto const one = load_text(folder, yaml);
    auto const other = load_text(folder, replaced(replaced(yaml, "68.5", "6.85e1"), "instance: test", "instance: \"test\""));
    CHECK(one.effective_yaml == other.effective_yaml);
}

TEST_CASE("an echoed text that looks like something else is read back as text") {
    Folder const folder;
    auto const config = load_text(folder, replaced(yaml, "use: latest", "use: \"0012: a \\\"scan\\\"\""));
    CHECK(config.background_use == BackgroundUse::scan_id);
    CHECK(config.background_scan == "0012: a \"scan\"");
    CHECK(parse_config(config.effective_yaml, config.file, read_text_mask, read_text_image).background_scan == config.background_scan);
}

TEST_CASE("a text with control characters survives the echo, and a detector has one spelling") {
    Folder const folder;
    auto const config = load_text(folder, replaced(replaced(yaml, "use: latest", "use: \"a\\tb\\r\\nc\""), "Simulated256", "simulated256"));
    CHECK(config.background_scan == "a\tb\r\nc");
    CHECK(parse_config(config.effective_yaml, config.file, read_text_mask, read_text_image).background_scan == config.background_scan);
    CHECK(config.effective_yaml.find("name: Simulated256\n") != std::string::npos);
}

TEST_CASE("none switches a section off and is echoed as none") {
    Folder const folder;
    auto text =
        replaced(yaml, "structure_factor:\n  normalization: kmn\n  q_min_invA: 0.5\n  q_max_invA: 8.9\n", "structure_factor: none\n");
    text = replaced(text, "pair_distribution: {q_max_invA: 8.9, r_max_A: 20}\n", "");
    text = replaced(text, "on: sq", "on: pattern");
    auto const config = load_text(folder, text);
    CHECK_FALSE(config.reduction.structure_factor);
    CHECK(config.effective_yaml.find("structure_factor: none\n") != std::string::npos);
    CHECK(config.effective_yaml.find("kmn") == std::string::npos);
    auto const bare = load_text(folder, replaced(text, "  sensor: {material: CdTe, thickness_um: 1000}", "  sensor: none"));
    CHECK_FALSE(bare.detector.sensor);
    CHECK_FALSE(bare.integration.sensor_efficiency);
}

TEST_CASE("with compat: pyfai there is no sensor efficiency unless it is asked for") {
    Folder const folder;
    CHECK_FALSE(load_text(folder, replaced(yaml, "compat: none", "compat: pyfai")).integration.sensor_efficiency);
    CHECK(load_text(folder, replaced(yaml, "compat: none", "compat: pyfai\n  sensor_efficiency: true")).integration.sensor_efficiency);
}

TEST_CASE("mask files are combined with the gaps, and relative names start at the configuration") {
    Folder const folder;
    folder.write("stop.h5", text_mask(256, 256, 2, 7));
    folder.write("again.txt", text_mask(256, 256, 2, 7));
    auto const without = load_text(folder, yaml);
    std::vector<std::string> asked;
    auto const with = parse_config(
        replaced(yaml, "files: []", "files: [stop.h5, again.txt, stop.h5]"), folder.file("test.yaml"),
        [&asked](std::string const& path) {
            asked.push_back(path);
            return read_text_mask(path);
        },
        read_text_image);
    CHECK(with.mask(2, 7) == 1);
    CHECK(masked_pixels(with.mask) == masked_pixels(without.mask) + 1);
    CHECK(asked == std::vector<std::string>{folder.file("stop.h5"), folder.file("again.txt"), folder.file("stop.h5")});
    REQUIRE(with.mask_files.size() == 3);
    CHECK(with.mask_files[1].path == folder.file("again.txt"));
    CHECK(with.mask_files[1].masked == 1);
    CHECK(with.masked_by_files == 1); // the same pixel thrice
    CHECK(with.masked_by_gaps == masked_pixels(without.mask));
    CHECK(without.masked_by_files == 0);
}

TEST_CASE("the dataset of a mask is left to its reader") {
    Folder const folder;
    folder.write("a.poni", poni);
    folder.write("stop.h5", "");
    std::string asked;
    parse_config(
        replaced(yaml, "files: []", "files: [\"stop.h5::/entry/mask\"]"), folder.file("test.yaml"),
        [&asked](std::string const& path) {
            asked = path;
            return Mask(256, 256);
        },
        read_text_image);
    CHECK(asked == folder.file("stop.h5") + "::/entry/mask");
}

TEST_CASE("a q range in other units is held against the detector and the curves in 1/A") {
    Folder const folder;
    CHECK_NOTHROW(load_text(folder, replaced(yaml, "unit: q_A^-1\n  radial_range: [0.3, 9.0]", "unit: q_nm^-1\n  radial_range: [3, 90]")));
    // 2 theta of q = 9 at 68.5 keV: 2 asin(9 * 0.18100 / (4 pi)) = 14.90 deg
    CHECK_NOTHROW(
        load_text(folder, replaced(yaml, "unit: q_A^-1\n  radial_range: [0.3, 9.0]", "unit: 2th_deg\n  radial_range: [0.4, 14.9]")));
    auto const said =
        complaint(folder, replaced(yaml, "unit: q_A^-1\n  radial_range: [0.3, 9.0]", "unit: 2th_deg\n  radial_range: [0.4, 14.0]"));
    CHECK(said.find("structure_factor.q_max_invA") != std::string::npos);
}

TEST_CASE("a file that is not there is a configuration error") {
    CHECK_THROWS_AS(load_config("no_such_folder/none.yaml", read_text_mask, read_text_image), ConfigError);
    CHECK_THROWS_AS(load_config("/", read_text_mask, read_text_image), ConfigError);
}

TEST_CASE("points beside the sample may be the background, unless pixels are summed before points are told apart") {
    Folder const folder;
    auto const off = replaced(yaml, "use: latest", "use: off_sample");
    auto const config = load_text(folder, off);
    CHECK(config.background_use == BackgroundUse::off_sample);
    CHECK(config.reduction.background.off_sample);
    auto const split = replaced(off, "npt: 348", "npt: 348\n  split: bbox");
    CHECK(complaint(folder, split).find("background.use: off_sample cannot be had (integration.split") != std::string::npos);
}
