// The protocols this program speaks, by the name used in `source.kind`.
#pragma once

#include "detectors/decoder.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sqd {

/// How messages arrive unless the configuration says otherwise.
enum class Transport { pull, sub, folder };

/// A protocol: its name, what it is, how its messages arrive, whether an image can have several channels (thresholds).
struct DecoderEntry {
    char const* kind;
    char const* description;
    Transport transport;
    bool has_channels;
    std::unique_ptr<Decoder> (*make)(DecoderOptions const&);
};

/// All protocols, an explicit table: a new detector is one line here.
std::vector<DecoderEntry> const& decoder_table();
/// The decoder of that name; throws ConfigError naming the known ones.
std::unique_ptr<Decoder> make_decoder(std::string const& kind, DecoderOptions const& options);

} // namespace sqd
