// Curves of an archive file, field by field as nexus_steps.cpp and nexus_real_space.cpp write them.
#pragma once

#include "daemon/archive/archive_group.hpp"
#include "pipeline/core/ad_hoc_curves.hpp"
#include "pipeline/core/curves.hpp"

namespace sqd {

// Each takes the group of its step. They throw DecodeError where columns do not fit each other. Fields that older versions did not write
// are empty, NaN or 0.

/// Of `azimuthal_integration/data` and the like: everything but the sums of counts, which are I x norm.
Pattern1D read_pattern(ArchiveGroup const& data);
StructureFactor read_structure_factor(ArchiveGroup const& step);
/// Its values, without the curves over the window.
Fsdp read_peak(ArchiveGroup const& parameters);
/// Values and curves.
Fsdp read_fsdp(ArchiveGroup const& step);
PairDistribution read_pair_distribution(ArchiveGroup const& step);
AdHocCurves read_ad_hoc(ArchiveGroup const& step);

} // namespace sqd
