// A message as the page gets it.
#pragma once

#include "daemon/publish/sent_messages.hpp"

#include <memory>
#include <string>

namespace sqd {

/// u32 length of the header; the header (JSON, with `topic`; blanks fill it up to a multiple of 4); the arrays as float32, little-endian,
/// one behind the other as `arrays` lists them. Half of what is published goes over the wire: a screen shows no more than seven digits.
using ViewerFrame = std::shared_ptr<std::string const>;

/// Its beginning: length and header, to which the arrays are appended.
std::string frame_head(Json const& header);

/// Throws Json::exception for what is no published message.
ViewerFrame viewer_frame(SentMessage const& message);
/// Of a final that is kept.
ViewerFrame viewer_frame(WireMessage const& message);

} // namespace sqd
