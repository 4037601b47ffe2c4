// Where the checkout lies, for tests that read its files: the folder SQD_SOURCE names, else the one this file was compiled from.
#pragma once

#include <cstdlib>
#include <filesystem>

namespace sqd::test {

inline std::filesystem::path source_root() {
    if (char const* named = std::getenv("SQD_SOURCE")) return named;
    return std::filesystem::path(__FILE__).parent_path() / ".." / "..";
}

} // namespace sqd::test
