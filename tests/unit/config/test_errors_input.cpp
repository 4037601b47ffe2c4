// Sources, detectors, geometries and masks that cannot work, or contradict each other.
#include "wrong_texts.hpp"

using namespace sqd;
using namespace sqd::test;

namespace {

std::vector<Wrong> const wrong_input{
    {"  kind: dectris_stream1\n", "", "source.kind", "source:", {"is missing"}},
    {"kind: dectris_stream1", "kind: dectris_stream", "source.kind", "kind", {"is not known", "did you mean 'dectris_stream1'?"}},
    {"kind: dectris_stream1", "kind: cbf_folder", "source.connect", "connect", {"is a folder", "write directory"}},
    {"kind: dectris_stream1\n  connect: tcp://127.0.0.1:9999", "kind: cbf_folder", "source.directory", "source:", {"is missing"}},
    {"kind: dectris_stream1\n  connect: tcp://127.0.0.1:9999",
     "kind: cbf_folder\n  directory: .\n  tap: {bind: tcp://127.0.0.1:1}",
     "source.tap",
     "tap",
     {"no messages"}},
    {"connect: tcp", "directory: .\n  connect: tcp", "source.directory", "directory", {"only cbf_folder"}},
    {"  connect: tcp://127.0.0.1:9999\n", "", "source.connect", "source:", {"no endpoint", "exactly one"}},
    {"connect: tcp", "bind: tcp://127.0.0.1:1\n  connect: tcp", "source.connect", "connect", {"two endpoints"}},
    {"connect: tcp://127.0.0.1:9999", "connect: 127.0.0.1:9999", "source.connect", "connect", {"is not an endpoint", "tcp://host:port"}},
    {"connect: tcp://127.0.0.1:9999", "connect: tcp://127.0.0.1:99999", "source.connect", "connect", {"port 99999"}},
    {"connect: tcp://127.0.0.1:9999", "bind: tcp://*:9999", "source.bind", "bind", {"other machines", "insecure: true"}},
    {"connect: tcp", "socket: push\n  connect: tcp", "source.socket", "socket", {"known: pull or sub"}},
    {"connect: tcp", "channel: threshold_1\n  connect: tcp", "source.channel", "channel", {"dectris_stream2"}},
    {"connect: tcp", "tap: raw.bin\n  connect: tcp", "source.tap", "tap", {"section"}},
    {"connect: tcp", "tap: {}\n  connect: tcp", "source.tap.connect", "tap", {"no endpoint", "where messages go"}},
    {"connect: tcp",
     "tap: {bind: tcp://127.0.0.1:1, connect: tcp://127.0.0.1:1}\n  connect: tcp",
     "source.tap.connect",
     "tap",
     {"two endpoints"}},
    {"connect: tcp", "tap: {bind: tcp://*:1}\n  connect: tcp", "source.tap.bind", "tap", {"other machines", "insecure"}},
    {"connect: tcp", "tap: {bind: tcp://127.0.0.1:1, socket: sub}\n  connect: tcp", "source.tap.socket", "tap", {"push", "pub"}},
    {"connect: tcp",
     "tap: {bind: tcp://127.0.0.1:1, queue_messages: 0}\n  connect: tcp",
     "source.tap.queue_messages",
     "tap",
     {"out of range"}},
    {"connect: tcp", "queue_MB: 100\n  connect: tcp", "source.queue_MB", "queue_MB", {"less than one image", "256"}},
    {"connect: tcp", "end_silence_s: 0\n  connect: tcp", "source.end_silence_s", "end_silence_s", {"out of range"}},
    {"name: Simulated256", "name: Eiger2_4MM", "detector.name", "name: E", {"is not known", "did you mean 'Eiger2_4M'?"}},
    {"  name: Simulated256\n", "", "detector.name", "detector:", {"is missing", ".poni"}},
    {"name: Simulated256", "name: Eiger4M", "geometry.poni", "geometry", {"256 x 256", "2167 x 2070"}},
    {"material: CdTe", "material: Ge", "detector.sensor.material", "sensor", {"known: Si, CdTe or GaAs"}},
    {"thickness_um: 1000}", "thickness_um: 0}", "detector.sensor.thickness_um", "sensor", {"out of range"}},
    {"threshold_keV: 20.0", "threshold_keV: 70", "detector.threshold_keV", "threshold_keV", {"70 keV", "68.5 keV"}},
    {"poni: a.poni", "poni: b.poni", "geometry.poni", "geometry", {"no such file 'b.poni'", "relative names start"}},
    {"geometry: {poni: a.poni}\n", "", "geometry.poni", nullptr, {"is missing", "exactly one of geometry.poni and geometry.fit2d"}},
    {"poni: a.poni", "poni: none", "geometry.poni", "geometry", {"is missing"}},
    {"poni: a.poni",
     "poni: a.poni, fit2d: {distance_mm: 1, center_x_px: 1, center_y_px: 1}",
     "geometry.fit2d",
     "geometry",
     {"second geometry"}},
    {"poni: a.poni", "fit2d: {distance_mm: 78, center_x_px: 53}", "geometry.fit2d.center_y_px", "geometry", {"is missing", "centerY"}},
    {"poni: a.poni", "fit2d: {}", "geometry.fit2d.distance_mm", "geometry", {"is missing", "directDist"}},
    {"poni: a.poni",
     "fit2d: {distance_mm: -78, center_x_px: 5, center_y_px: 5}",
     "geometry.fit2d.distance_mm",
     "geometry",
     {"out of range"}},
    {"poni: a.poni",
     "fit2d: {distance_mm: 78, center_x_px: 5, center_y_px: 5, tilt_deg: 95}",
     "geometry.fit2d.tilt_deg",
     "geometry",
     {"out of range", "-89 to 89"}},
    {"poni: a.poni", "fit2d: {directDist: 78}", "geometry.fit2d.directDist", "geometry", {"unknown key", "distance_mm"}},
    {"poni: a.poni", "poni: azimint.json", "geometry.poni", "geometry", {"no such file 'azimint.json'"}},
    {"energy_keV: 68.5", "energy_keV: 68.0", "beam.energy_keV", "energy_keV", {"68 keV", "68.5"}},
    {"files: []", "files: [no.npy]", "mask.files", "mask:", {"no such file 'no.npy'"}},
    {"files: []", "files: [a.poni]", "mask.files", "mask:", {"a.poni' is no mask", "not a text of 0 and 1", "config/README.md"}},
    {"files: []", "files: [\"no.h5::/mask\"]", "mask.files", "mask:", {"no such file 'no.h5'"}},
    {"files: []", "files: [7x3.txt]", "mask.files", "mask:", {"7x3.txt' is for another detector", "7 x 3", "256 x 256"}},
};

} // namespace

TEST_CASE("sources, detectors, geometries and masks that cannot work are refused with their line") {
    check_all(wrong_input);
}

TEST_CASE("a .poni of another pixel size is refused with both sizes") {
    Folder const folder;
    auto const said = complaint(folder, yaml, replaced(poni, "\"pixel1\": 7.5e-05", "\"pixel1\": 1.72e-04"));
    CHECK(said.find("geometry.poni: ") != std::string::npos);
    CHECK(said.find("172") != std::string::npos);
    CHECK(said.find("75") != std::string::npos);
}

TEST_CASE("a sensor that contradicts the .poni's is refused with both values") {
    Folder const folder;
    auto const with = [](std::string const& sensor) { return replaced(poni, "[256, 256]", "[256, 256], \"sensor\": " + sensor); };
    CHECK(complaint(folder, yaml, with("{\"material\": \"CdTe\", \"thickness\": 0.001}")) == "");
    CHECK(complaint(folder, yaml, with("{\"material\": \"CdTe\", \"thickness\": null}")) == "");
    auto const material = complaint(folder, yaml, with("{\"material\": \"Si\", \"thickness\": 0.001}"));
    CHECK(material.find(":7: detector.sensor.material: CdTe contradicts the .poni file (that says Si) ") != std::string::npos);
    auto const thickness = complaint(folder, yaml, with("{\"material\": \"CdTe\", \"thickness\": 0.00075}"));
    CHECK(thickness.find(":7: detector.sensor.thickness_um: 1000 um contradicts the .poni file (that says 750 um) ") != std::string::npos);
    auto const none = replaced(yaml, "sensor: {material: CdTe, thickness_um: 1000}", "sensor: none");
    CHECK(complaint(folder, none, with("{\"material\": \"Ge\", \"thickness\": 0.001}")) == ""); // not corrected for, on purpose
}

TEST_CASE("a sensor of the .poni that is not known here is refused where nothing else is said") {
    Folder const folder;
    auto const silent = replaced(yaml, "  sensor: {material: CdTe, thickness_um: 1000}\n", "");
    auto const germanium = replaced(poni, "[256, 256]", "[256, 256], \"sensor\": {\"material\": \"Ge\", \"thickness\": 0.001}");
    auto const said = complaint(folder, silent, germanium);
    CHECK(said.find("detector.sensor.material: 'Ge' is not known (known: Si, CdTe or GaAs)") != std::string::npos);
    auto const thin = replaced(poni, "[256, 256]", "[256, 256], \"sensor\": {\"material\": \"GaAs\"}");
    CHECK(complaint(folder, silent, thin).find("detector.sensor.thickness_um: is missing") != std::string::npos);
}

TEST_CASE("FIT2D's parameters need the detector's name and the energy") {
    Folder const folder;
    auto const fit2d = replaced(yaml, "poni: a.poni", "fit2d: {distance_mm: 78, center_x_px: 53.3, center_y_px: 53.3}");
    CHECK(complaint(folder, fit2d) == "");
    CHECK(complaint(folder, replaced(fit2d, "  name: Simulated256\n", ""))
              .find("detector.name: is missing (geometry.fit2d names no detector") != std::string::npos);
    CHECK(complaint(folder, replaced(fit2d, "  energy_keV: 68.5\n", ""))
              .find("beam.energy_keV: is missing (geometry.fit2d has no wavelength") != std::string::npos);
}

TEST_CASE("a .poni of the transposed shape is told so") {
    Folder const folder;
    auto const text = replaced(yaml, "name: Simulated256", "name: Eiger4M");
    auto const said = complaint(folder, text, replaced(poni, "[256, 256]", "[2070, 2167]"));
    CHECK(said.find("are the shape of Eiger4M transposed") != std::string::npos);
}

TEST_CASE("a .poni of the sister model is refused with the sister's name") {
    Folder const folder;
    auto const text = replaced(yaml, "name: Simulated256", "name: Eiger2_1M");
    auto const said = complaint(folder, text, replaced(poni, "[256, 256]", "[1065, 1030]"));
    CHECK(said.find("1065 x 1030 pixels (rows x columns) are the shape of Eiger1M, not of Eiger2_1M, which has 1062 x 1028") !=
          std::string::npos);
}

TEST_CASE("a detector may be given by what it calls itself") {
    Folder const folder;
    auto const text = replaced(yaml, "name: Simulated256", "name: \"Dectris EIGER2 Si 1M\"");
    CHECK(complaint(folder, text, replaced(poni, "[256, 256]", "[1065, 1030]")).find("not of Eiger2_1M") != std::string::npos);
}

TEST_CASE("beam energy and .poni wavelength may differ by rounding and not by more") {
    Folder const folder;
    CHECK(complaint(folder, replaced(yaml, "energy_keV: 68.5", "energy_keV: 68.55")) == ""); // 7e-4
    CHECK(complaint(folder, replaced(yaml, "energy_keV: 68.5", "energy_keV: 68.58")) != ""); // 1.2e-3
}

TEST_CASE("the beam's energy must come from somewhere") {
    Folder const folder;
    auto const without = replaced(poni, "Wavelength: 1.8099882982948943e-11\n", "");
    CHECK(complaint(folder, yaml, without) == "");
    auto const said = complaint(folder, replaced(yaml, "  energy_keV: 68.5\n", ""), without);
    CHECK(said.find(":10: beam.energy_keV: is missing") != std::string::npos);
}

TEST_CASE("an image that the limit cannot hold is refused") {
    Folder const folder;
    auto const text = replaced(replaced(yaml, "name: Simulated256", "name: Eiger4M"), "connect: tcp", "max_image_MB: 10\n  connect: tcp");
    auto const said = complaint(folder, text, replaced(poni, "[256, 256]", "[2167, 2070]"));
    CHECK(said.find("source.max_image_MB: ") != std::string::npos);
    CHECK(said.find("write at least 18") != std::string::npos); // 2167 * 2070 * 4 bytes = 17.1 MiB
}

TEST_CASE("a mask that hides everything or has another shape is refused") {
    Folder const folder;
    std::string full;
    for (int row = 0; row < 256; ++row) full += std::string(256, '1') + '\n';
    folder.write("full.txt", full);
    folder.write("short.txt", text_mask(255, 256, 0, 0));
    CHECK(complaint(folder, replaced(yaml, "files: []", "files: [full.txt]")).find("every pixel is masked") != std::string::npos);
    auto const said = complaint(folder, replaced(yaml, "files: []", "files: [short.txt]"));
    CHECK(said.find("255 x 256") != std::string::npos);
    CHECK(said.find("256 x 256") != std::string::npos);
}
