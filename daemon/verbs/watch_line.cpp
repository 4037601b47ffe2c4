// Headers to a state, a state to a line. No socket, terminal or clock.
#include "daemon/verbs/watch_line.hpp"

#include "daemon/verbs/terminal_text.hpp"

#include <algorithm>
#include <cmath>

namespace sqd {

namespace {

constexpr double stale_after_s = 3;

Json const* find(Json const& json, char const* key) {
    if (!json.is_object()) return nullptr;
    auto const found = json.find(key);
    return found == json.end() ? nullptr : &*found;
}

std::string text(Json const& json, char const* key) {
    Json const* value = find(json, key);
    return value && value->is_string() ? printable(*value) : "";
}

double number(Json const& json, char const* key) {
    Json const* value = find(json, key);
    return value && value->is_number() ? value->get<double>() : 0;
}

std::uint64_t count(Json const& json, char const* key) {
    Json const* value = find(json, key);
    return value && value->is_number_unsigned() ? value->get<std::uint64_t>() : 0;
}

Json const& part(Json const& json, char const* key) {
    static Json const nothing = Json::object();
    Json const* value = find(json, key);
    return value ? *value : nothing;
}

/// "fsdp" of "sqd.fsdp/1.0"; empty for a header of another family.
std::string kind_of(Json const& header) {
    std::string const schema = text(header, "schema");
    std::size_t const slash = schema.find('/');
    return schema.starts_with("sqd.") && slash != std::string::npos ? schema.substr(4, slash - 4) : "";
}

std::string painted(std::string const& words, char const* code, bool color) {
    return color ? std::string("\x1b[") + code + "m" + words + "\x1b[0m" : words;
}

char const* color_of_state(std::string const& state) {
    if (state == "running") return "32";
    if (state == "fault") return "31";
    return "36";
}

std::string duration(double seconds) {
    auto const s = static_cast<long>(std::llround(std::clamp(seconds, 0.0, 1e7)));
    if (s < 100) return std::to_string(s) + " s";
    if (s < 6000) return std::to_string(s / 60) + " min";
    return std::to_string(s / 3600) + " h";
}

std::string frames_words(Json const& status) {
    Json const& frames = part(status, "frames");
    if (!find(status, "frames")) return "";
    std::uint64_t const expected = count(frames, "expected"), used = count(frames, "used");
    if (expected == 0) return std::to_string(used) + " frames";
    auto const done = static_cast<double>(used + count(frames, "rejected"));
    std::string out =
        std::to_string(used) + "/" + std::to_string(expected) + " frames " + fixed(100 * done / static_cast<double>(expected), 1) + " %";
    if (auto const missing = count(frames, "missing")) out.append(" ").append(std::to_string(missing)).append(" missing");
    return out;
}

WatchedPeak peak_of(Json const& header) {
    Json const& values = part(header, "values");
    return {text(part(header, "scan"), "uid"),   number(values, "q1"),   number(values, "q1_sigma"),
            number(values, "q1_sigma_geometry"), number(values, "fwhm"), number(values, "fwhm_sigma")};
}

/// Why a result has no peak; empty when it should have one.
std::string no_peak(Json const& header) {
    std::string const role = text(part(header, "scan"), "role");
    if (!role.empty() && role != "sample") return role;
    for (Json const& flag : part(header, "flags"))
        if (flag.is_string() && flag.get<std::string>().starts_with("fsdp_failed")) return printable(flag);
    return "";
}

std::string peak_words(WatchedPeak const& peak) {
    std::string out = "q1 " + with_error(peak.q1, peak.q1_sigma);
    if (peak.q1_sigma_geometry > 0) out += " (distance " + fixed(peak.q1_sigma_geometry, 4) + ")";
    if (peak.fwhm > 0) out += "  fwhm " + with_error(peak.fwhm, peak.fwhm_sigma);
    return out;
}

std::string alarm_words(Json const& status, bool color) {
    std::string names;
    for (Json const& alarm : part(status, "alarms")) {
        std::string const name = text(alarm, "name");
        if (!name.empty()) names += (names.empty() ? "" : ", ") + name;
    }
    return names.empty() ? "" : painted("ALARM " + names, "31", color);
}

/// The peak belongs on the line while its scan is the one that runs, and until the next one starts.
bool belongs(WatchedPeak const& peak, Json const& status) {
    std::string const running = text(part(status, "scan"), "uid");
    return running.empty() || running == peak.scan_uid;
}

} // namespace

bool WatchState::is_new(Json const& header) {
    if (std::string const epoch = text(header, "epoch"); epoch != epoch_) {
        epoch_ = epoch;
        seq_.clear();
    }
    std::uint64_t const seq = count(header, "seq");
    std::uint64_t& last = seq_[kind_of(header)];
    if (seq <= last) return false;
    last = seq;
    return true;
}

Heard WatchState::take_result(Json const& header) {
    if (kind_of(header) == "fsdp") peak_ = peak_of(header);
    if (text(header, "state") != "final") return Heard::result;
    finals_.emplace(text(part(header, "scan"), "uid"), count(header, "result"));
    return Heard::final_result;
}

Heard WatchState::take(Json const& header, double now_s) {
    std::string const kind = kind_of(header);
    if (kind.empty() || !is_new(header)) return Heard::old;
    if (kind == "status") {
        status_ = header;
        heard_s_ = now_s;
        return Heard::heartbeat;
    }
    if (kind == "pattern" || kind == "sq" || kind == "fsdp" || kind == "gr") return take_result(header);
    return Heard::other;
}

bool WatchState::stale(double now_s) const {
    return silent_s(now_s) > stale_after_s;
}

std::string watch_line(WatchState const& state, double now_s, bool color) {
    if (!state.heard()) return "waiting for the first heartbeat";
    Json const& status = state.status();
    std::vector<std::string> words{text(status, "instance")};
    if (state.stale(now_s)) {
        words.push_back(painted("SILENT for " + duration(state.silent_s(now_s)), "31", color) + ", was " + text(status, "state"));
    } else {
        std::string const name = text(status, "state");
        words.push_back(painted(name, color_of_state(name), color));
    }
    words.push_back(text(part(status, "scan"), "id"));
    words.push_back(frames_words(status));
    if (double const rate = number(status, "rate_hz"); rate > 0) words.push_back(fixed(rate, 1) + " Hz");
    if (find(status, "eta_s")) words.push_back("ETA " + duration(number(status, "eta_s")));
    if (state.peak() && belongs(*state.peak(), status)) words.push_back(peak_words(*state.peak()));
    words.push_back(alarm_words(status, color));
    if (text(status, "state") == "fault") words.push_back(text(status, "reason"));
    std::string out;
    for (std::string const& word : words)
        if (!word.empty()) out += (out.empty() ? "" : "  ") + word;
    return out;
}

std::string final_line(Json const& header) {
    std::string const kind = kind_of(header), why = no_peak(header);
    bool const speaks = kind == "fsdp" || (kind == "pattern" && !why.empty());
    if (text(header, "state") != "final" || !speaks) return "";
    return "final " + text(part(header, "scan"), "id") + " #" + std::to_string(count(header, "result")) + "  " +
           (kind == "fsdp" ? peak_words(peak_of(header)) : "(" + why + ")");
}

} // namespace sqd
