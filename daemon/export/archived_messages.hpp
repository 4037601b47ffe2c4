// An archived result as the messages that it was published as.
#pragma once

#include "daemon/archive/read_archive.hpp"
#include "daemon/publish/result_message.hpp"

#include <string>
#include <vector>

namespace sqd {

/// Arrays and numbers are the archive's, to the bit; what reading does not give back (cake, systematic terms, comparison, parts
/// of the advice, how alpha was found) is not said. Instance "archive", no epoch, `time.published` is when it was reduced, `archive` the
/// file's name.
std::vector<WireMessage> archived_messages(ArchivedResult const& archived, std::string const& file);

} // namespace sqd
