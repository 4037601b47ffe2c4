// CBOR as JSON text: what a user put beside the images, where others expect JSON.
#pragma once

#include "detectors/codec/cbor.hpp"

#include <optional>
#include <string>

namespace sqd {

/// The next item as JSON. Tags are left out, numbers that JSON does not have (infinite, none) become null. nullopt for what JSON has no
/// form for: byte strings, keys that are no text, text that cannot be read.
std::optional<std::string> json_text_of(cbor::Reader item);

} // namespace sqd
