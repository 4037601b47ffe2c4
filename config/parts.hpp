// The parts of a configuration, each read and checked by its own functions in the order in which they build on each other.
#pragma once

#include "config/config.hpp"
#include "config/load.hpp"
#include "config/section.hpp"

#include <string>

namespace sqd {

/// instance, source, geometry, detector, beam, mask: from where frames come and where their pixels look.
void read_input(Document& document, Config& config, MaskReader const& read_mask);

/// source alone: from where frames come. Called by read_input.
SourceConfig read_source(Document& document, Section const& source);

/// integration to pair_distribution. Needs what read_input has set.
void read_reduction(Document& document, Config& config);

/// results, control, web, archive.
void read_service(Document& document, Config& config);

/// A ZeroMQ endpoint, or `none` where `optional` (then empty). A bind that other machines reach needs `insecure: true` beside it.
std::string read_connect(Section const& section, std::string const& key);
std::string read_bind(Section const& section, bool optional);

/// The whole of a file. Throws IoError if it cannot be read.
std::string read_file(std::string const& path);

} // namespace sqd
