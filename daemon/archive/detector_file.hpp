// Where the detector's own file of a scan lies.
#pragma once

#include "pipeline/core/scan.hpp"

#include <string>

namespace sqd {

/// `pattern` (archive.detector_files) with {series} and {name} filled in: the first series of the scan; its name as files are named
/// (file_name_part), so that it leads into no other folder. Relative to the archive's folder; empty for an empty one.
std::string detector_file(std::string pattern, ScanIdentity const& scan);

} // namespace sqd
