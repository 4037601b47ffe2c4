#include "daemon/run/lag_alarm.hpp"

#include <spdlog/spdlog.h>

namespace sqd {

double LagAlarm::operator()(std::uint64_t pushed, std::uint64_t popped) {
    double const lag_s = watch_(pushed, popped, clock_.steady_s());
    if (lag_s > late_s && !late_) {
        auto const text = fmt::format("what is reduced now came {:.1f} s ago (frames arrive faster than they are reduced) reduce the frame "
                                      "rate, or what is computed of each frame",
                                      lag_s);
        if (alarms_.raise("lag", text, clock_.utc_ns())) spdlog::warn("{}", text);
        late_ = true;
    }
    if (late_ && lag_s < late_s / 5) {
        alarms_.clear("lag");
        late_ = false;
    }
    return lag_s;
}

} // namespace sqd
