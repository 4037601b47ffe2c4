// ISO 8601 without the locale.
#include "daemon/iso_time.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace sqd {

std::string iso8601_utc(std::int64_t ns) {
    using namespace std::chrono;
    sys_time<nanoseconds> const time{nanoseconds{ns}};
    auto const day = floor<days>(time);
    year_month_day const date{day};
    hh_mm_ss const clock{floor<milliseconds>(time - day)};
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                  static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
                  static_cast<int>(clock.subseconds().count()));
    return text.data();
}

} // namespace sqd
