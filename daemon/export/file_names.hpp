// Names of exported files, from a template and what is known of the scan.
#pragma once

#include "pipeline/core/results.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace sqd {

/// What may stand in braces: sample (the scan's name), scan (the archive file's), uid, role, mount, result, date (of the first frame,
/// 20261126), time (UTC, 101530), kind (pattern, net, sq, gr, ...), and every announced parameter by its name.
std::map<std::string, std::string> name_fields(ReducedResult const& result, std::filesystem::path const& archive);

/// The template with its fields filled in, safe as the name of a file (file_name_part). Throws DataError that names the fields there are.
std::string filled_name(std::string const& pattern, std::map<std::string, std::string> const& fields);

} // namespace sqd
