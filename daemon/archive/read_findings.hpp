// Findings of an archive file, field by field as nexus_findings.cpp writes them.
#pragma once

#include "daemon/archive/archive_group.hpp"
#include "pipeline/core/findings.hpp"

namespace sqd {

/// Takes the group `findings`. Without the numbers that only the making of the archive needed: a hot pixel's norm, the points that a shift
/// left out, the flags (they are the result's). Throws DecodeError where columns do not fit each other, or a name is none of those written.
Findings read_findings(ArchiveGroup const& in);

} // namespace sqd
