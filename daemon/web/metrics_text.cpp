#include "daemon/web/metrics_text.hpp"

#include <spdlog/fmt/fmt.h>

#include <array>
#include <cmath>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace sqd {
namespace {

struct Label {
    char const* name;
    std::string value;
};

/// Text of families, one after another.
class Families {
public:
    void family(std::string const& name, char const* type, std::string const& help) {
        name_ = name;
        text_ += "# HELP " + name + ' ' + help + "\n# TYPE " + name + ' ' + type + '\n';
    }
    /// A sample of the family begun last; `suffix` as histograms have it.
    void sample(double value, std::initializer_list<Label> labels = {}, char const* suffix = "") {
        text_ += name_ + suffix;
        char separator = '{';
        for (Label const& label : labels) {
            text_ += separator + std::string(label.name) + "=\"" + label_text(label.value) + '"';
            separator = ',';
        }
        if (labels.size() != 0) text_ += '}';
        text_ += ' ' + number(value) + '\n';
    }
    void single(std::string const& name, char const* type, std::string const& help, double value) {
        family(name, type, help);
        sample(value);
    }
    std::string take() { return std::move(text_); }

private:
    static std::string number(double value) {
        if (std::isnan(value)) return "NaN";
        if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
        return fmt::format("{}", value);
    }
    std::string text_, name_;
};

/// A number of the heartbeat; 0 where it has none.
double number_in(Json const& object, std::string const& key) {
    auto const found = object.find(key);
    return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

Json const& part(Json const& object, char const* key) {
    static Json const nothing = Json::object();
    auto const found = object.find(key);
    return found != object.end() ? *found : nothing;
}

std::string text_in(Json const& object, char const* key) {
    auto const found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

void put_states(Families& out, Json const& beat, WebFacts const& facts) {
    out.family("sqd_info", "gauge", "1; labels: version, instance of the configuration, epoch of this start");
    out.sample(1, {{"version", facts.version}, {"name", facts.instance}, {"epoch", facts.epoch}});
    out.single("sqd_uptime_seconds", "gauge", "since the start of the program", number_in(beat, "uptime_s"));
    std::string const state = text_in(beat, "state");
    out.family("sqd_state", "gauge", "1 for the state that the service is in");
    for (char const* each : {"init", "standby", "ready", "running", "fault"}) out.sample(state == each ? 1 : 0, {{"state", each}});
    out.family("sqd_phase", "gauge", "1, with the phase as a label");
    if (auto const phase = text_in(beat, "phase"); !phase.empty()) out.sample(1, {{"phase", phase}});
    Json const& alarms = part(beat, "alarms");
    out.single("sqd_alarms", "gauge", "alarms that are listed", static_cast<double>(alarms.size()));
    out.family("sqd_alarm", "gauge", "times that a listed alarm was raised");
    for (Json const& alarm : alarms) out.sample(number_in(alarm, "count"), {{"alarm", text_in(alarm, "name")}});
    Json const& clients = part(beat, "clients");
    out.family("sqd_clients", "gauge", "connections now");
    for (char const* socket : {"results", "control"}) out.sample(number_in(clients, socket), {{"socket", socket}});
    out.single("sqd_clients_gone_total", "counter", "connections that ended", number_in(clients, "gone"));
    out.single("sqd_clients_refused_total", "counter", "who did not speak ZeroMQ or was not let in", number_in(clients, "refused"));
}

bool ends_with(std::string_view text, std::string_view end) {
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// Counters of the status; free space stands among them and is none.
void put_counters(Families& out, Json const& beat) {
    constexpr std::string_view free_bytes = "_free_bytes";
    Json const& counters = part(beat, "counters");
    for (auto const& [key, value] : counters.items()) {
        if (!value.is_number() || ends_with(key, free_bytes)) continue;
        out.single("sqd_" + key + "_total", "counter", "counters." + key + " of the status", value.get<double>());
    }
    out.family("sqd_disk_free_bytes", "gauge", "free for this user, when last looked at");
    for (auto const& [key, value] : counters.items()) {
        if (value.is_number() && ends_with(key, free_bytes))
            out.sample(value.get<double>(), {{"disk", key.substr(0, key.size() - free_bytes.size())}});
    }
}

void put_scan(Families& out, Json const& beat) {
    Json const& frames = part(beat, "frames");
    out.family("sqd_scan_frames", "gauge", "frames of the running scan; 0 while none runs");
    for (char const* each : {"expected", "received", "used", "rejected", "missing", "pending", "duplicate"})
        out.sample(number_in(frames, each), {{"of", each}});
    out.single("sqd_scan_rate_hertz", "gauge", "frames per second of the running scan", number_in(beat, "rate_hz"));
    out.single("sqd_scan_remaining_seconds", "gauge", "estimated until the running scan ends", number_in(beat, "eta_s"));
    out.single("sqd_scan_silent_seconds", "gauge", "since the last frame of the running scan", number_in(beat, "silent_s"));
    out.family("sqd_topic_seq", "counter", "sequence number of the latest message of a topic");
    for (auto const& [topic, seq] : part(beat, "latest_seq").items()) {
        auto const end = topic.find_last_not_of('/');
        std::string const whole = end == std::string::npos ? topic : topic.substr(0, end + 1);
        if (seq.is_number()) out.sample(seq.get<double>(), {{"topic", topic}, {"kind", whole.substr(whole.rfind('/') + 1)}});
    }
}

void put_queue(Families& out, Json const& beat, WebFacts const& facts) {
    out.single("sqd_queue_bytes", "gauge", "frames that wait for their sums", static_cast<double>(facts.queue_bytes));
    out.single("sqd_queue_high_water_bytes", "gauge", "the most that waited", static_cast<double>(facts.queue_high_water_bytes));
    out.single("sqd_queue_limit_bytes", "gauge", "source.queue_MB", static_cast<double>(facts.queue_limit_bytes));
    out.single("sqd_lag_seconds", "gauge", "age of the frames that are being summed", number_in(beat, "lag_s"));
    out.family("sqd_loop_age_seconds", "gauge", "since a loop of the service last turned");
    for (LoopFacts const& loop : facts.loops) {
        if (loop.age_s) out.sample(*loop.age_s, {{"loop", loop.name}});
    }
}

void put_latencies(Families& out, WebFacts const& facts) {
    out.family("sqd_result_latency_seconds", "histogram", "from the arrival of a result's last frame to its publication");
    for (LatencyFacts const& latency : facts.latencies) {
        std::uint64_t below = 0;
        for (std::size_t i = 0; i < latency.counts.size(); ++i) {
            below += latency.counts[i];
            bool const bounded = i < LatencyHistogram::bounds_s.size();
            std::string const le = bounded ? fmt::format("{:g}", LatencyHistogram::bounds_s[i]) : "+Inf";
            out.sample(static_cast<double>(below), {{"state", latency.state}, {"le", le}}, "_bucket");
        }
        out.sample(latency.sum_s, {{"state", latency.state}}, "_sum");
        out.sample(static_cast<double>(below), {{"state", latency.state}}, "_count");
    }
}

void put_process(Families& out, WebFacts const& facts) {
    ProcessFacts const& p = facts.process;
    out.single("process_resident_memory_bytes", "gauge", "memory in use", static_cast<double>(p.rss_bytes));
    out.single("process_open_fds", "gauge", "open file descriptors", static_cast<double>(p.open_fds));
    out.single("process_max_fds", "gauge", "file descriptors that are allowed", static_cast<double>(p.fds_allowed));
    out.single("process_threads", "gauge", "threads", static_cast<double>(p.threads));
    out.single("process_cpu_seconds_total", "counter", "processor time, user and system", p.cpu_s);
    out.single("sqd_log_lines_left_out_total", "counter", "lines of the log beyond its rate",
               static_cast<double>(facts.log_lines_left_out));
    out.single("sqd_web_viewers", "gauge", "pages that look on", static_cast<double>(facts.web_viewers));
    out.single("sqd_web_viewers_dropped_total", "counter", "pages that did not take in time what was sent to them, or answered no ping",
               static_cast<double>(facts.web_viewers_dropped));
    out.single("sqd_web_connections", "gauge", "of this server", static_cast<double>(facts.web_connections));
    out.single("sqd_web_requests_total", "counter", "answered by this server", static_cast<double>(facts.web_requests));
    out.single("sqd_web_refused_total", "counter", "connections and requests that were not let in", static_cast<double>(facts.web_refused));
}

} // namespace

std::string label_text(std::string const& value) {
    std::string out;
    for (char const c : value) {
        if (c == '\\' || c == '"') out += '\\';
        if (c == '\n')
            out += "\\n";
        else
            out += c;
    }
    return out;
}

std::string metrics_text(WebFacts const& facts) {
    static Json const nothing = Json::object();
    Json const& beat = facts.heartbeat ? *facts.heartbeat : nothing;
    Families out;
    put_states(out, beat, facts);
    put_counters(out, beat);
    put_scan(out, beat);
    put_queue(out, beat, facts);
    put_latencies(out, facts);
    put_process(out, facts);
    return out.take();
}

} // namespace sqd
