// One text for a bug report: what somebody who was not there needs to know.
#pragma once

#include "daemon/publish/result_message.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace sqd {

/// What was found out; what is not there is said in the text.
struct ReportSources {
    std::string control;                ///< endpoint that was asked
    std::optional<Json> status, config; ///< replies of the service; nullopt = it did not answer
    std::string status_problem;         ///< why the service could not be asked
    std::string config_file;            ///< as given by the user; empty = none
    std::string config_yaml;            ///< effective, from the service, else from the file
    std::string config_problem;         ///< why the file cannot be used
};

/// Sections: version, machine, status, configuration, archive, journal, log. No secret is in it: key files are named in a configuration and
/// never read here.
std::string report_text(ReportSources const& sources);

/// A folder's newest files, at most `most`: time, bytes, name; and how many there are. A folder that cannot be read is said.
std::string folder_text(std::filesystem::path const& folder, std::size_t most);

/// Value of a dotted key in a configuration; empty where it has none.
std::string value_in(std::string const& yaml, std::string const& key);

} // namespace sqd
