// A configuration made from a calibration is one that is accepted, and says what has to be decided.
#include "daemon/verbs/init_text.hpp"

#include "config/load.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/support/source_root.hpp"
#include "tests/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace sqd;

namespace {

std::string shipped(std::string const& name) {
    return (test::source_root() / "config" / (name + ".poni")).string();
}

Config accepted(InitRequest const& request) {
    return parse_config(
        init_text(request), "init.yaml", [](std::string const&) { return Mask(2167, 2070); }, nullptr);
}

InitRequest of(std::string const& poni) {
    InitRequest request;
    request.poni = poni;
    return request;
}

} // namespace

TEST_CASE("every shipped calibration becomes a configuration that is accepted") {
    for (char const* station : {"id13", "id15a", "p10", "simulated"}) {
        CAPTURE(station);
        Config const config = accepted(of(shipped(station)));
        CHECK(config.poni_file == shipped(station));
        CHECK_FALSE(config.reduction.structure_factor);
        CHECK(config.integration.npt >= 100);
    }
    CHECK(accepted(of(shipped("id13"))).detector.name == "Eiger4M");
    CHECK(accepted(of(shipped("id13"))).source.kind == "dectris_stream1");
    CHECK(accepted(of(shipped("id15a"))).source.kind == "pilatus_stream");
    CHECK(accepted(of(shipped("id13"))).reduction.fsdp->on_pattern);
    CHECK_FALSE(accepted(of(shipped("p10"))).reduction.fsdp); // it sees no more than the top of the peak
}

TEST_CASE("a sample that is said gives S(q), and G(r) where q is high enough") {
    InitRequest request = of(shipped("id15a"));
    request.composition = "LaB6", request.density_g_cm3 = 4.72, request.thickness_um = 400;
    Config const high = accepted(request);
    CHECK(high.reduction.structure_factor);
    CHECK(high.reduction.pair_distribution);
    CHECK(high.reduction.sample.thickness_um == 400);
    request.poni = shipped("id13");
    CHECK(accepted(request).reduction.structure_factor);
    CHECK_FALSE(accepted(request).reduction.pair_distribution);
}

TEST_CASE("what is said on the command line is taken, paths are absolute, and nothing is left to guess") {
    InitRequest request = of(shipped("id13"));
    request.masks = {shipped("id13")}, request.from = "tcp://dcu:9999", request.source = "dectris_stream2";
    std::string const text = init_text(request);
    CHECK(text.find("tcp://dcu:9999") != text.npos);
    CHECK(text.find("CHANGE: the address") == text.npos);
    CHECK(init_text(of(shipped("id13"))).find("CHANGE: the address") != text.npos);
    Config const config = accepted(request);
    CHECK(config.mask_files.front().path == shipped("id13"));
    CHECK(config.source.kind == "dectris_stream2");
}

TEST_CASE("what the calibration does not say is asked for") {
    test::TemporaryDirectory const directory;
    std::string const path = (directory.path() / "bare.poni").string();
    std::ofstream(path) << "Distance: 0.1\nPoni1: 0.1\nPoni2: 0.1\nRot1: 0\nRot2: 0\nRot3: 0\nPixelSize1: 0.000172\nPixelSize2: 0.000172\n";
    InitRequest request = of(path);
    CHECK_THROWS_WITH_AS(init_text(request), doctest::Contains("with its pixels of 172 um: Pilatus100k, "), DataError);
    CHECK_THROWS_WITH_AS(init_text(request), doctest::Contains("say which: --detector Pilatus"), DataError);
    request.detector = "Pilatus1M";
    CHECK_THROWS_WITH_AS(init_text(request), doctest::Contains("--energy"), DataError);
    request.energy_keV = 20;
    CHECK(accepted(request).energy_keV == 20);
    request.detector = "Pilatus1X";
    CHECK_THROWS_WITH_AS(init_text(request), doctest::Contains("'Pilatus1X' is no detector that is known here"), DataError);
    CHECK_THROWS_WITH_AS(init_text(request), doctest::Contains("did you mean --detector Pilatus1M?"), DataError);
    CHECK_THROWS_AS(init_text(of("no_such.poni")), IoError);
}
