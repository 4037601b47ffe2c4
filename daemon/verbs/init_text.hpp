// A first configuration from a calibration, with a comment on every choice.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace sqd {

/// What the command line says; empty or absent = worked out from the calibration, or left for later.
struct InitRequest {
    std::string poni;     ///< .poni, or pyFAI-integrate's .json
    std::string detector; ///< pyFAI's name
    std::string source;   ///< source.kind
    std::string from;     ///< endpoint of the stream, or the folder of cbf_folder
    std::vector<std::string> masks;
    std::optional<double> energy_keV;
    std::string composition;
    std::optional<double> density_g_cm3, thickness_um;
};

/// YAML that `sqd check` accepts. Paths in it are absolute: it may be saved anywhere. Without a composition S(q) is off, and the peak is
/// fitted on I(q). Throws IoError (input) for files that are not there, ConfigError for a calibration that cannot be used, DataError where
/// something has to be said on the command line.
std::string init_text(InitRequest const& request);

} // namespace sqd
