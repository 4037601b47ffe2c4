// Recorded detector messages: part by part in files, whole in files, or many in one file.
#pragma once

#include "detectors/decoder.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sqd {

/// One multipart message as it was received.
struct RecordedMessage {
    std::string item; ///< "run7/m0004", "run7/000001.cbor", "run7.cbors#3"
    std::vector<MessagePart> parts;
    std::string gap; ///< why it is incomplete; empty: it is whole
};

/// The next message, nullopt after the last. Throws DecodeError (a message beyond limits; the next call goes on behind it), IoError.
using MessageReading = std::function<std::optional<RecordedMessage>()>;

/// Part files mNNNN_pK.bin, in any order: message NNNN, part K.
MessageReading part_file_messages(std::vector<std::filesystem::path> const& files, DecoderLimits const& limits);
/// One message of one part in each file, in the order given.
MessageReading whole_file_messages(std::vector<std::filesystem::path> const& files, DecoderLimits const& limits);

/// "m0004" and 2 of "m0004_p2.bin"; nullopt for another name.
struct PartName {
    std::string message;
    std::size_t part = 0;
};
std::optional<PartName> part_name(std::filesystem::path const& file);

} // namespace sqd
