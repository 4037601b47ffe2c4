// The latest heartbeat, for those who ask beside the sockets.
#pragma once

#include "daemon/publish/result_message.hpp"

#include <memory>
#include <mutex>
#include <utility>

namespace sqd {

/// Put by the service's thread once a second, taken by any: what is read here locks nothing that the frames need.
class HeartbeatBoard {
public:
    void put(Json body) {
        auto fresh = std::make_shared<Json const>(std::move(body));
        std::lock_guard const lock(mutex_);
        latest_.swap(fresh);
    }
    /// Null before the first.
    std::shared_ptr<Json const> latest() const {
        std::lock_guard const lock(mutex_);
        return latest_;
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<Json const> latest_;
};

} // namespace sqd
