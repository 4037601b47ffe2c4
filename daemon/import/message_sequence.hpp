// Recorded messages one after another in one file (.cbors): a sequence of CBOR items, as dranspose and streaming-receiver dump them.
#pragma once

#include "daemon/import/recorded_messages.hpp"

#include <filesystem>
#include <vector>

namespace sqd {

/// An item is a list of parts, or an event of dranspose: tag 42877 of [number, {stream: tag 42878 of [source, list of parts]}], a message
/// for each of its streams. Files are read item by item. Behind an item that is no CBOR the rest of its file cannot be read.
MessageReading sequence_messages(std::vector<std::filesystem::path> const& files, DecoderLimits const& limits);

} // namespace sqd
