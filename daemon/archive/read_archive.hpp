// Reads a whole result back from its archive file, as far as the file has it.
#pragma once

#include "pipeline/core/results.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace sqd {

/// Comparisons need neither points, the biggest part of a map's file, nor findings.
enum class ArchiveParts { curves, all };

struct ArchivedResult {
    /// Without cake, systematic terms and the comparison's numbers. The pattern's `counts` are I x norm, 0 in empty bins. Points
    /// have no `bin_counts`.
    ReducedResult result;
    bool findings = false;            ///< the file says what was looked for
    std::vector<double> point_counts; ///< of each row of `result.points`, over all bins
    std::string advice, comparison;   ///< in a sentence; empty = none
};

/// Files of all versions that wrote them: what an older one did not write is empty, 0 or NaN. Throws IoError (input) where the file is not
/// there; DecodeError where it is no HDF5 file, no archive of this program, or holds curves whose columns do not fit each other.
ArchivedResult read_archive(std::filesystem::path const& file, ArchiveParts parts = ArchiveParts::all);

} // namespace sqd
