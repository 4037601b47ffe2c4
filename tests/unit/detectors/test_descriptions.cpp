// What detectors call themselves, and what is said when it is not the detector expected.
#include "detectors/descriptions.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace sqd;

namespace {

DetectorModel const& model(char const* name) {
    auto const* const found = find_detector(name);
    REQUIRE(found);
    return *found;
}

bool has(std::string const& text, std::string const& part) {
    return text.find(part) != text.npos;
}

} // namespace

TEST_CASE("descriptions as firmware, camserver and people write them name their model") {
    std::vector<std::pair<char const*, char const*>> const known{
        {"Dectris EIGER X 4M", "Eiger4M"},
        {"Dectris EIGER1 Si 1M", "Eiger1M"},
        {"Dectris Eiger 9M", "Eiger9M"},
        {"EIGER R 500K", "Eiger500k"},
        {"EIGER2 Si 1M", "Eiger2_1M"},
        {"DECTRIS EIGER2 S 16M, S/N E-32-0111", "Eiger2_16M"},
        {"EIGER2 XE 16M", "Eiger2_16M"},
        {"EIGER2 R 250K", "Eiger2_250k"},
        {"Dectris Eiger2 CdTe 9M", "Eiger2CdTe_9M"},
        {"Dectris EIGER2 X CdTe 1M-W", "Eiger2CdTe_1MW"},
        {"EIGER2  X  2MW", "Eiger2_2MW"},
        {"PILATUS 100K", "Pilatus100k"},
        {"PILATUS 100K-S, S/N 1-0100", "Pilatus100k"},
        {"PILATUS2 2M, 24-0111", "Pilatus2M"},
        {"PILATUS3 6M, S/N 60-0119", "Pilatus6M"},
        {"PILATUS3 S 1M 10-0136", "Pilatus1M"},
        {"pilatus3 r 300k-w", "Pilatus300kw"},
        {"PILATUS3 X CdTe 2M", "PilatusCdTe2M"},
        {"PILATUS3 2M CdTe, S/N 24-0130", "PilatusCdTe2M"},
        {"PILATUS4 2M", "Pilatus4_2M"},
        {"Dectris PILATUS4 X CdTe 260K-W", "Pilatus4_CdTe_260kw"},
        {"PILATUS4 Si 4M", "Pilatus4_4M"},
        {"CdTe PILATUS4 1M", "Pilatus4_CdTe_1M"},
    };
    for (auto const& [text, name] : known) {
        auto const& this_text = text;
        CAPTURE(this_text);
        CHECK(find_detector_by_description(text) == &model(name));
    }
}

TEST_CASE("every model is found by its own description, and its name reads as one, too") {
    for (auto const& m : detector_models()) {
        if (m.name == std::string("Simulated256")) continue;
        CAPTURE(m.name);
        CHECK(find_detector_by_description(m.description) == &m);
        CHECK(find_detector_by_description("Dectris " + std::string(m.description) + ", S/N 1-2") == &m);
        CHECK(find_detector_by_description(m.name) == &m);
    }
}

TEST_CASE("what is ambiguous or unknown finds nothing") {
    for (char const* const text :
         {"", "Dectris", "EIGER", "EIGER2", "4M", "EIGER2 3M", "EIGER3 1M", "PILATUS5 2M", "EIGER PILATUS 1M", "PILATUS 1M 2M",
          "EIGER2 4M-W", "EIGER2 GaAs 1M", "EIGER2 Si CdTe 1M", "PILATUS4 6M", "MYTHEN 1K", "PILATUS 2, 24-0111", "S/N EIGER2 1M"}) {
        CAPTURE(text);
        CHECK(find_detector_by_description(text) == nullptr);
    }
    CHECK(find_detector_by_description(std::string(1 << 20, 'x') + "EIGER2 1M") == nullptr);
}

TEST_CASE("a description that names another model disagrees, with what differs") {
    auto const other_sensor = description_disagreement("Dectris EIGER2 CdTe 1M", model("Eiger2_1M"));
    REQUIRE(other_sensor);
    CHECK(*other_sensor ==
          "the detector calls itself 'Dectris EIGER2 CdTe 1M', which is Eiger2CdTe_1M and not Eiger2_1M (CdTe, 2 masked columns within "
          "each module instead of Si, 0 masked columns within each module)");
    auto const sister = description_disagreement("Dectris EIGER1 Si 1M", model("Eiger2_1M"));
    REQUIRE(sister);
    CHECK(has(*sister, "which is Eiger1M and not Eiger2_1M (1065 x 1030 instead of 1062 x 1028 pixels)"));
    CHECK(description_disagreement("EIGER2 Si 1M", model("Eiger2CdTe_1M")));
    CHECK(description_disagreement("PILATUS4 2M", model("Pilatus2M")));
    CHECK(description_disagreement("PILATUS3 6M, S/N 60-0119", model("Simulated256")));
}

TEST_CASE("a description that agrees, is unknown or leaves the sensor open does not disagree") {
    CHECK_FALSE(description_disagreement("Dectris EIGER2 CdTe 1M", model("Eiger2CdTe_1M")));
    CHECK_FALSE(description_disagreement("PILATUS3 2M, S/N 24-0130", model("PilatusCdTe2M")));
    CHECK_FALSE(description_disagreement("EIGER2 X 1M", model("Eiger2CdTe_1M")));
    CHECK_FALSE(description_disagreement("", model("Eiger2_1M")));
    CHECK_FALSE(description_disagreement("the new detector", model("Eiger2_1M")));
}

TEST_CASE("a wrong shape is told with the models that have it") {
    CHECK(shape_disagreement(1065, 1030, 1062, 1028, "Eiger2_1M") ==
          "1065 x 1030 pixels (rows x columns) are the shape of Eiger1M, not of Eiger2_1M, which has 1062 x 1028");
    CHECK(shape_disagreement(1062, 1028, 1065, 1030, "Eiger1M") ==
          "1062 x 1028 pixels (rows x columns) are the shape of Eiger2_1M and Eiger2CdTe_1M, not of Eiger1M, which has 1065 x 1030");
    CHECK(shape_disagreement(1030, 1065, 1065, 1030, "Eiger1M") ==
          "1030 x 1065 pixels (rows x columns) are the shape of Eiger1M transposed, which has 1065 x 1030");
    CHECK(shape_disagreement(1030, 1065, 1062, 1028, "Eiger2_1M") ==
          "1030 x 1065 pixels (rows x columns) are the shape of Eiger1M transposed, not of Eiger2_1M, which has 1062 x 1028");
    CHECK(shape_disagreement(10, 20, 1062, 1028, "") ==
          "10 x 20 pixels (rows x columns) are not the shape of the configured detector, which has 1062 x 1028");
}
