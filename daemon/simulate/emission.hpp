// Series after series out of a simulated detector, with the faults that were asked for.
#pragma once

#include "config/config.hpp"
#include "daemon/simulate/series_messages.hpp"
#include "daemon/simulate/simulation.hpp"
#include "detectors/simulated/faults.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sqd::simulated {

/// How one series is sent.
struct SeriesConduct {
    std::vector<Fault> faults; ///< of this series
    double rate_hz = 0;
    std::string name; ///< for the progress line
};

/// Where a simulated detector sends: a socket, or a folder. Prints `endpoint ENDPOINT` on standard output.
class Emission {
public:
    /// Throws ConfigError, IoError.
    Emission(SimulateOptions const& options, SourceConfig const& source);
    ~Emission();

    /// False, with a line on standard error, when no client came within options.wait_s.
    bool client_came();
    /// Throws DataError for a fault that is not possible here.
    PlayedSeries send(SeriesMessages const& series, SeriesConduct const& conduct);

private:
    double wait_s_;
    std::optional<DetectorSocket> socket_; ///< absent: a folder
    Outlet outlet_;
};

/// Those of series `number` (from 1).
std::vector<Fault> faults_of(std::vector<Fault> const& faults, std::uint64_t number);
/// As the faults change it.
Dialect dialect_with(std::vector<Fault> const& faults, Dialect dialect);
/// One line on standard output, another where faults were asked for.
void print_series(std::string const& what, PlayedSeries const& played, std::vector<Fault> const& faults);

} // namespace sqd::simulated
