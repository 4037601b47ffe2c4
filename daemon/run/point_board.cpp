#include "daemon/run/point_board.hpp"

#include <utility>

namespace sqd {

void PointBoard::put(MapPoints points) {
    bool const runs = points.state == ResultState::partial;
    bool const kept = runs || bytes_of(points.counts.frames) <= most_bytes;
    auto running = runs ? std::make_shared<MapPoints const>(points) : nullptr;
    auto over = !runs && kept ? std::make_shared<MapPoints const>(std::move(points)) : nullptr;
    std::lock_guard const lock(mutex_); // what is replaced goes after it is let go of
    running_.swap(running);
    if (!runs) over_.swap(over);
}

std::shared_ptr<MapPoints const> PointBoard::of(std::string const& scan_uid) const {
    std::lock_guard const lock(mutex_);
    for (auto const& each : {running_, over_})
        if (each && each->scan.uid == scan_uid) return each;
    return nullptr;
}

} // namespace sqd
