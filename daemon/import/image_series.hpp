// Images of files, one after another, as one series.
#pragma once

#include "daemon/import/image_file.hpp"

#include <vector>

namespace sqd {

/// Start (what the first source that opens says), the images of all sources in order, end. Images are numbered from 0 across the sources;
/// where sources say which images of their series they hold, a gap is a gap. What cannot be read is an UnreadItem and keeps its number.
FileReading image_events(std::vector<ImageSource> sources, FileOptions const& options);

} // namespace sqd
