// How the layout of archive files is called, in the attribute `schema` of the file.
#pragma once

namespace sqd {

/// The number before the dot changes when readers of before would be misled; behind it, fields were added. Files of before it was stated
/// have none: they are of the first layout.
inline constexpr char const *archive_schema = "sqd.archive/1.0", *readable_archives = "sqd.archive/1.";

} // namespace sqd
