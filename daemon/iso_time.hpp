// Times as people and NeXus write them.
#pragma once

#include <cstdint>
#include <string>

namespace sqd {

/// ISO 8601 in UTC with milliseconds, "2026-11-22T10:00:00.000Z", of ns since 1970.
std::string iso8601_utc(std::int64_t ns);

} // namespace sqd
