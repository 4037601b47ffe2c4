// Decoders by name.
#include "detectors/registry.hpp"
#include "pipeline/core/errors.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace sqd;

TEST_CASE("every protocol in the table is made by its name, and names are unique") {
    std::set<std::string> kinds;
    for (auto const& entry : decoder_table()) {
        CHECK(make_decoder(entry.kind, {}) != nullptr);
        kinds.insert(entry.kind);
    }
    CHECK(kinds.size() == decoder_table().size());
    CHECK(kinds.contains("dectris_stream1"));
    CHECK(kinds.contains("dectris_stream2"));
    CHECK(kinds.contains("pilatus_stream"));
    CHECK(kinds.contains("array_stream"));
}

TEST_CASE("an unknown protocol is a configuration error that names the known ones") {
    try {
        make_decoder("dectris_stream9", {});
        FAIL("no error");
    } catch (ConfigError const& error) {
        CHECK(std::string(error.what()).find("dectris_stream1, ") != std::string::npos);
    }
}
