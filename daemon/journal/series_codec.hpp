// The state of a running series as bytes: sections, each with its length. README.md beside it says what each holds.
#pragma once

#include "daemon/journal/byte_stream.hpp"
#include "pipeline/stream/series_state.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace sqd {

/// What a state was made with; another configuration may put its frames on other bins.
struct SavedBy {
    std::string config_sha256, version;
};

struct SavedOpening {
    SavedBy by;
    SeriesOpening opening;
};
struct SavedState {
    SavedBy by;
    SeriesState state;
};

std::vector<std::byte> opening_bytes(SeriesOpening const& opening, SavedBy const& by);
std::vector<std::byte> state_bytes(SeriesState const& state, SavedBy const& by);

/// Throw DataError for bytes that are not whole, not of these kinds, or of a version that this program does not know. Nothing in them is
/// believed before it is checked, but only a checksum around them tells other numbers from the right ones. `most_pixels`: of a pixel mask.
SavedOpening read_opening(std::span<std::byte const> bytes, std::size_t most_pixels = most_image_pixels);
SavedState read_state(std::span<std::byte const> bytes, std::size_t most_pixels = most_image_pixels);

} // namespace sqd
