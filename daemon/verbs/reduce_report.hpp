// The result of `sqd reduce` for people and for scripts.
#pragma once

#include "daemon/publish/result_message.hpp"
#include "daemon/verbs/reduce.hpp"

#include <span>
#include <string>

namespace sqd {

/// Lines of what the curves hold: bins, background, alpha, q1 with each of its uncertainties, FWHM, chi2, shells, flags.
std::string curves_text(ReducedCurves const& curves);
/// Per kind (pattern, sq, fsdp, gr, cake) `values`, `units` and `arrays` by the names they are published under; `flags`. Images are lists
/// of rows; elements that are not finite read null.
Json curves_json(ReducedResult const& result);

/// A list; elements that are not finite read null.
Json array_json(std::span<double const> values);

/// Lines of what was found in the images, if anything.
std::string findings_text(Findings const& findings);

/// A few lines: what went in and in which unit, alpha, q1 with each of its uncertainties, FWHM, chi2, shells, flags.
std::string reduce_text(FilesReduced const& reduced);

/// `sqd.reduce/1.0`: per kind (pattern, sq, fsdp, gr, cake) `values`, `units` and `arrays` by the names they are published under; `flags`;
/// `inputs`: file, unit and who stated it. Images are lists of rows; elements that are not finite read null.
Json reduce_json(FilesReduced const& reduced);

} // namespace sqd
