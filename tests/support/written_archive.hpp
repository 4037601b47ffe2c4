// A result in an archive of its own.
#pragma once

#include "daemon/archive/nexus_archive.hpp"
#include "tests/support/temporary_directory.hpp"

#include <string>

namespace sqd::test {

inline std::string const config_text = "instance: id13\n# a line\n";

/// Writes the result into a directory of its own.
struct Written {
    explicit Written(ReducedResult const& result) : archive(directory.path(), config_text) { archive.write(result); }
    TemporaryDirectory directory;
    NexusArchive archive;
};

} // namespace sqd::test
