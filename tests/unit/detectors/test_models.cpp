// The table of detectors against pyFAI.
#include "detectors/models.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

using namespace sqd;

namespace {

struct Known {
    char const* name;
    std::size_t rows, cols;
    double pixel_m;
    std::size_t masked;
    std::uint64_t index_sum; ///< sum of the flat indices of masked pixels: says where they are
};

// pyFAI 0.21.3: /usr/bin/python3 tests/science/test_detector_models.py --print
std::vector<Known> const pyfai{
    {"Eiger500k", 514, 1030, 7.5e-05, 0, 0},
    {"Eiger1M", 1065, 1030, 7.5e-05, 38110, 20902363195},
    {"Eiger4M", 2167, 2070, 7.5e-05, 250330, 561451263685},
    {"Eiger9M", 3269, 3110, 7.5e-05, 637030, 3238211095335},
    {"Eiger16M", 4371, 4150, 7.5e-05, 1198210, 10867554414145},
    {"Eiger2_500k", 512, 1028, 7.5e-05, 0, 0},
    {"Eiger2_1M", 1062, 1028, 7.5e-05, 39064, 21323768020},
    {"Eiger2_1MW", 512, 2068, 7.5e-05, 6144, 3252679680},
    {"Eiger2_2MW", 512, 4148, 7.5e-05, 18432, 19572710400},
    {"Eiger2_4M", 2162, 2068, 7.5e-05, 260328, 581965196460},
    {"Eiger2_9M", 3262, 3108, 7.5e-05, 664248, 3367171088580},
    {"Eiger2_16M", 4362, 4148, 7.5e-05, 1250824, 11315938927900},
    {"Eiger2CdTe_500k", 512, 1028, 7.5e-05, 1024, 269483520},
    {"Eiger2CdTe_1M", 1062, 1028, 7.5e-05, 41112, 22441704660},
    {"Eiger2CdTe_1MW", 512, 2068, 7.5e-05, 8192, 4336906240},
    {"Eiger2CdTe_2MW", 512, 4148, 7.5e-05, 22528, 23922201600},
    {"Eiger2CdTe_4M", 2162, 2068, 7.5e-05, 268520, 600278473900},
    {"Eiger2CdTe_9M", 3262, 3108, 7.5e-05, 682680, 3460605615300},
    {"Eiger2CdTe_16M", 4362, 4148, 7.5e-05, 1283592, 11612384060700},
    {"Pilatus100k", 195, 487, 0.000172, 0, 0},
    {"Pilatus200k", 407, 487, 0.000172, 8279, 820482016},
    {"Pilatus300k", 619, 487, 0.000172, 16558, 2495721108},
    {"Pilatus300kw", 195, 1475, 0.000172, 2730, 392606760},
    {"Pilatus1M", 1043, 981, 0.000172, 73533, 37618821003},
    {"Pilatus2M", 1679, 1475, 0.000172, 197365, 244389579630},
    {"Pilatus6M", 2527, 2463, 0.000172, 526101, 1637226312000},
    {"PilatusCdTe300k", 619, 487, 0.000172, 18313, 2760245238},
    {"PilatusCdTe300kw", 195, 1475, 0.000172, 4485, 644996820},
    {"PilatusCdTe900kw", 195, 4439, 0.000172, 16185, 7004900370},
    {"PilatusCdTe1M", 1043, 981, 0.000172, 79383, 40611628353},
    {"PilatusCdTe2M", 1679, 1475, 0.000172, 211405, 261774778110},
};

struct Later {
    char const* name;
    std::size_t rows, cols;
    double pixel_m;
    std::size_t modules;
};

// PILATUS4: modules of 513 x 255, gaps of 7 and 20 pixels.
std::vector<Later> const later{
    {"Eiger2_250k", 512, 512, 75e-6, 1},          {"Pilatus4_260k", 530, 513, 150e-6, 2},
    {"Pilatus4_260kw", 255, 1033, 150e-6, 2},     {"Pilatus4_1M", 1080, 1033, 150e-6, 8},
    {"Pilatus4_2M", 1630, 1553, 150e-6, 18},      {"Pilatus4_4M", 2180, 2073, 150e-6, 32},
    {"Pilatus4_CdTe_260k", 530, 513, 150e-6, 2},  {"Pilatus4_CdTe_260kw", 255, 1033, 150e-6, 2},
    {"Pilatus4_CdTe_1M", 1080, 1033, 150e-6, 8},  {"Pilatus4_CdTe_2M", 1630, 1553, 150e-6, 18},
    {"Pilatus4_CdTe_4M", 2180, 2073, 150e-6, 32},
};

// All that pyFAI 0.21.3 has for these detectors.
std::vector<std::pair<char const*, char const*>> const pyfai_aliases{
    {"Eiger 500k", "Eiger500k"},
    {"Eiger 1M", "Eiger1M"},
    {"Eiger 4M", "Eiger4M"},
    {"Eiger 9M", "Eiger9M"},
    {"Eiger 16M", "Eiger16M"},
    {"Eiger2 500k", "Eiger2_500k"},
    {"Eiger2 1M", "Eiger2_1M"},
    {"Eiger2 1M-W", "Eiger2_1MW"},
    {"Eiger2 2M-W", "Eiger2_2MW"},
    {"Eiger2 4M", "Eiger2_4M"},
    {"Eiger2 9M", "Eiger2_9M"},
    {"Eiger2 16M", "Eiger2_16M"},
    {"Eiger2 CdTe 500k", "Eiger2CdTe_500k"},
    {"Eiger2 CdTe 1M", "Eiger2CdTe_1M"},
    {"Eiger2 CdTe 1M-W", "Eiger2CdTe_1MW"},
    {"Eiger2 CdTe 2M-W", "Eiger2CdTe_2MW"},
    {"Eiger2 CdTe 4M", "Eiger2CdTe_4M"},
    {"Eiger2 CdTe 9M", "Eiger2CdTe_9M"},
    {"Eiger2 CdTe 16M", "Eiger2CdTe_16M"},
    {"Pilatus 100k", "Pilatus100k"},
    {"Pilatus 200k", "Pilatus200k"},
    {"Pilatus 300k", "Pilatus300k"},
    {"Pilatus 300kw", "Pilatus300kw"},
    {"Pilatus 1M", "Pilatus1M"},
    {"Pilatus 2M", "Pilatus2M"},
    {"Pilatus 6M", "Pilatus6M"},
    {"Pilatus CdTe 300k", "PilatusCdTe300k"},
    {"Pilatus 300k CdTe", "PilatusCdTe300k"},
    {"Pilatus300k CdTe", "PilatusCdTe300k"},
    {"Pilatus300kCdTe", "PilatusCdTe300k"},
    {"Pilatus CdTe 300kw", "PilatusCdTe300kw"},
    {"Pilatus 300kw CdTe", "PilatusCdTe300kw"},
    {"Pilatus300kw CdTe", "PilatusCdTe300kw"},
    {"Pilatus300kwCdTe", "PilatusCdTe300kw"},
    {"Pilatus CdTe 900kw", "PilatusCdTe900kw"},
    {"Pilatus 900kw CdTe", "PilatusCdTe900kw"},
    {"Pilatus900kw CdTe", "PilatusCdTe900kw"},
    {"Pilatus900kwCdTe", "PilatusCdTe900kw"},
    {"Pilatus CdTe 1M", "PilatusCdTe1M"},
    {"Pilatus 1M CdTe", "PilatusCdTe1M"},
    {"Pilatus1M CdTe", "PilatusCdTe1M"},
    {"Pilatus1MCdTe", "PilatusCdTe1M"},
    {"Pilatus CdTe 2M", "PilatusCdTe2M"},
    {"Pilatus 2M CdTe", "PilatusCdTe2M"},
    {"Pilatus2M CdTe", "PilatusCdTe2M"},
    {"Pilatus2MCdTe", "PilatusCdTe2M"},
};

} // namespace

TEST_CASE("shapes, pixels and masks are pyFAI's, pixel by pixel") {
    for (auto const& known : pyfai) {
        CAPTURE(known.name);
        auto const* const model = find_detector(known.name);
        REQUIRE(model);
        CHECK(model->rows == known.rows);
        CHECK(model->cols == known.cols);
        CHECK(model->pixel_m == known.pixel_m);
        auto const mask = gap_mask(*model);
        CHECK(masked_pixels(mask) == known.masked);
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < mask.size(); ++i) sum += mask.pixels[i] ? i : 0;
        CHECK(sum == known.index_sum);
    }
}

TEST_CASE("models that pyFAI 0.21.3 does not know have the modules of their data sheets") {
    for (auto const& known : later) {
        CAPTURE(known.name);
        auto const* const model = find_detector(known.name);
        REQUIRE(model);
        CHECK(model->rows == known.rows);
        CHECK(model->cols == known.cols);
        CHECK(model->pixel_m == known.pixel_m);
        auto const modules_down = (model->rows + model->gap_rows) / (model->module_rows + model->gap_rows);
        auto const modules_across = (model->cols + model->gap_cols) / (model->module_cols + model->gap_cols);
        CHECK(modules_down * modules_across == known.modules);
        auto const good_cols = model->module_cols - (model->sensor_material == std::string("CdTe") ? 1 : 0); // one column in the middle
        CHECK(masked_pixels(gap_mask(*model)) == model->rows * model->cols - known.modules * model->module_rows * good_cols);
    }
}

TEST_CASE("the CdTe sensor of a PILATUS4 lacks the middle column of each module") {
    auto const mask = gap_mask(*find_detector("Pilatus4_CdTe_260kw"));
    for (std::size_t col : {256u, 256u + 520u}) {
        CHECK(mask(0, col));
        CHECK_FALSE(mask(0, col - 1));
        CHECK_FALSE(mask(0, col + 1));
    }
}

TEST_CASE("every model but the simulated one is checked against pyFAI or its data sheet") {
    CHECK(detector_models().size() == pyfai.size() + later.size() + 1);
}

TEST_CASE("pyFAI's aliases find the same models as its names, and no two names are alike") {
    for (auto const& [alias, name] : pyfai_aliases) {
        auto const& this_alias = alias;
        CAPTURE(this_alias);
        REQUIRE(find_detector(name));
        CHECK(find_detector(alias) == find_detector(name));
    }
    for (auto const& model : detector_models()) CHECK(find_detector(model.name) == &model);
}

TEST_CASE("a shape finds every model that has it, and a sister model does not share it") {
    auto const of_1m = detectors_of_shape(1062, 1028);
    REQUIRE(of_1m.size() == 2);
    CHECK(of_1m[0] == find_detector("Eiger2_1M"));
    CHECK(of_1m[1] == find_detector("Eiger2CdTe_1M"));
    CHECK(detectors_of_shape(1065, 1030) == std::vector{find_detector("Eiger1M")});
    CHECK(detectors_of_shape(1028, 1062).empty());
}

TEST_CASE("names are found in upper and lower case, and nothing else is") {
    CHECK(find_detector("eiger4m") == find_detector("Eiger4M"));
    CHECK(find_detector("PILATUSCDTE2M") == find_detector("PilatusCdTe2M"));
    CHECK(find_detector("Eiger4") == nullptr);
    CHECK(find_detector("") == nullptr);
}

TEST_CASE("the simulated detector is four modules of 124 x 124 around a cross of 8 pixels") {
    auto const* const model = find_detector("Simulated256");
    REQUIRE(model);
    auto const mask = gap_mask(*model);
    CHECK(mask.rows == 256);
    CHECK(mask.cols == 256);
    CHECK(masked_pixels(mask) == 256 * 256 - 4 * 124 * 124);
    CHECK_FALSE(mask(123, 123));
    CHECK(mask(124, 0));
    CHECK(mask(0, 131));
    CHECK_FALSE(mask(132, 132));
}
