// What the web part knows of the service: plain values, gathered for each question.
#pragma once

#include "daemon/publish/result_message.hpp"
#include "daemon/run/latency_histogram.hpp"
#include "daemon/web/process_facts.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sqd {

/// A loop of the service; one that has not turned for longer than its patience is taken for dead.
struct LoopFacts {
    std::string name;
    std::optional<double> age_s; ///< since its last turn; nullopt = it has not turned yet
    double patience_s = 0;
};

/// How long results of one state were under way, from the arrival of the last frame to publication.
struct LatencyFacts {
    std::string state; ///< partial | final | aborted
    LatencyHistogram::Counts counts{};
    double sum_s = 0;
};

struct WebFacts {
    std::string instance, version, epoch;
    std::shared_ptr<Json const> heartbeat; ///< body of the latest; null = none yet
    std::vector<LoopFacts> loops;
    std::size_t queue_bytes = 0, queue_high_water_bytes = 0, queue_limit_bytes = 0;
    std::vector<LatencyFacts> latencies;
    ProcessFacts process;
    std::uint64_t log_lines_left_out = 0;
    std::size_t web_connections = 0, web_viewers = 0;
    std::uint64_t web_requests = 0, web_refused = 0, web_viewers_dropped = 0;
};

} // namespace sqd
