// Configurations that are read again while the service runs.
#include "config/changed_keys.hpp"
#include "config/load.hpp"
#include "daemon/import/mask_image.hpp"
#include "daemon/import/single_image.hpp"
#include "daemon/run/config_versions.hpp"
#include "daemon/run/earlier_config.hpp"
#include "daemon/run/hashes.hpp"
#include "daemon/run/reload.hpp"
#include "pipeline/core/errors.hpp"
#include "tests/support/source_root.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>
#include <string>

using namespace sqd;

namespace {

std::string const folder = (test::source_root() / "config").string() + "/";

std::string shipped() {
    std::ifstream file(folder + "simulated.yaml");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

Config config_of(std::string const& yaml) {
    return parse_config(yaml, folder + "simulated.yaml", read_mask_image, read_number_image);
}

std::string with(std::string text, std::string const& before, std::string const& after) {
    auto const at = text.find(before);
    REQUIRE_MESSAGE(at != std::string::npos, before);
    return text.replace(at, before.size(), after);
}

} // namespace

TEST_CASE("the same configuration changes nothing, whatever its comments and order") {
    Config const now = config_of(shipped());
    Reload const again = reload(now, now.effective_yaml, [] { return config_of(shipped() + "# a comment\n"); });
    CHECK(again.refused.empty());
    CHECK(again.changed.empty());
}

TEST_CASE("what is made of the counts may change from the next series on") {
    Config const now = config_of(shipped());
    Reload const again = reload(now, now.effective_yaml, [] {
        return config_of(with(with(shipped(), "window_invA: [2.2, 3.1]", "window_invA: [2.1, 3.2]"), "rate_hz: 2", "rate_hz: 5"));
    });
    REQUIRE_MESSAGE(again.refused.empty(), again.refused);
    CHECK(again.changed == std::vector<std::string>{"fsdp.window_invA", "results.rate_hz"});
    CHECK(again.config->service.rate_hz == 5);
    CHECK(again.config->mask.size() == 0);
    CHECK(again.config->effective_yaml != now.effective_yaml);
}

TEST_CASE("a section that comes or goes is named by its keys") {
    Config const now = config_of(shipped());
    std::string const g = "pair_distribution: {q_max_invA: 8.9, window: lorch, r_max_A: 20, r_step_A: 0.02}";
    Reload const again = reload(now, now.effective_yaml, [&] { return config_of(with(shipped(), g, "pair_distribution: none")); });
    REQUIRE_MESSAGE(again.refused.empty(), again.refused);
    CHECK(again.changed.size() > 1);
    CHECK_FALSE(again.config->reduction.pair_distribution.has_value());
}

TEST_CASE("a key that needs a restart is named, and nothing else is taken over with it") {
    Config const now = config_of(shipped());
    Reload const again = reload(now, now.effective_yaml,
                                [] { return config_of(with(with(shipped(), "npt: 348", "npt: 300"), "rate_hz: 2", "rate_hz: 5")); });
    CHECK(again.config == nullptr);
    CHECK(again.refused.find("integration.npt") != std::string::npos);
    CHECK(again.refused.find("rate_hz") == std::string::npos);
    CHECK(again.refused.find("restart") != std::string::npos);
}

TEST_CASE("a file that is wrong, or gone, changes nothing and says why") {
    Config const now = config_of(shipped());
    Reload const wrong = reload(now, now.effective_yaml, [] { return config_of(with(shipped(), "npt: 348", "npts: 348")); });
    CHECK(wrong.config == nullptr);
    CHECK(wrong.refused.find("npts") != std::string::npos);
    Reload const gone = reload(now, now.effective_yaml, []() -> Config { throw IoError("id13.yaml: cannot be read", false); });
    CHECK(gone.config == nullptr);
    CHECK(gone.refused.find("cannot be read") != std::string::npos);
}

TEST_CASE("a .poni or a mask of the same name with other contents needs a restart") {
    Config const now = config_of(shipped());
    Reload const moved = reload(now, now.effective_yaml, [] {
        Config out = config_of(shipped());
        out.geometry.distance_m += 1e-6;
        return out;
    });
    CHECK(moved.refused.find("geometry") != std::string::npos);
    Reload const masked = reload(now, now.effective_yaml, [] {
        Config out = config_of(shipped());
        out.mask(3, 4) = 1;
        return out;
    });
    CHECK(masked.refused.find("mask") != std::string::npos);
}

TEST_CASE("keys that say where frames come from or how pixels become bins do not change live") {
    for (char const* key : {"source.connect", "detector.name", "geometry.poni", "beam.energy_keV", "mask.files", "integration.npt",
                            "corrections.dark", "results.bind", "control.bind", "archive.directory", "journal.directory", "web.listen",
                            "security.clients", "instance", "results", "samples.x", ""})
        CHECK_MESSAGE(!applies_to_next_series(key), key);
    for (char const* key : {"fsdp.window_invA", "uncertainty.replicas", "background.use", "watch.bragg_lines", "sample.thickness_um",
                            "scan.points", "results.rate_hz", "pair_distribution", "ad_hoc.rpoly"})
        CHECK_MESSAGE(applies_to_next_series(key), key);
}

TEST_CASE("versions are found by their hash; what was forgotten is the newest") {
    auto const version = [](std::string const& text) {
        Config out;
        out.effective_yaml = text;
        return std::make_shared<Config const>(std::move(out));
    };
    ConfigVersions versions(version("first"));
    std::string const first = versions.current().sha256;
    versions.add(version("second"));
    CHECK(versions.current().config->effective_yaml == "second");
    CHECK(versions.of(first).config->effective_yaml == "first");
    CHECK(versions.of("nobody's").config->effective_yaml == "second");
    for (std::size_t i = 0; i < ConfigVersions::most; ++i) versions.add(version(std::to_string(i)));
    CHECK(versions.of(first).sha256 != first);
}

TEST_CASE("what applies now is what a change is told from, not what the service began with") {
    Config const start = config_of(shipped());
    Config const now = config_of(with(shipped(), "rate_hz: 2", "rate_hz: 5"));
    Reload const back = reload(start, now.effective_yaml, [] { return config_of(shipped()); });
    CHECK(back.changed == std::vector<std::string>{"results.rate_hz"});
    CHECK(back.config->service.rate_hz == 2);
}

TEST_CASE("the configuration that a scan was begun with serves after a restart, where it differs in what a running service can change") {
    Config const now = config_of(shipped());
    auto const earlier = [&now](std::string const& yaml) {
        std::string const effective = config_of(yaml).effective_yaml;
        return earlier_config(now, sha256_hex(effective), effective, config_of);
    };
    auto const same = earlier(shipped());
    CHECK(same.unusable.empty());
    CHECK(same.config == nullptr);
    auto const other = earlier(with(shipped(), "window_invA: [2.2, 3.1]", "window_invA: [2.1, 3.2]"));
    CHECK(other.unusable.empty());
    REQUIRE(other.config);
    CHECK(other.config->reduction.fsdp->window_low_invA == 2.1);
    auto const bins = earlier(with(with(shipped(), "npt: 348", "npt: 300"), "rate_hz: 2", "rate_hz: 5"));
    CHECK(bins.config == nullptr);
    CHECK(bins.unusable.find("integration.npt") != std::string::npos);
    CHECK(bins.unusable.find("rate_hz") == std::string::npos);
}

TEST_CASE("a configuration of before that is not known, or cannot be read any more, is told so") {
    Config const now = config_of(shipped());
    CHECK(earlier_config(now, "a hash", "", config_of).unusable.find("not written down") != std::string::npos);
    CHECK(earlier_config(now, "a hash", now.effective_yaml, config_of).unusable.find("not written down") != std::string::npos);
    std::string const gone = with(now.effective_yaml, "simulated.poni", "gone.poni");
    auto const unreadable = earlier_config(now, sha256_hex(gone), gone, config_of);
    CHECK(unreadable.config == nullptr);
    CHECK(unreadable.unusable.find("gone.poni") != std::string::npos);
    std::string const of_another_program = now.effective_yaml + "# as it echoed it\n";
    auto const same = earlier_config(now, sha256_hex(of_another_program), of_another_program, config_of);
    CHECK(same.unusable.empty());
    CHECK(same.config == nullptr);
}

TEST_CASE("an earlier configuration is known by its hash, and is not the present one") {
    auto const config = [](std::string const& yaml) { return std::make_shared<Config const>(config_of(yaml)); };
    ConfigVersions versions(config(shipped()));
    std::string const now = versions.current().sha256;
    auto const earlier = config(with(shipped(), "rate_hz: 2", "rate_hz: 5"));
    versions.add_earlier(earlier);
    CHECK(versions.current().sha256 == now);
    CHECK(versions.of(sha256_hex(earlier->effective_yaml)).config == earlier);
}
