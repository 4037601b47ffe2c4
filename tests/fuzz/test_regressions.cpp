// Inputs that once broke a promise, and the samples: read again by every build.
#include "tests/fuzz/message_parts.hpp"
#include "tests/fuzz/samples.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/support/source_root.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace sqd;
namespace fs = std::filesystem;

namespace {

std::string file_text(fs::path const& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

TEST_CASE("inputs that once broke something break nothing") {
    for (auto const& folder : fs::directory_iterator(test::source_root() / "tests" / "fuzz" / "regressions")) {
        auto const* const target = fuzz::find_target(folder.path().filename().string());
        REQUIRE_MESSAGE(target != nullptr, folder.path().string() << " is no target");
        for (auto const& file : fs::directory_iterator(folder)) {
            CAPTURE(file.path().string());
            auto const input = file_text(file.path());
            CHECK_NOTHROW(target->run(std::as_bytes(std::span(input))));
        }
    }
}

TEST_CASE("an empty input breaks nothing") {
    for (auto const& target : fuzz::targets()) {
        CAPTURE(target.name);
        CHECK_NOTHROW(target.run({}));
    }
}

TEST_CASE("the good series of a protocol survives the layout of inputs") {
    for (auto const& target : fuzz::targets()) {
        if (!target.multipart) continue;
        CAPTURE(target.name);
        auto const series = fuzz::sample_series(target.name);
        CHECK(series.size() >= 2);
        auto const input = fuzz::join({0, series});
        CHECK(fuzz::split(input).messages == series);
        CHECK_NOTHROW(target.run(input));
    }
}
