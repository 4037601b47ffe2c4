#include "daemon/web/viewers.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace sqd {

Viewers::Viewers(boost::asio::io_context& io, LatestBoard const* board, WebLimits const& limits, WebCounts& counts)
    : timer_(io), board_(board), limits_(limits), counts_(counts) {}

void Viewers::add(boost::beast::tcp_stream stream, Viewer::Request request) {
    take_news();
    auto viewer = std::make_shared<Viewer>(std::move(stream), limits_, slots_, counts_);
    viewers_.push_back(viewer);
    viewer->start(std::move(request));
    if (!std::exchange(ticking_, true)) tick();
}

void Viewers::take_news() {
    for (auto const& [topic, slot] : board_->after(turn_)) {
        turn_ = std::max(turn_, slot.turn);
        try {
            slots_[topic] = {slot.turn, viewer_frame(*slot.message)};
        } catch (std::exception const& error) {
            spdlog::error("web: a message of {} cannot be shown: {}", topic, error.what());
        }
    }
}

void Viewers::tick() {
    timer_.expires_after(limits_.viewer_period);
    timer_.async_wait([this](boost::system::error_code const& stopped) {
        if (stopped) return;
        std::erase_if(viewers_, [](auto const& viewer) { return viewer.expired(); });
        if (viewers_.empty()) {
            ticking_ = false;
            return;
        }
        take_news();
        auto const now = std::chrono::steady_clock::now();
        for (auto const& each : viewers_)
            if (auto const viewer = each.lock()) viewer->look(now);
        tick();
    });
}

} // namespace sqd
