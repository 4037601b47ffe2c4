// Faults of the simulated detector: which messages they leave out, repeat, reorder and damage.
#include "detectors/simulated/faults.hpp"
#include "pipeline/core/errors.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

using namespace sqd::simulated;

namespace {

/// Ten frames with the faults, as text.
std::string sent(std::vector<std::string> const& faults) {
    auto schedule = orderly(10);
    for (auto const& fault : faults) schedule = misbehave(std::move(schedule), parse_fault(fault));
    return text_of(schedule);
}

std::size_t ones(Part const& part) {
    return static_cast<std::size_t>(std::count(part.begin(), part.end(), std::byte{0xFF}));
}

} // namespace

TEST_CASE("a detector in good order sends start, every frame once, end") {
    CHECK(text_of(orderly(10)) == "start 0-9 end");
    CHECK(text_of(orderly(0)) == "start end");
}

TEST_CASE("each fault does what its sentence says") {
    struct Row {
        char const* fault;
        char const* sent;
    };
    for (auto const& row : std::vector<Row>{
             {"missing_start", "0-9 end"},
             {"missing_end", "start 0-9"},
             {"abort", "start 0-4"},
             {"abort=0", "start"},
             {"abort=7", "start 0-6"},
             {"abort_with_end", "start 0-4 end"},
             {"duplicates", "start 0-2 2-5 5-8 8-9 end"},
             {"duplicates=10", "start 0-9 9 end"},
             {"duplicates=0-1", "start 0 0-1 1-9 end"},
             {"reordering", "start 1 0 3 2 5 4 7 6 9 8 end"},
             {"reordering=4", "start 3 2 1 0 7 6 5 4 9 8 end"},
             {"reordering=1", "start 0-9 end"},
             {"reordering=1000", "start 9 8 7 6 5 4 3 2 1 0 end"},
             {"gaps", "start 0-1 3-4 6-7 9 end"},
             {"gaps=2-6", "start 0-1 7-9 end"},
             {"gaps=0-100", "start end"},
             {"corrupt=5", "start 0-3 4(corrupt) 5-8 9(corrupt) end"},
             {"stray_parts=5-5", "start 0-5 5(stray) 6-9 end"},
             {"too_many_parts=0-0", "start 0(crowded) 1-9 end"},
             {"disconnect", "start 0-4 5(torn) 6-9 end"},
             {"disconnect=0", "start 0(torn) 1-9 end"},
             {"thief", "start 0-9 end"},
             {"firmware_change", "start 0-9 end"},
             {"firmware_change=lz4<,1.6", "start 0-9 end"},
         }) {
        CAPTURE(row.fault);
        CHECK(sent({row.fault}) == row.sent);
    }
}

TEST_CASE("faults add up in the order in which they are asked for") {
    CHECK(sent({"missing_start", "gaps=3-5", "duplicates=2-2", "missing_end"}) == "0-2 2 6-9");
    CHECK(sent({"stray_parts=2-2", "duplicates=2-2"}) == "start 0-2 2 2(stray) 3-9 end");
}

TEST_CASE("a fault names its series and its value") {
    auto const fault = parse_fault("2:gaps=3-5");
    CHECK(fault.series == 2);
    CHECK(fault.name == "gaps");
    CHECK(fault.range);
    CHECK(fault.first == 3);
    CHECK(fault.last == 5);
    CHECK(parse_fault("thief").series == 0);
    CHECK(parse_fault("1:firmware_change=16bit,lz4<").value == "16bit,lz4<");
}

TEST_CASE("what is no fault is refused, and the message helps") {
    for (auto const* text : {"", "nonsense", "gaps=", "gaps=0", "gaps=x", "gaps=-1", "gaps=5-3", "gaps=1-2-3", "0:gaps", "x:gaps", ":gaps",
                             "missing_end=3", "abort=3-5", "reordering=0", "thief=1", "gaps=99999999999999999999", "gaps=3 "}) {
        CAPTURE(text);
        CHECK_THROWS_AS(parse_fault(text), sqd::DataError);
    }
    try {
        parse_fault("nonsense");
    } catch (sqd::DataError const& error) {
        for (auto const& entry : fault_table()) CHECK(std::string(error.what()).find(entry.name) != std::string::npos);
    }
}

TEST_CASE("help has a line for every fault, and no two have one name") {
    std::set<std::string> names;
    for (auto const& entry : fault_table()) {
        CHECK(names.insert(entry.name).second);
        CHECK(fault_help().find(std::string("  ") + entry.name) != std::string::npos);
        CHECK(fault_help().find(entry.meaning) != std::string::npos);
    }
    auto const help = fault_help();
    CHECK(std::count(help.begin(), help.end(), '\n') == static_cast<std::ptrdiff_t>(fault_table().size()));
}

TEST_CASE("harm is done to the payload, to the parts, or to half of the only part") {
    Message const image{part_of("header"), Part(1000), part_of("times")};
    Message const single{Part(1000)};
    CHECK(harmed(image, Harm::none) == image);
    CHECK(harmed(image, Harm::torn) == image);
    auto const corrupt = harmed(image, Harm::corrupt);
    CHECK(corrupt.size() == 3);
    CHECK(corrupt[0] == image[0]);
    CHECK(corrupt[2] == image[2]);
    CHECK(ones(corrupt[1]) == 500);
    CHECK(corrupt[1][249] == std::byte{0});
    CHECK(corrupt[1][250] == std::byte{0xFF});
    CHECK(ones(harmed(single, Harm::corrupt)[0]) == 500);
    CHECK(harmed(image, Harm::stray) == Message{image[1], image[2]});
    CHECK(harmed(single, Harm::stray) == Message{Part(500)});
    CHECK(harmed(image, Harm::crowded).size() == 23);
    CHECK(harmed({}, Harm::corrupt).empty());
    CHECK(harmed({Part{}}, Harm::corrupt) == Message{Part{}});
    CHECK(harmed({Part{}}, Harm::stray) == Message{Part{}});
}
