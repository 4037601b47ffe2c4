// `sqd control`: what a shell writes becomes a request.
#include "daemon/verbs/control.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace sqd;

TEST_CASE("values are JSON where they are, else text; dots lead into objects") {
    CHECK(control_request("end", {}) == Json::parse(R"({"command":"end"})"));
    CHECK(control_request("begin", {"name=vit4_643K", "points=1800", "grid=[30,60]", "snake=true", "sample.thickness_um=30",
                                    "sample.composition=Zr50Cu50"}) ==
          Json::parse(R"({"command":"begin","name":"vit4_643K","points":1800,"grid":[30,60],"snake":true,)"
                      R"("sample":{"thickness_um":30,"composition":"Zr50Cu50"}})"));
    CHECK(control_request("announce", {"name=a=b", "mount=\"7\"", "parameters.P_comp=1.5"}) ==
          Json::parse(R"({"command":"announce","name":"a=b","mount":"7","parameters":{"P_comp":1.5}})"));
    CHECK(control_request("announce", {"name="}).at("name") == "");
}

TEST_CASE("what is no key=value is refused with the argument") {
    for (char const* argument : {"air", "=air", "a~b=1"}) {
        CAPTURE(argument);
        CHECK_THROWS_AS(control_request("announce", {argument}), std::invalid_argument);
    }
    CHECK_THROWS_AS(control_request("announce", {"sample=7", "sample.density_g_cm3=6"}), std::invalid_argument);
}
