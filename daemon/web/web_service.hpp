// The web part of a running service: gathers what it is asked for, and serves it.
#pragma once

#include "config/config.hpp"
#include "daemon/log/log_setup.hpp"
#include "daemon/publish/result_message.hpp"
#include "daemon/run/heartbeat_board.hpp"
#include "daemon/run/point_board.hpp"
#include "daemon/run/pulses.hpp"
#include "daemon/run/result_latencies.hpp"
#include "daemon/web/latest_board.hpp"
#include "daemon/web/row_board.hpp"
#include "daemon/web/trend_board.hpp"
#include "daemon/web/web_server.hpp"
#include "pipeline/stream/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

namespace sqd {

/// What it looks at; outlives it. Nothing of it locks what the frames need for longer than it takes to copy some pointers.
struct WebSurroundings {
    WebConfig const& config;
    Speaker speaker;
    Clock const& clock;
    HeartbeatBoard const& heartbeats;
    Pulses const& pulses;
    ResultLatencies const& latencies;
    std::function<std::size_t()> queue_bytes, queue_high_water;
    std::size_t queue_limit = 0;
    LogAccess log; ///< may be empty
    std::function<std::string()> effective_config;
    FinalHistory const& finals;
    PointBoard const& points;
    std::string archive;                                             ///< directory
    std::function<std::optional<Json>(Json const& command)> command; ///< waits two seconds at most
};

class WebService {
public:
    /// Binds where the configuration says so; throws ConfigError, also where the token's file holds none or others may read it.
    explicit WebService(WebSurroundings surroundings);

    /// "http://127.0.0.1:8640"; empty: there is none.
    std::string endpoint() const { return server_ ? server_->endpoint() : std::string{}; }
    /// Until stopped; at once where there is none. In the time that the reduction of frames leaves.
    void run(std::stop_token const& stop);
    WebFacts facts() const;
    /// A message that goes out. From the service's thread, which it does not keep.
    void show(WireMessage const& message, SentPtr const& sent);
    /// The finals of before this start, so that trend and waterfall begin with them. Once, before run().
    void show_past();

private:
    WebSurroundings with_;
    WebCounts counts_;
    LatestBoard latest_;
    TrendBoard trend_;
    RowBoard rows_;
    std::optional<WebServer> server_;
};

} // namespace sqd
