// The table of protocols.
#include "daemon/simulate/series_messages.hpp"

#include "pipeline/core/errors.hpp"

namespace sqd::simulated {

std::vector<SimulatedProtocol> const& simulated_protocols() {
    static std::vector<SimulatedProtocol> const table{
        {"dectris_stream1", 0.02, stream1_series}, {"dectris_stream2", 0.02, stream2_series}, {"pilatus_stream", 1, pilatus_series},
        {"array_stream", 1, array_series},         {"cbf_folder", 1, cbf_files_series},
    };
    return table;
}

SimulatedProtocol const& find_protocol(std::string const& kind) {
    std::string known;
    for (auto const& protocol : simulated_protocols()) {
        if (kind == protocol.kind) return protocol;
        known += (known.empty() ? "" : ", ") + std::string(protocol.kind);
    }
    throw ConfigError("source.kind: '" + kind + "' cannot be simulated (no encoder speaks it) use one of " + known);
}

} // namespace sqd::simulated
