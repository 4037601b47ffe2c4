#include "daemon/simulate/player.hpp"

#include "daemon/simulate/frame_ring.hpp"

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

namespace sqd::simulated {

namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr unsigned prepare_workers = 2;
constexpr std::size_t prepared_frames = 16;
constexpr auto control_patience = milliseconds(1000); ///< for start and end messages
constexpr auto retry_slice = milliseconds(20);

/// Tries until the message is gone or `patience` is over; a negative patience has no end.
Delivery send_patiently(Outlet const& outlet, SharedMessage const& message, milliseconds patience) {
    auto const begin = SteadyClock::now();
    for (;;) {
        auto const delivery = outlet.try_send(message);
        if (delivery != Delivery::refused) return delivery;
        if (patience.count() >= 0 && SteadyClock::now() - begin >= patience) return delivery;
        outlet.wait_for_room(retry_slice);
    }
}

/// Frames at their times.
class Pace {
public:
    explicit Pace(double rate_hz) : rate_hz_(rate_hz) {}
    bool free() const { return rate_hz_ <= 0; }
    void wait_for(std::uint64_t frame) {
        if (frame == 0) first_ = SteadyClock::now();
        if (free()) return;
        std::this_thread::sleep_until(first_ + std::chrono::duration_cast<SteadyClock::duration>(
                                                   std::chrono::duration<double>(static_cast<double>(frame) / rate_hz_)));
    }

private:
    double rate_hz_;
    SteadyClock::time_point first_;
};

/// What is damaged is a copy: others share the bytes.
SharedMessage as_harmed(SharedMessage message, Harm harm) {
    return harm == Harm::none ? std::move(message) : shared(harmed(copied(message), harm));
}

Delivery send_frame(Outlet const& outlet, Sending const& sending, SharedMessage const& message, bool patiently) {
    if (sending.harm == Harm::torn) {
        outlet.tear(message);
        return Delivery::sent;
    }
    return patiently ? send_patiently(outlet, message, milliseconds(-1)) : outlet.try_send(message);
}

void note(PlayedSeries& played, Sending const& sending, Delivery delivery) {
    if (delivery == Delivery::sent) played.delivered.push_back(sending);
    if (sending.what != Sending::What::frame) return;
    ++(delivery == Delivery::sent ? played.sent : delivery == Delivery::stolen ? played.stolen : played.dropped);
}

} // namespace

Outlet outlet_to(DetectorSocket& socket) {
    return {[&socket](SharedMessage const& message) { return socket.try_send(message); },
            [&socket](milliseconds time) { socket.wait_for_room(time); },
            [&socket](SharedMessage const& message) { socket.tear(message); }};
}

PlayedSeries play(SeriesMessages const& series, Schedule const& schedule, Outlet const& outlet, double rate_hz,
                  std::function<void(std::uint64_t)> const& progress) {
    Schedule frames;
    std::copy_if(schedule.begin(), schedule.end(), std::back_inserter(frames),
                 [](Sending const& sending) { return sending.what == Sending::What::frame; });
    auto const frame = [&](std::uint64_t i) { return as_harmed(series.frame(frames[i].frame), frames[i].harm); };
    std::optional<FrameRing> ring;
    if (!series.prepared) ring.emplace(frames.size(), frame, prepare_workers, prepared_frames);
    PlayedSeries played;
    Pace pace(rate_hz);
    std::uint64_t done = 0;
    auto const begin = SteadyClock::now();
    for (auto const& sending : schedule) {
        if (sending.what != Sending::What::frame) {
            auto const& message = sending.what == Sending::What::start ? series.start : series.end;
            if (!message.empty()) note(played, sending, send_patiently(outlet, message, control_patience));
            continue;
        }
        auto const message = ring ? ring->next() : frame(done);
        pace.wait_for(done);
        note(played, sending, send_frame(outlet, sending, message, pace.free()));
        progress(++done);
    }
    played.seconds = std::chrono::duration<double>(SteadyClock::now() - begin).count();
    return played;
}

} // namespace sqd::simulated
