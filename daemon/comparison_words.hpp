// A comparison in words, for the terminal, the wire and the archive.
#pragma once

#include "pipeline/core/comparison.hpp"

#include <string>

namespace sqd {

/// "q1 moved by +0.00210(20) 1/A: 10 sigma of counting, 1.6 with the mount: it may be the mount"; without a peak what S(q) says; why
/// nothing was compared.
std::string words(Comparison const& comparison);
/// "chi2 per degree of freedom 1.30 (p 2e-06), with the mount 1.02 (p 0.36)"
std::string words(CurveDifference const& curve, bool one_mount);

} // namespace sqd
