// Announcements: one grammar for control and header appendix, key by key precedence.
#include "pipeline/core/errors.hpp"
#include "pipeline/stream/announcement.hpp"

#include <doctest/doctest.h>

using namespace sqd;

TEST_CASE("all keys of an announcement are read") {
    auto const a =
        parse_announcement(R"({"role":"background","name":"air","mount":"m1","points":1800,"grid":[30,60],"pitch_um":[5,5],"snake":true,
        "sample":{"composition":"Zr50Cu50","density_g_cm3":6.5,"thickness_um":30,"thickness_sigma_um":2,"transmission":0.42},
        "monitor":1.5,"attenuation":0.1,"parameters":{"P_comp":3.5}})",
                           true);
    CHECK(a.role == Role::background);
    CHECK(a.name == "air");
    CHECK(a.mount == "m1");
    CHECK(a.points == 1800);
    REQUIRE(a.grid);
    CHECK(a.grid->rows == 30);
    CHECK(a.grid->snake);
    CHECK(a.grid->pitch_um == std::vector<double>{5, 5});
    CHECK(a.composition == "Zr50Cu50");
    CHECK(a.transmission == 0.42);
    CHECK(a.monitor == std::vector<double>{1.5});
    CHECK(parse_announcement(R"({"points":2,"monitor":[1,2]})", true).monitor == std::vector<double>{1, 2});
    CHECK(a.attenuation == 0.1);
    CHECK(a.parameters.at("P_comp") == 3.5);
}

TEST_CASE("what is wrong is refused with its key") {
    auto const message = [](char const* text, bool strict = true) -> std::string {
        try {
            parse_announcement(text, strict);
        } catch (DataError const& error) {
            return error.what();
        }
        return "";
    };
    CHECK(message(R"({"role":"smaple"})").starts_with("role: unknown"));
    CHECK(message(R"({"points":0})").starts_with("points: not a whole number"));
    CHECK(message(R"({"points":1.5})").starts_with("points:"));
    CHECK(message(R"({"grid":[30]})").starts_with("grid:"));
    CHECK(message(R"({"points":7,"grid":[2,3]})").starts_with("points: differ from the grid"));
    CHECK(message(R"({"sample":{"transmission":1.5}})").starts_with("sample.transmission: above 1"));
    CHECK(message(R"({"sample":{"density_g_cm3":6,"density_A3":0.06}})").starts_with("sample.density_A3: beside density_g_cm3"));
    CHECK(message(R"({"sample":{"density_A3":-0.06}})").starts_with("sample.density_A3: must be positive"));
    CHECK(message(R"({"sample":{"composition":"Qq50"}})") != "");
    CHECK(message(R"({"rôle":"sample"})").find("unknown key") != std::string::npos);
    CHECK(message(R"({"points":4,"monitor":[1,2,3]})").starts_with("monitor: 3 values for 4 points"));
    CHECK(message(std::string(400000, '[').c_str()) == "announcement: nested too deeply");
    CHECK(message((R"({"name":")" + std::string(257, 'x') + "\"}").c_str()) == "name: longer than 256 bytes");
    CHECK(message((R"({"name":")" + std::string(256, 'x') + "\"}").c_str()).empty());
    std::string many = R"({"parameters":{"p":1)";
    for (int i = 0; i < 256; ++i) many.append(",\"p").append(std::to_string(i)).append("\":1");
    CHECK(message((many + "}}").c_str()) == "parameters: more than 256");
    CHECK(message("[1,2]") == "announcement: not a JSON object");
    CHECK(message("{broken") == "announcement: not a JSON object");
}

TEST_CASE("an appendix may hold keys of its site, control may not") {
    CHECK_NOTHROW(parse_announcement(R"({"filename":"","rotate":0,"role":"sample"})", false));
    CHECK_THROWS_AS(parse_announcement(R"({"filename":"","rotate":0})", true), DataError);
}

TEST_CASE("a density is said once, whichever way, and the first word for it wins") {
    auto const atoms = parse_announcement(R"({"sample":{"density_A3":0.06}})", true),
               mass = parse_announcement(R"({"sample":{"density_g_cm3":6}})", true);
    CHECK(atoms.density_A3 == 0.06);
    CHECK(merge(atoms, mass).density_A3 == 0.06);
    CHECK_FALSE(merge(atoms, mass).density_g_cm3);
    CHECK_FALSE(merge(mass, atoms).density_A3);
    CHECK(merge({}, atoms).density_A3 == 0.06);
}

TEST_CASE("the first word wins key by key, points and grid together") {
    auto const first = parse_announcement(R"({"name":"a","points":10})", true);
    auto const second = parse_announcement(R"({"name":"b","role":"dark","grid":[3,4]})", true);
    auto const both = merge(first, second);
    CHECK(both.name == "a");
    CHECK(both.role == Role::dark);
    CHECK(both.points == 10);
    CHECK_FALSE(both.grid);
}

TEST_CASE("one announcement is pending, a later one replaces it and that is said") {
    AnnouncementBoard board;
    CHECK_FALSE(board.place(parse_announcement(R"({"name":"a"})", true)).replaced);
    CHECK(board.pending());
    CHECK(board.place(parse_announcement(R"({"name":"b"})", true)).replaced);
    CHECK(board.series_started()->said.name == "b");
    CHECK_FALSE(board.pending());
}

TEST_CASE("while an unannounced series runs an announcement is for it, else for the next") {
    AnnouncementBoard board;
    CHECK_FALSE(board.series_started());
    CHECK(board.place(parse_announcement(R"({"name":"late"})", true)).to_running);
    CHECK(board.take_for_running()->said.name == "late");
    CHECK_FALSE(board.take_for_running());
    CHECK_FALSE(board.place(parse_announcement(R"({"name":"next"})", true)).to_running);
    board.series_ended();
    CHECK(board.series_started()->said.name == "next");
}

TEST_CASE("an announcement is unsaved until a restart would know of the series that took it") {
    AnnouncementBoard board;
    auto const place = [&](char const* id) { return board.place(Announced{id, "", parse_announcement(R"({"name":"a"})", true)}); };
    CHECK_FALSE(board.unsaved());
    place("one");
    CHECK(board.unsaved()->id == "one");
    CHECK(board.series_started()->id == "one");
    CHECK(board.unsaved()->id == "one"); // the series may be forgotten still
    CHECK_FALSE(board.saved("another"));
    CHECK(board.saved("one"));
    CHECK_FALSE(board.unsaved());
    board.series_ended();
    place("two");
    board.series_started();
    place("three"); // of the next series
    CHECK(board.unsaved()->id == "three");
    CHECK_FALSE(board.saved("two")); // what is unsaved is as before
    CHECK(board.unsaved()->id == "three");
    board.series_started();
    board.series_ended(); // what comes of it has it
    CHECK_FALSE(board.unsaved());
}

TEST_CASE("an announcement that is given back is pending as another one: a restart must not take it for the one that was used") {
    AnnouncementBoard board;
    board.place(Announced{"one", "", parse_announcement(R"({"name":"a"})", true)});
    auto const taken = board.series_started();
    board.saved("one");
    board.give_back(taken->said);
    board.series_ended();
    REQUIRE(board.unsaved());
    CHECK(board.unsaved()->said.name == "a");
    CHECK(board.unsaved()->id != "one");
    CHECK_FALSE(board.unsaved()->id.empty());
}

TEST_CASE("who announces for the series that runs hears when it is written down, and is not kept waiting") {
    using namespace std::chrono_literals;
    AnnouncementBoard board;
    board.series_started();
    CHECK(board.place(Announced{"late", "", {}}).to_running);
    CHECK_FALSE(board.wait_saved("late", 0ms));
    CHECK_FALSE(board.unsaved()); // it is not of the next one
    CHECK(board.take_for_running()->id == "late");
    board.saved("late");
    CHECK(board.wait_saved("late", 0ms));
    board.saved(""); // of a series that took none
    CHECK(board.wait_saved("late", 0ms));
}
