// Recorded messages through the decoder of their protocol.
#pragma once

#include "daemon/import/file_series.hpp"
#include "daemon/import/recorded_messages.hpp"

#include <string>
#include <vector>

namespace sqd {

/// The protocol that a message belongs to, by what its first part says; empty where it is none that is known. A message of no bytes
/// belongs to none.
std::string protocol_of(std::vector<MessagePart> const& parts);

/// Events of the messages. Where options.kind is empty, the first message that tells the protocol decides for all; what comes before it
/// is unread. Messages that their decoder takes for nothing (empty ones) are passed over. Throws ConfigError for an unknown kind.
FileReading message_events(MessageReading next, FileOptions const& options);

} // namespace sqd
