// Recorded detector messages: part by part in files, whole in files, or many in one file.
#pragma once

#include "detectors/decoder.hpp"
#include "pipeline/core/errors.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sqd {

/// One multipart message as it was received, or why it cannot be read: a part is missing or beyond limits, its file is gone.
struct RecordedMessage {
    std::string item; ///< "run7/m0004", "run7/000001.cbor", "run7.cbors#3"
    std::vector<MessagePart> parts;
    std::optional<DecodeError> fault;
};

/// The message whose parts `read` gives; the errors it throws become the fault.
RecordedMessage recorded_message(std::string item, std::function<std::vector<MessagePart>()> const& read);

/// The next message, nullopt after the last.
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
