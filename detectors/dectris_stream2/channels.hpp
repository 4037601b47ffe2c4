// Which of a detector's channels (thresholds and their difference) is meant.
#pragma once

#include "detectors/codec/cbor_map.hpp"

#include <optional>
#include <string>

namespace sqd::dectris_stream2 {

/// The value of `map`, keyed by channel, that belongs to `channel`: under its name, or under "threshold_1" where the name is "1" as some
/// simulators have it, and the other way round. An empty name means the only one there is. nullopt where there is none.
std::optional<cbor::Reader> find_channel(CborMap const& map, std::string const& channel);

/// The name under which `data` of an image holds `channel`. Throws DecodeError: unsupported where there are several and none is
/// named, mismatch where the named one is absent; both say which there are.
std::string choose_channel(CborMap const& data, std::string const& channel);

} // namespace sqd::dectris_stream2
