// What the curves of single points are made of: of the map that runs, and of the last that is over.
#pragma once

#include "daemon/publish/point_message.hpp"
#include "pipeline/stream/reduction_job.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>

namespace sqd {

/// Set by the reduction's thread, asked from any; neither waits longer than it takes to swap a pointer.
class PointBoard {
public:
    /// Of a map that is over no more is kept: its archive has it.
    static constexpr std::size_t most_bytes = std::size_t{64} << 20;

    void put(MapPoints points);
    /// Null: that scan neither runs nor was the last, or it was too large to be kept.
    std::shared_ptr<MapPoints const> of(std::string const& scan_uid) const;

private:
    mutable std::mutex mutex_;
    std::shared_ptr<MapPoints const> running_, over_;
};

} // namespace sqd
