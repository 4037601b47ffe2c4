#include "daemon/web/web_service.hpp"

#include "daemon/run/thread_priority.hpp"

#include <atomic>
#include <utility>

namespace sqd {
namespace {

LoopFacts loop(char const* name, std::atomic<double> const& pulse, double now_s, double patience_s) {
    double const last = pulse;
    return {name, last < 0 ? std::nullopt : std::optional(now_s - last), patience_s};
}

LatencyFacts latency(char const* state, LatencyHistogram const& histogram) {
    return {state, histogram.counts(), histogram.sum_s()};
}

} // namespace

WebService::WebService(WebSurroundings surroundings) : with_(std::move(surroundings)) {
    if (with_.config.listen.empty()) return;
    WebPages pages(WebGuard(listen_host(with_.config.listen)), [this] { return facts(); });
    server_.emplace(with_.config.listen, WebLimits{}, std::move(pages), counts_);
}

void WebService::run(std::stop_token const& stop) {
    if (!server_) return;
    yield_to_others();
    server_->run(stop);
}

/// Patience: working out the bins of a large detector holds the processing for seconds, a slow disk the archive for longer.
WebFacts WebService::facts() const {
    constexpr double loop_patience_s = 15, disk_patience_s = 60;
    double const now = with_.clock.steady_s();
    WebFacts out;
    out.instance = with_.speaker.instance;
    out.version = SQD_VERSION;
    out.epoch = with_.speaker.epoch;
    out.heartbeat = with_.heartbeats.latest();
    out.loops = {loop("processing", with_.pulses.processing, now, loop_patience_s),
                 loop("service", with_.pulses.service, now, loop_patience_s), loop("archive", with_.pulses.archive, now, disk_patience_s)};
    out.queue_bytes = with_.queue_bytes();
    out.queue_high_water_bytes = with_.queue_high_water();
    out.queue_limit_bytes = with_.queue_limit;
    out.latencies = {latency("partial", with_.latencies.partial), latency("final", with_.latencies.final),
                     latency("aborted", with_.latencies.aborted)};
    out.process = process_facts();
    out.log_lines_left_out = with_.log_lines_left_out ? with_.log_lines_left_out() : 0;
    out.web_connections = counts_.connections;
    out.web_requests = counts_.requests;
    out.web_refused = counts_.refused;
    return out;
}

} // namespace sqd
