// Small good series of every protocol: seeds of the corpora, and what a decoder must still read after any messages.
#pragma once

#include "detectors/simulated/stream2_messages.hpp"
#include "tests/fuzz/message_parts.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sqd::fuzz {

inline constexpr std::size_t sample_rows = 45, sample_cols = 67; ///< two tiles, the second partly filled, a tail of bitshuffle

/// Counts as a detector sees them: many small ones, some large, sentinels. 32 bits.
std::vector<std::uint32_t> sample_image(std::uint32_t seed);

/// A detector of one channel and 32 bits.
simulated::Stream2Series sample_stream2();

/// Start, two images, end; empty for a protocol that has no encoder here.
std::vector<Message> sample_series(std::string const& kind);

} // namespace sqd::fuzz
