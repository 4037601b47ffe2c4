// An archived scan as messages: what was published, as far as the file has it, and nothing that it has not.
#include "daemon/archive/read_archive.hpp"
#include "daemon/export/archived_messages.hpp"
#include "tests/support/full_result.hpp"
#include "tests/support/written_archive.hpp"

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace sqd;

namespace {

ReducedResult a_map(bool windows) {
    ReducedResult r = test::full_result();
    r.curves.advice = StopAdvice{};
    r.curves.advice->sentence = "q1: count on";
    auto points = std::make_shared<PointTable>(*r.points);
    for (std::size_t i = 0; i < points->number.size(); ++i) {
        double const x = 0.001 * static_cast<double>(i);
        points->peaks.push_back(i % 7 == 3 ? no_point_peak : PointPeak{2.62 + x, 0.001 + x, 0.38 + x, 0.002 + x, 1 + x});
        if (!windows) continue;
        points->frames.push_back(2);
        for (std::uint64_t k = 0; k < 2; ++k) points->frame_numbers.push_back(points->number[i] + k);
    }
    if (windows) { // sums beyond 32 bits
        points->bin_carries = Image<std::uint32_t>(points->bin_counts.rows, points->bin_counts.cols);
        for (std::size_t i = 0; i < points->bin_carries.size(); ++i) points->bin_carries.pixels[i] = i % 3 == 0 ? 5 : 0;
    }
    r.points = points;
    return r;
}

std::map<std::string, WireMessage> by_kind(std::vector<WireMessage> const& messages) {
    std::map<std::string, WireMessage> out;
    for (auto const& message : messages) out[message.header["schema"].get<std::string>()] = message;
    return out;
}

std::map<std::string, std::string> arrays_of(WireMessage const& message) {
    std::map<std::string, std::string> out;
    for (std::size_t i = 0; i < message.arrays.size(); ++i) out[message.header["arrays"][i]["name"].get<std::string>()] = message.arrays[i];
    return out;
}

} // namespace

TEST_CASE("arrays and numbers of an archived scan are those that were published, to the bit") {
    for (bool const windows : {false, true}) {
        ReducedResult const live = a_map(windows);
        test::Written const written(live);
        Sequence sequence;
        auto const was = by_kind(result_messages(live, {"i", "e"}, sequence, 1));
        auto const is = by_kind(archived_messages(read_archive(written.archive.path_for(live.scan)), "a.nxs"));
        for (char const* kind : {"pattern", "sq", "fsdp", "gr", "map"}) {
            std::string const schema = std::string("sqd.") + kind + "/1.0";
            REQUIRE_MESSAGE(is.contains(schema), kind);
            auto const published = arrays_of(was.at(schema)), read = arrays_of(is.at(schema));
            CHECK(read.size() >= 2);
            for (auto const& [name, bytes] : read) {
                std::string const which = kind + (' ' + name);
                REQUIRE_MESSAGE(published.contains(name), which);
                CHECK_MESSAGE(published.at(name) == bytes, which);
            }
            for (auto const& [key, value] : is.at(schema).header["values"].items()) {
                std::string const which = kind + (' ' + key);
                REQUIRE_MESSAGE(was.at(schema).header["values"].contains(key), which);
                CHECK_MESSAGE(was.at(schema).header["values"][key] == value, which);
            }
            for (char const* key : {"scan", "result", "state", "durable", "flags", "provenance"})
                CHECK_MESSAGE(is.at(schema).header[key] == was.at(schema).header[key], kind, " ", key);
            CHECK(is.at(schema).header["frames"]["used"] == was.at(schema).header["frames"]["used"]);
            CHECK(is.at(schema).header["archive"] == "a.nxs");
            CHECK_MESSAGE(is.at(schema).header.contains("findings") == (kind == std::string("pattern")), kind);
        }
        CHECK(is.at("sqd.pattern/1.0").header["findings"] == was.at("sqd.pattern/1.0").header["findings"]);
        for (char const* name : {"I", "I_sigma", "background", "net"}) CHECK(arrays_of(is.at("sqd.pattern/1.0")).contains(name));
        for (char const* name : {"counts", "used", "q1", "fwhm_sigma"}) CHECK(arrays_of(is.at("sqd.map/1.0")).contains(name));
        for (char const* name : {"data", "fit", "residual"}) CHECK(arrays_of(is.at("sqd.fsdp/1.0")).contains(name));
    }
}

TEST_CASE("what the file does not give back is not said") {
    ReducedResult const live = a_map(false);
    test::Written const written(live);
    ArchivedResult archived = read_archive(written.archive.path_for(live.scan));
    archived.findings = false; // as of a file without that group
    auto const is = by_kind(archived_messages(archived, "a.nxs"));
    CHECK_FALSE(is.at("sqd.pattern/1.0").header.contains("findings"));
    for (auto const& [schema, message] : is)
        for (char const* key : {"comparison", "systematics", "thickness"}) CHECK_FALSE(message.header.contains(key));
    CHECK_FALSE(is.contains("sqd.cake/1.0"));
    CHECK(is.at("sqd.fsdp/1.0").header["advice"] == Json{{"sentence", archived.advice}});
    CHECK_FALSE(archived.advice.empty());
}
