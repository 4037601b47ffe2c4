// All pages that look on, told ten times a second what is new.
#pragma once

#include "daemon/web/latest_board.hpp"
#include "daemon/web/viewer.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace sqd {

/// On the server's thread. What a message becomes on the wire is made once, whoever looks, and not at all while nobody does.
class Viewers {
public:
    /// `board` null: there is nothing to be told. They outlive it, as it does its viewers.
    Viewers(boost::asio::io_context& io, LatestBoard const* board, WebLimits const& limits, WebCounts& counts);

    bool has_room() const { return board_ != nullptr && counts_.viewers < limits_.viewers; }
    void add(boost::beast::tcp_stream stream, Viewer::Request request);

private:
    void take_news();
    void tick();

    boost::asio::steady_timer timer_;
    LatestBoard const* board_;
    WebLimits const& limits_;
    WebCounts& counts_;
    ViewerSlots slots_;
    std::uint64_t turn_ = 0;
    std::vector<std::weak_ptr<Viewer>> viewers_;
    bool ticking_ = false;
};

} // namespace sqd
