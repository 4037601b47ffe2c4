// Where everything of a result lies in its NeXus file. daemon/archive/README.md has the tree.
#pragma once

#include "daemon/archive/nexus_group.hpp"
#include "pipeline/core/results.hpp"

#include <cstdint>
#include <string>

namespace sqd {

/// Fills an empty file: the root's attributes and /entry with all below. No field of a ReducedResult is left out; what was not
/// computed has no group. `detector_file`: the detector's own of this scan, from the archive's folder on; empty = not known.
void write_nexus(NexusGroup const& root, ReducedResult const& result, std::string const& effective_config,
                 std::string const& detector_file = "");

/// The parts of /entry, each one group. `write_steps` makes the NXprocess groups and, by the other two, the subentries of the application
/// definitions NXazint1d and NXazint2d (fields as MAX IV's azint_writer names them); the second one's step has the cake.
void write_azint1d(NexusGroup const& entry, ReducedResult const& result);
void write_azint2d(NexusGroup const& entry, std::int64_t index, ReducedResult const& result);
void write_steps(NexusGroup const& entry, ReducedResult const& result);
void write_pair_distribution(NexusGroup const& entry, std::int64_t index, ReducedResult const& result);
void write_findings(NexusGroup const& entry, ReducedResult const& result);
void write_uncertainty(NexusGroup const& entry, ReducedResult const& result);
void write_comparison(NexusGroup const& entry, Comparison const& comparison);
void write_frames(NexusGroup const& entry, ReducedResult const& result);
void write_detector_file(NexusGroup const& entry, std::string const& path);
void write_provenance(NexusGroup const& entry, ReducedResult const& result, std::string const& effective_config);

} // namespace sqd
