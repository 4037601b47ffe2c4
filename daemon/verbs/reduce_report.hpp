// The result of `sqd reduce` for people and for scripts.
#pragma once

#include "daemon/publish/result_message.hpp"
#include "pipeline/core/results.hpp"

#include <string>

namespace sqd {

/// A few lines: what went in, alpha, q1 with each of its uncertainties, FWHM, chi2, shells, flags.
std::string reduce_text(ReducedResult const& result);

/// `sqd.reduce/1.0`: per kind (pattern, sq, fsdp, gr) `values`, `units` and `arrays` by the names they are published under; `flags`.
/// Elements of arrays that are not finite read null.
Json reduce_json(ReducedResult const& result);

} // namespace sqd
