// The archive keeps every field bit by bit, under its own name.
#include "daemon/archive/nexus_archive.hpp"

#include "config/poni.hpp"
#include "daemon/archive/archive_schema.hpp"
#include "pipeline/core/errors.hpp"
#include "pipeline/core/units.hpp"
#include "pipeline/reduce/real_space_forms.hpp"
#include "tests/support/full_result.hpp"
#include "tests/support/hdf5_read.hpp"
#include "tests/support/written_archive.hpp"

#include <doctest/doctest.h>

#include <cstring>

using namespace sqd;
using sqd::test::config_text;
using sqd::test::Hdf5File;
using sqd::test::Written;
namespace fs = std::filesystem;

namespace {

bool same_bits(std::vector<double> const& a, std::vector<double> const& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

void check_pattern(Hdf5File const& file, std::string const& group, Pattern1D const& p) {
    CHECK(same_bits(file.values<double>(group + "/radial_axis"), p.radial));
    CHECK(same_bits(file.values<double>(group + "/q"), p.q_invA));
    CHECK(same_bits(file.values<double>(group + "/I"), p.intensity));
    CHECK(same_bits(file.values<double>(group + "/I_errors"), p.sigma));
    CHECK(same_bits(file.values<double>(group + "/pixels"), p.pixels));
    CHECK(same_bits(file.values<double>(group + "/polarization"), p.polarization));
    CHECK(same_bits(file.values<double>(group + "/norm"), p.norm));
    CHECK(same_bits(file.values<double>(group + "/radial_axis_edges"), p.edges));
    CHECK(file.text(group + "/radial_unit") == name(p.unit));
}

} // namespace

TEST_CASE("every curve of a result comes back from its file bit by bit") {
    ReducedResult const r = test::full_result();
    Written const written(r);
    Hdf5File const file(written.archive.path_for(r.scan));
    check_pattern(file, "/entry/azimuthal_integration/data", r.curves.pattern);
    check_pattern(file, "/entry/azint1d/data", r.curves.pattern);
    check_pattern(file, "/entry/background_subtraction/data", *r.curves.net);
    check_pattern(file, "/entry/background_subtraction/background", *r.curves.background);
    CHECK(same_bits(file.values<double>("/entry/structure_factor/data/q"), r.curves.sq->q_invA));
    CHECK(same_bits(file.values<double>("/entry/structure_factor/data/S"), r.curves.sq->s));
    CHECK(same_bits(file.values<double>("/entry/structure_factor/data/S_errors"), r.curves.sq->s_sigma));
    CHECK(same_bits(file.values<double>("/entry/structure_factor/reduced/q"), r.curves.sq->q_invA));
    CHECK(same_bits(file.values<double>("/entry/structure_factor/reduced/F"), r.curves.sq->f));
    CHECK(same_bits(file.values<double>("/entry/fsdp/data/q"), r.curves.fsdp->q_invA));
    CHECK(same_bits(file.values<double>("/entry/fsdp/data/data"), r.curves.fsdp->data));
    CHECK(same_bits(file.values<double>("/entry/fsdp/data/data_errors"), r.curves.fsdp->data_sigma));
    CHECK(same_bits(file.values<double>("/entry/fsdp/data/fit"), r.curves.fsdp->fit));
    CHECK(same_bits(file.values<double>("/entry/fsdp/residual/residual"), r.curves.fsdp->residual));
    CHECK(same_bits(file.values<double>("/entry/pair_distribution/data/r"), r.curves.gr->r_A));
    CHECK(same_bits(file.values<double>("/entry/pair_distribution/data/G"), r.curves.gr->g));
    CHECK(same_bits(file.values<double>("/entry/pair_distribution/data/G_errors"), r.curves.gr->g_sigma));
    std::string const real_space = "/entry/pair_distribution";
    auto const& gr = *r.curves.gr;
    CHECK(same_bits(file.values<double>(real_space + "/data/G_background_errors"), gr.g_background_sigma));
    CHECK(same_bits(file.values<double>(real_space + "/pair/g"), real_space_forms(gr).pair));
    CHECK(same_bits(file.values<double>(real_space + "/radial/RDF_errors"), real_space_forms(gr).rdf_sigma));
    CHECK(same_bits(file.values<double>(real_space + "/total/T"), real_space_forms(gr).total));
    CHECK(file.text(real_space + "/parameters/low_r_method") == "top_hat");
    CHECK(file.value<double>(real_space + "/parameters/top_hat") == gr.top_hat_invA);
    CHECK(file.value<double>(real_space + "/parameters/density") == gr.density_A3);
    auto const of_shells = [&](std::string const& name) { return file.values<double>(real_space + "/parameters/shell_" + name); };
    CHECK(of_shells("r") == std::vector{2.7, 4.6});
    CHECK(of_shells("r_errors") == std::vector{0.01, 0.02});
    CHECK(of_shells("height_background_errors") == std::vector{0.02, 0.01});
    CHECK(of_shells("low").at(0) == 2.3);
    CHECK(of_shells("high").at(0) == 3.4);
    CHECK(of_shells("coordination").at(0) == 11.9);
    CHECK(of_shells("coordination_errors").at(0) == 0.3);
    CHECK(of_shells("coordination_a").at(0) == 9.1);
    CHECK(of_shells("coordination_b_errors").at(0) == 0.5);
    CHECK(std::isnan(of_shells("coordination").at(1))); // the second shell has no end
}

TEST_CASE("the ad hoc route is a step of its own, with its curves bit by bit and every number under the wire's name") {
    ReducedResult const r = test::full_result();
    Written const written(r);
    Hdf5File const file(written.archive.path_for(r.scan));
    AdHocCurves const& a = *r.curves.ad_hoc;
    CHECK(same_bits(file.values<double>("/entry/ad_hoc/data/r"), a.gr.r_A));
    CHECK(same_bits(file.values<double>("/entry/ad_hoc/data/G"), a.gr.g));
    CHECK(same_bits(file.values<double>("/entry/ad_hoc/data/G_errors"), a.gr.g_sigma));
    CHECK(same_bits(file.values<double>("/entry/ad_hoc/reduced/q"), a.sq.q_invA));
    CHECK(same_bits(file.values<double>("/entry/ad_hoc/reduced/F"), a.sq.f));
    CHECK(same_bits(file.values<double>("/entry/ad_hoc/reduced/S"), a.sq.s));
    CHECK(same_bits(file.values<double>("/entry/ad_hoc/reduced/S_errors"), a.sq.s_sigma));
    CHECK(file.attribute("/entry/ad_hoc", "NX_class") == "NXprocess");
    CHECK(file.attribute("/entry/ad_hoc", "default") == "data");
    CHECK(file.attribute("/entry/ad_hoc/data", "signal") == "G");
    CHECK(file.attribute("/entry/ad_hoc/reduced", "signal") == "F");
    for (auto const& [key, value] : {std::pair{"scale", a.scale},
                                     {"rpoly", a.rpoly_A},
                                     {"degree", a.degree},
                                     {"q_min", a.q_min_invA},
                                     {"q_max_inst", a.q_max_inst_invA},
                                     {"q_max", a.gr.q_max_invA}}) {
        auto const& this_key = key;
        CAPTURE(this_key);
        CHECK(file.value<double>(std::string("/entry/ad_hoc/parameters/") + key) == value);
    }
    CHECK(file.text("/entry/ad_hoc/parameters/window") == a.gr.window);
}

TEST_CASE("the cake comes back as images of a row per azimuth, as its own step and as NXazint2d sees it") {
    ReducedResult r = test::full_result();
    Written const written(r);
    Hdf5File const file(written.archive.path_for(r.scan));
    Cake const& cake = *r.curves.cake;
    for (std::string const group : {"/entry/azimuthal_integration_2d/data", "/entry/azint2d/data"}) {
        CHECK(file.shape(group + "/I") == std::vector<hsize_t>{5, 7});
        CHECK(same_bits(file.values<double>(group + "/I"), cake.intensity.pixels));
        CHECK(same_bits(file.values<double>(group + "/I_errors"), cake.sigma.pixels));
        CHECK(same_bits(file.values<double>(group + "/norm"), cake.norm.pixels));
        CHECK(same_bits(file.values<double>(group + "/pixels"), cake.count.pixels));
        CHECK(same_bits(file.values<double>(group + "/radial_axis"), cake.radial.centres()));
        CHECK(same_bits(file.values<double>(group + "/radial_axis_edges"), cake.radial.edges()));
        CHECK(same_bits(file.values<double>(group + "/azimuthal_axis"), cake.chi_deg.centres()));
        CHECK(same_bits(file.values<double>(group + "/azimuthal_axis_edges"), cake.chi_deg.edges()));
        CHECK(file.attribute(group, "signal") == "I");
        CHECK(file.attribute(group, "interpretation") == "image");
        CHECK(file.attribute(group + "/azimuthal_axis", "units") == "degrees");
        CHECK(file.attribute(group + "/radial_axis", "units") == "deg");
    }
    CHECK(file.text("/entry/azint2d/definition") == "NXazint2d");
    CHECK(file.attribute("/entry/azint2d", "default") == "data");
    CHECK(file.attribute("/entry/azimuthal_integration_2d", "default") == "data");
    CHECK(file.value<std::int64_t>("/entry/ad_hoc/sequence_index") == 6);
    CHECK(file.value<std::int64_t>("/entry/azimuthal_integration_2d/sequence_index") == 7);
    CHECK(file.value<std::uint64_t>("/entry/azint2d/reduction/input/azimuth_bins") == 5);
    r.curves.cake = nullptr;
    r.scan.uid = "without";
    Written const without(r);
    Hdf5File const plain(without.archive.path_for(r.scan));
    CHECK_FALSE(plain.has("/entry/azimuthal_integration_2d"));
    CHECK_FALSE(plain.has("/entry/azint2d"));
}

TEST_CASE("NXazint1d says what the pattern was made with, under azint_writer's names") {
    ReducedResult const r = test::full_result();
    Written const written(r);
    Hdf5File const file(written.archive.path_for(r.scan));
    std::string const reduction = "/entry/azint1d/reduction", input = reduction + "/input";
    CHECK(file.text(reduction + "/program") == "sqd");
    CHECK(file.text(reduction + "/version") == "0.1.0");
    CHECK(file.text(reduction + "/date") == "2026-11-22T10:00:37.000Z"); // date -u -d @1795341637
    CHECK(file.text(reduction + "/reference").find("NXazint1d") != std::string::npos);
    CHECK(file.text(reduction + "/note").find("Azimuth is 0") != std::string::npos);
    CHECK(file.text(input + "/mask") == "gaps of the detector, beamstop.edf");
    CHECK(file.text(input + "/pixel_splitting") == "bbox");
    CHECK(file.text(input + "/average") == "unweighted");
    CHECK(file.text(input + "/error_model") == "hybrid");
    CHECK(file.text(input + "/unit") == "q_nm^-1");
    CHECK(file.value<std::uint64_t>(input + "/radial_bins") == 23);
    CHECK(file.value<std::uint64_t>(input + "/azimuth_bins") == 1);
    CHECK(file.value<std::int8_t>(input + "/solid_angle") == 1);
    CHECK(file.value<double>(input + "/polarization_factor") == 0.97);
    CHECK(file.value<double>(input + "/wavelength") == r.geometry.wavelength_A);
    auto const poni = parse_poni(file.text(input + "/poni"), "archive");
    CHECK(poni.distance_m == r.geometry.distance_m);
    CHECK(poni.rot3_rad == r.geometry.rot3_rad);
}

TEST_CASE("every number of the peak, the normalisation and the background is under its own name") {
    ReducedResult const r = test::full_result();
    Written const written(r);
    Hdf5File const file(written.archive.path_for(r.scan));
    auto const check = [&](std::string const& path, double expected) {
        CAPTURE(path);
        CHECK(file.value<double>("/entry/" + path) == expected);
    };
    Fsdp const& f = *r.curves.fsdp;
    std::vector<std::pair<char const*, double>> const peak{{"q1", f.q1},
                                                           {"q1_sigma", f.q1_sigma},
                                                           {"q1_sigma_model", f.q1_sigma_model},
                                                           {"q1_sigma_geometry", f.q1_sigma_geometry},
                                                           {"q1_max", f.q1_max},
                                                           {"q1_parabola", f.q1_parabola},
                                                           {"q1_centroid", f.q1_centroid},
                                                           {"fwhm", f.fwhm},
                                                           {"fwhm_sigma", f.fwhm_sigma},
                                                           {"height", f.height},
                                                           {"height_sigma", f.height_sigma},
                                                           {"chi2_reduced", f.chi2_reduced},
                                                           {"window_low", f.window_low},
                                                           {"window_high", f.window_high}};
    for (auto const& [key, value] : peak) check(std::string("fsdp/parameters/") + key, value);
    Normalization const& n = r.curves.sq->normalization;
    std::vector<std::pair<char const*, double>> const scale{{"alpha", n.alpha},
                                                            {"alpha_sigma", n.alpha_sigma},
                                                            {"alpha_kmn", n.alpha_kmn},
                                                            {"alpha_kmn_mean", n.alpha_kmn_mean},
                                                            {"alpha_high_q", n.alpha_high_q},
                                                            {"alpha_high_q_constant", *n.alpha_high_q_constant},
                                                            {"constant", n.constant},
                                                            {"alpha_low_r", *n.alpha_low_r},
                                                            {"alpha_spread", n.alpha_spread},
                                                            {"fluorescence", n.fluorescence},
                                                            {"fluorescence_amplitude", n.fluorescence_amplitude},
                                                            {"fluorescence_amplitude_sigma", n.fluorescence_amplitude_sigma},
                                                            {"multiple_scattering", *n.multiple_scattering},
                                                            {"density", n.density_A3},
                                                            {"q_min", n.q_min_invA},
                                                            {"q_max", n.q_max_invA}};
    for (auto const& [key, value] : scale) check(std::string("structure_factor/parameters/") + key, value);
    check("background_subtraction/parameters/scale", r.curves.background_scale);
    check("background_subtraction/parameters/scale_low", r.curves.background_scale_low);
    check("background_subtraction/parameters/scale_high", r.curves.background_scale_high);
    check("pair_distribution/parameters/q_max", r.curves.gr->q_max_invA);
    check("pair_distribution/parameters/low_r_cut", r.curves.gr->low_r_cut_A);
    LowRRefinement const& refined = *r.curves.refinement;
    check("pair_distribution/parameters/density_refined", refined.density_A3->value);
    check("pair_distribution/parameters/density_refined_sigma", refined.density_A3->sigma);
    check("pair_distribution/parameters/background_scale_refined", refined.background_scale->value);
    check("pair_distribution/parameters/background_scale_refined_sigma", refined.background_scale->sigma);
    check("pair_distribution/parameters/low_r_misfit_before", refined.misfit_before);
    check("pair_distribution/parameters/low_r_misfit", refined.misfit);
    check("sample/transmission", *r.curves.transmission);
    check("sample/transmission_measured", *r.sample.transmission);
    check("sample/density", *r.sample.density_g_cm3);
    check("sample/thickness", r.sample.thickness_um);
    check("sample/thickness_sigma", r.sample.thickness_sigma_um);
    check("instrument/monochromator/wavelength", r.geometry.wavelength_A);
    check("instrument/monochromator/energy", energy_keV(r.geometry.wavelength_A));
    check("instrument/attenuator/attenuator_transmission", r.attenuation);
    check("provenance/latency", r.time.latency_ms);
    CHECK(file.text("/entry/fsdp/parameters/model") == f.model);
    CHECK(file.text("/entry/fsdp/parameters/on") == f.on);
    CHECK(file.texts("/entry/fsdp/parameters/flags") == f.flags);
    CHECK(file.text("/entry/structure_factor/form") == r.curves.sq->form);
    CHECK(file.text("/entry/structure_factor/parameters/method") == n.method);
    CHECK(file.text("/entry/pair_distribution/parameters/window") == r.curves.gr->window);
    CHECK(file.value<std::int64_t>("/entry/pair_distribution/parameters/iterations") == r.curves.gr->iterations);
}

TEST_CASE("the geometry of the file is the geometry of the reduction, number by number") {
    ReducedResult const r = test::full_result();
    Written const written(r);
    Hdf5File const file(written.archive.path_for(r.scan));
    auto const read = [&](char const* key) { return file.value<double>(std::string("/entry/instrument/detector/") + key); };
    auto const shape = file.values<std::uint64_t>("/entry/instrument/detector/shape");
    REQUIRE(shape.size() == 2);
    Geometry const back{read("distance"),
                        read("poni1"),
                        read("poni2"),
                        read("rot1"),
                        read("rot2"),
                        read("rot3"),
                        read("y_pixel_size"),
                        read("x_pixel_size"),
                        shape[0],
                        shape[1],
                        file.value<double>("/entry/instrument/monochromator/wavelength"),
                        static_cast<int>(file.value<std::int64_t>("/entry/instrument/detector/orientation"))};
    CHECK(back == r.geometry);
}

TEST_CASE("the material of the sample is in the file, and a transmission only where a sample was in the beam") {
    ReducedResult r = test::full_result();
    {
        Written const written(r);
        Hdf5File const file(written.archive.path_for(r.scan));
        CHECK(file.text("/entry/sample/composition") == "Zr46.8Ti8.2Cu7.5Ni10Be27.5");
        CHECK(file.text("/entry/sample/chemical_formula") == "Zr0.468 Ti0.082 Cu0.075 Ni0.1 Be0.275");
        CHECK(file.has("/entry/sample/transmission"));
        CHECK(file.value<std::int8_t>("/entry/sample/self_absorption") == 0);
    }
    r.scan.role = Role::background;
    Written const written(r);
    CHECK_FALSE(Hdf5File(written.archive.path_for(r.scan)).has("/entry/sample/transmission"));
}

TEST_CASE("the frames and their fates are in the file: accounting, ranges, reasons, counts of every bin") {
    ReducedResult const r = test::full_result();
    Written const written(r);
    Hdf5File const file(written.archive.path_for(r.scan));
    auto const count = [&](char const* key) { return file.value<std::uint64_t>(std::string("/entry/frames/") + key); };
    CHECK(count("expected") == 1800);
    CHECK(count("received") == 1205);
    CHECK(count("used") == 1140);
    CHECK(count("rejected") == 60);
    CHECK(count("missing") == 600);
    CHECK(count("pending") == 0);
    CHECK(count("duplicate") == 5);
    CHECK(file.shape("/entry/frames/missing_ranges") == std::vector<hsize_t>{2, 2});
    CHECK(file.values<std::uint64_t>("/entry/frames/missing_ranges") == std::vector<std::uint64_t>{4, 4, 1201, 1799});
    CHECK(file.value<std::int8_t>("/entry/frames/missing_ranges_truncated") == 1);
    CHECK(file.texts("/entry/frames/rejected_by/reason") == std::vector<std::string>{"decode", "off_sample"});
    CHECK(file.values<std::uint64_t>("/entry/frames/rejected_by/frames") == std::vector<std::uint64_t>{2, 58});
    CHECK(file.values<std::uint64_t>("/entry/frames/rejected_list/number") == std::vector<std::uint64_t>{5, 9});
    CHECK(file.texts("/entry/frames/rejected_list/reason") == std::vector<std::string>{"off_sample", "decode"});
    CHECK(file.values<std::uint64_t>("/entry/frames/points/number") == r.points->number);
    CHECK(file.texts("/entry/frames/points/reason") == r.points->reason);
    CHECK(same_bits(file.values<double>("/entry/frames/points/exposure"), r.points->exposure_s));
    CHECK(same_bits(file.values<double>("/entry/frames/points/monitor"), r.points->monitor));
    CHECK(file.shape("/entry/frames/points/bin_counts") == std::vector<hsize_t>{40, 23});
    CHECK(file.values<std::uint32_t>("/entry/frames/points/bin_counts") == r.points->bin_counts.pixels);
}

TEST_CASE("the file says where the result comes from") {
    ReducedResult const r = test::full_result();
    Written const written(r);
    Hdf5File const file(written.archive.path_for(r.scan));
    auto const text = [&](char const* key) { return file.text(std::string("/entry/provenance/") + key); };
    CHECK(text("config") == config_text);
    CHECK(text("config_sha256") == "c0ffee");
    CHECK(text("geometry_sha256") == "9e0");
    CHECK(text("mask_sha256") == "3a5c");
    CHECK(text("background_uid") == "uid-of-the-background");
    CHECK(text("version") == "0.1.0");
    CHECK(file.attribute("/", "creator") == "sqd");
    CHECK(file.attribute("/", "schema") == archive_schema);
    CHECK(text("scan_uid") == r.scan.uid);
    CHECK(text("series_unique_id") == "01HV-unique");
    CHECK(text("state") == "final");
    CHECK(file.value<std::uint64_t>("/entry/provenance/result") == 17);
    CHECK(file.value<std::uint64_t>("/entry/provenance/series_id") == 12);
    CHECK(file.value<std::int8_t>("/entry/provenance/durable") == 1);
    CHECK(file.value<std::int64_t>("/entry/provenance/first_frame_ns") == r.time.first_frame_ns);
    CHECK(file.value<std::int64_t>("/entry/provenance/last_frame_ns") == r.time.last_frame_ns);
    CHECK(file.value<std::int64_t>("/entry/provenance/reduced_ns") == r.time.reduced_ns);
    CHECK(file.texts("/entry/provenance/corrections") == r.provenance.corrections);
    CHECK(file.texts("/entry/provenance/flags") == r.curves.flags);
    CHECK(file.text("/entry/sample/name") == "vit4_643K");
    CHECK(file.text("/entry/sample/role") == "sample");
    CHECK(file.text("/entry/sample/mount") == "mount 3");
    CHECK(file.texts("/entry/sample/parameters/name") == std::vector<std::string>{"P_comp/GPa", "T_comp"});
    CHECK(file.values<double>("/entry/sample/parameters/value") == std::vector<double>{7, 643});
    CHECK(file.value<std::uint64_t>("/entry/sample/grid/rows") == 30);
    CHECK(file.value<std::uint64_t>("/entry/sample/grid/cols") == 60);
    CHECK(file.values<double>("/entry/sample/grid/pitch") == std::vector<double>{5, 6});
    CHECK(file.value<std::int8_t>("/entry/sample/grid/snake") == 1);
    CHECK(file.text("/entry/instrument/detector/description") == "Dectris EIGER X 4M");
    CHECK(file.text("/entry/start_time") == "2026-11-22T10:00:00.123Z"); // date -u -d @1795341600
    CHECK(file.text("/entry/azint1d/definition") == "NXazint1d");
    CHECK(file.value<std::int8_t>("/entry/azint1d/solid_angle_applied") == 1);
    CHECK(file.value<std::int8_t>("/entry/azint1d/polarization_applied") == 1);
    CHECK(file.value<std::int8_t>("/entry/azint1d/monitor_applied") == 0);
}

TEST_CASE("a viewer that follows the defaults ends at S(q), or at the pattern where there is none") {
    ReducedResult r = test::full_result();
    {
        Written const written(r);
        Hdf5File const file(written.archive.path_for(r.scan));
        CHECK(file.attribute("/", "default") == "entry");
        CHECK(file.attribute("/entry", "default") == "structure_factor");
        CHECK(file.attribute("/entry/structure_factor", "default") == "data");
        CHECK(file.attribute("/entry/structure_factor/data", "signal") == "S");
        CHECK(file.attribute("/entry/structure_factor/data/q", "units") == "1/angstrom");
    }
    r.curves.sq.reset();
    Written const written(r);
    Hdf5File const file(written.archive.path_for(r.scan));
    CHECK(file.attribute("/entry", "default") == "azimuthal_integration");
    CHECK_FALSE(file.has("/entry/structure_factor"));
}

TEST_CASE("steps are numbered in the order they ran, whichever ran") {
    ReducedResult r = test::full_result();
    r.curves.background.reset();
    r.curves.net.reset();
    r.curves.sq.reset();
    r.curves.gr.reset();
    Written const written(r);
    Hdf5File const file(written.archive.path_for(r.scan));
    CHECK(file.value<std::int64_t>("/entry/azimuthal_integration/sequence_index") == 1);
    CHECK(file.value<std::int64_t>("/entry/fsdp/sequence_index") == 2);
    CHECK_FALSE(file.has("/entry/background_subtraction"));
    CHECK_FALSE(file.has("/entry/pair_distribution"));
}
