// Texts that are no configuration, and values of the wrong type.
#include "wrong_texts.hpp"

using namespace sqd;
using namespace sqd::test;

namespace {

std::vector<Wrong> const wrong_syntax{
    {"instance: test", "instance: [test", "yaml", nullptr, {"not valid YAML"}},
    {"instance: test", "instanze: test", "instanze", "instanze", {"unknown key", "did you mean 'instance'?"}},
    {"energy_keV: 68.5", "energy_kev: 68.5", "beam.energy_kev", "energy_kev", {"unknown key", "did you mean 'energy_keV'?"}},
    {"energy_keV: 68.5", "energy_eV: 68500", "beam.energy_eV", "energy_eV", {"unknown key", "energy_keV"}},
    {"instance: test", "threshold_keV: 9", "threshold_keV", "threshold_keV", {"unknown key", "did you mean 'detector.threshold_keV'?"}},
    {"instance: test", "zzzzzzzzzz: 9", "zzzzzzzzzz", "zzzzzzzzzz", {"unknown key", "write instance, source"}},
    {"material: CdTe", "matter: CdTe", "detector.sensor.matter", "matter", {"unknown key", "material"}},
    {"energy_keV: 68.5", "energy_keV: 68.5\n  energy_keV: 13", "beam.energy_keV", "energy_keV: 13", {"duplicate key", "line 11"}},
    {"control:", "beam:\n  energy_keV: 68.5\ncontrol:", "beam", "beam:\n  energy_keV: 68.5\ncontrol", {"duplicate key"}},
    {"instance: test", "instance: &a test", "instance", "instance", {"anchors"}},
    {"instance: test", "instance: !!str test", "instance", "instance", {"tag"}},
    {"energy_keV: 68.5", "energy_keV:", "beam.energy_keV", "energy_keV:", {"has no value"}},
    {"fsdp:\n  on: sq\n  window_invA: [2.2, 3.1]",
     "fsdp: yes",
     "fsdp",
     "fsdp: yes",
     {"is 'yes', not a section", "on, window_invA or model"}},
    {"archive: {directory: archive}", "archive: archive", "archive", "archive: archive", {"not a section"}},
    {"archive: {directory: archive}", "archive: {directory: archive}\n---\na: b", "yaml", nullptr, {"second document"}},
};

std::vector<Wrong> const wrong_types{
    {"energy_keV: 68.5", "energy_keV: \"68.5\"", "beam.energy_keV", "energy_keV", {"is text", "quotes"}},
    {"energy_keV: 68.5", "energy_keV: 68.5 keV", "beam.energy_keV", "energy_keV", {"is not a number", "unit is in the key's name"}},
    {"energy_keV: 68.5", "energy_keV: .nan", "beam.energy_keV", "energy_keV", {"is not a number"}},
    {"energy_keV: 68.5", "energy_keV: nan", "beam.energy_keV", "energy_keV", {"is not a finite number"}},
    {"energy_keV: 68.5", "energy_keV: inf", "beam.energy_keV", "energy_keV", {"is not a finite number"}},
    {"energy_keV: 68.5", "energy_keV: 1e999", "beam.energy_keV", "energy_keV", {"is not a number"}},
    {"energy_keV: 68.5", "energy_keV: 68500", "beam.energy_keV", "energy_keV", {"out of range", "1 to 1000", "unit"}},
    {"energy_keV: 68.5", "energy_keV: [68.5]", "beam.energy_keV", "energy_keV", {"a list", "expected a number"}},
    {"energy_keV: 68.5", "energy_keV: {value: 68.5}", "beam.energy_keV", "energy_keV", {"a section", "expected a number"}},
    {"npt: 348", "npt: 010", "integration.npt", "npt", {"starts with a zero", "octal"}},
    {"npt: 348", "npt: 0x15", "integration.npt", "npt", {"is not a number"}},
    {"npt: 348", "npt: 1_000", "integration.npt", "npt", {"is not a number"}},
    {"npt: 348", "npt: 348.5", "integration.npt", "npt", {"not a whole number"}},
    {"npt: 348", "npt: 1e3", "integration.npt", "npt", {"not a whole number"}},
    {"npt: 348", "npt: 0", "integration.npt", "npt", {"out of range", "1 to 65534"}},
    {"npt: 348", "npt: 65535", "integration.npt", "npt", {"out of range", "1 to 65534"}},
    {"npt: 348", "npt: -5", "integration.npt", "npt", {"out of range"}},
    {"stream: true", "stream: yes", "mask.stream", "mask:", {"neither true nor false"}},
    {"stream: true", "stream: \"true\"", "mask.stream", "mask:", {"neither true nor false"}},
    {"files: []", "files: a.npy", "mask.files", "files", {"expected a list", "write [a.npy]"}},
    {"radial_range: [0.3, 9.0]", "radial_range: [0.3]", "integration.radial_range", "radial_range", {"a list of 1", "expected 2 numbers"}},
    {"radial_range: [0.3, 9.0]", "radial_range: 0.3", "integration.radial_range", "radial_range", {"expected 2 numbers"}},
    {"density_g_cm3: 6.0", "density_g_cm3: 6000", "sample.density_g_cm3", "density_g_cm3", {"out of range", "30"}},
    {"transmission: computed", "transmission: 0", "sample.transmission", "transmission", {"out of range", "above 0"}},
    {"transmission: computed", "transmission: 41.8", "sample.transmission", "transmission", {"out of range"}},
    {"polarization_factor: 0.97", "polarization_factor: 1.01", "beam.polarization_factor", "polarization_factor", {"out of range"}},
    {"instance: test", "instance: id/13", "instance", "instance", {"is not a name", "topic"}},
};

} // namespace

TEST_CASE("the text that the wrong ones are made from is right") {
    Folder const folder;
    CHECK(complaint(folder, yaml) == "");
}

TEST_CASE("what is not a configuration is refused with its line") {
    check_all(wrong_syntax);
}

TEST_CASE("values of the wrong type or size are refused with their line") {
    check_all(wrong_types);
}
