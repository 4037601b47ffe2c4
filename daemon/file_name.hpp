// Names of people's making, as names of files.
#pragma once

#include <string>

namespace sqd {

/// A part of a file name that is safe in any file system and shell; bounded, since names are at most 255 bytes. What is not a letter,
/// digit,
/// `_`, `.` or `-` reads `_`.
std::string file_name_part(std::string text);

} // namespace sqd
