// Whether two bin maps are the same, told by one number.
#pragma once

#include "pipeline/reduce/bin_map.hpp"

#include <cstdint>

namespace sqd {

/// Of everything that sums on these bins hang on: axis, unit, bin, norm and mask of every pixel. Never 0. Maps that differ have the same
/// with probability 2^-64: it guards against mistakes, not against forgery. A few milliseconds for an Eiger 4M.
std::uint64_t fingerprint(BinMap const& bins);

} // namespace sqd
