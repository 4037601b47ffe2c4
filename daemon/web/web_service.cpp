#include "daemon/web/web_service.hpp"

#include "daemon/run/thread_priority.hpp"
#include "daemon/security/private_file.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
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

/// Empty where there is no file.
std::string web_token(std::string const& file) {
    if (file.empty()) return {};
    constexpr std::size_t shortest = 16;
    std::string const text = read_private_file(file);
    auto const first = text.find_first_not_of(" \t\r\n"), last = text.find_last_not_of(" \t\r\n");
    std::string token = first == std::string::npos ? "" : text.substr(first, last - first + 1);
    bool const plain = std::ranges::all_of(token, [](char c) { return c > ' ' && c <= '~'; });
    if (token.size() < shortest || !plain)
        throw ConfigError("web.token: " + file +
                          " holds no token (one word of at least 16 characters) make one with: openssl rand -hex 16");
    return token;
}

} // namespace

WebService::WebService(WebSurroundings surroundings) : with_(std::move(surroundings)) {
    if (with_.config.listen.empty()) return;
    auto const pages =
        std::make_shared<WebPages const>(WebGuard(listen_host(with_.config.listen)),
                                         WebSources{.facts = [this] { return facts(); },
                                                    .config = with_.effective_config,
                                                    .trend = [this] { return trend_.points(); },
                                                    .finals = [this] { return with_.finals.list(); },
                                                    .final_of = [this](std::string const& scan) { return with_.finals.find(scan); },
                                                    .log = [this] { return with_.log.memory ? with_.log.memory->lines() : LogLines{}; },
                                                    .rows = [this](std::string const& of) { return rows_.frame(of); },
                                                    .points_of = [this](std::string const& uid) { return with_.points.of(uid); },
                                                    .speaker = with_.speaker,
                                                    .archive = with_.archive,
                                                    .program = "/proc/self/exe",
                                                    .token = web_token(with_.config.token_file),
                                                    .command = with_.command});
    server_.emplace(with_.config.listen, WebLimits{},
                    WebSite{.answer = [pages](WebRequest const& request) { return (*pages)(request); },
                            .refuses_viewer = [pages](WebRequest const& request) { return pages->refuses_viewer(request); },
                            .latest = &latest_},
                    counts_);
}

void WebService::show(WireMessage const& message, SentPtr const& sent) {
    if (!server_) return;
    trend_.add(message);
    rows_.add(message);
    latest_.put(sent);
}

void WebService::show_past() {
    if (!server_) return;
    auto const finals = with_.finals.list();
    for (auto final = finals.rbegin(); final != finals.rend(); ++final) {
        for (WireMessage const& message : *final->messages) {
            trend_.add(message);
            rows_.add(message);
        }
    }
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
    out.log_lines_left_out = with_.log.left_out ? with_.log.left_out() : 0;
    out.web_connections = counts_.connections;
    out.web_viewers = counts_.viewers;
    out.web_requests = counts_.requests;
    out.web_refused = counts_.refused;
    out.web_viewers_dropped = counts_.viewers_dropped;
    return out;
}

} // namespace sqd
