// What the heartbeat tells, gathered from the threads that know it.
#pragma once

#include "pipeline/stream/series_processor.hpp"

#include <mutex>
#include <utility>

namespace sqd {

/// The latest progress of the running series, and what was last finished.
class StatusBoard {
public:
    void update(Progress const& progress) {
        std::lock_guard lock(mutex_);
        progress_ = progress;
    }
    Progress progress() const {
        std::lock_guard lock(mutex_);
        return progress_;
    }

private:
    mutable std::mutex mutex_;
    Progress progress_;
};

} // namespace sqd
