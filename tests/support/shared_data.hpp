// Finds the real recordings that tests read: the folder SQD_TEST_DATA names, else ../shared/data beside the checkout.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace sqd::test {

/// Path of `relative` inside the recordings, or nullopt when they are not there: the test then says that it skips.
inline std::optional<std::filesystem::path> shared_data(std::string const& relative) {
    std::filesystem::path base;
    if (char const* named = std::getenv("SQD_TEST_DATA")) {
        base = named;
    } else if (char const* source = std::getenv("SQD_SOURCE")) {
        base = std::filesystem::path(source) / ".." / "shared" / "data";
    } else {
        base = std::filesystem::path(__FILE__).parent_path() / ".." / ".." / ".." / "shared" / "data";
    }
    auto const path = base / relative;
    if (!std::filesystem::exists(path)) return std::nullopt;
    return path;
}

} // namespace sqd::test

/// Leaves the test case aloud when the recording is absent.
#define SQD_SHARED_DATA_OR_SKIP(variable, relative)                                                                                        \
    auto const variable##_found = sqd::test::shared_data(relative);                                                                        \
    if (!variable##_found) {                                                                                                               \
        MESSAGE("SKIPPED: recordings not found: " relative " (set SQD_TEST_DATA to their folder)");                                        \
        return;                                                                                                                            \
    }                                                                                                                                      \
    auto const& variable = *variable##_found
