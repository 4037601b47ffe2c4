// What several steps of an archive file are made of: the process, the plottable group, the pattern.
#pragma once

#include "daemon/archive/nexus_group.hpp"
#include "pipeline/core/results.hpp"

#include <cstdint>
#include <string>

namespace sqd {

/// A step's group: what ran, in which version, when, as which in the row. `shown` is the curve a viewer opens.
NexusGroup step(NexusGroup const& entry, std::string const& name, std::int64_t index, ReducedResult const& result,
                std::string const& shown = "data");
/// program, version and date of an NXprocess.
void write_program(NexusGroup const& process, ReducedResult const& result);

/// A plottable group: `signal` over `axis`.
NexusGroup plot(NexusGroup const& parent, std::string const& name, std::string const& signal, std::string const& axis,
                std::string const& title);

/// The label of a radial axis.
FieldLabel radial_label(RadialUnit unit);

/// A pattern as a plottable group.
void write_pattern(NexusGroup const& parent, std::string const& name, Pattern1D const& pattern, std::string const& title);

/// How the errors of a curve hang on those of the pattern: sigma, background_sigma, correlation, direct, bin and `shared1` ... with effect
/// and response. Nothing where they are not known.
void write_curve_errors(NexusGroup const& parent, CurveErrors const& errors);

} // namespace sqd
