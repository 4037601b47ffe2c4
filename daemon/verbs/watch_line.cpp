// Headers to a state, a state to a line. No socket, terminal or clock.
#include "daemon/verbs/watch_line.hpp"

#include "daemon/verbs/terminal_text.hpp"
#include "daemon/verbs/watch_words.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>

namespace sqd {

namespace {

using namespace watching;

constexpr double stale_after_s = 3;
constexpr std::size_t watch_columns = 80; ///< what a terminal has at least

/// "fsdp" of "sqd.fsdp/1.0"; empty for a header of another family.
std::string kind_of(Json const& header) {
    std::string const schema = text(header, "schema");
    std::size_t const slash = schema.find('/');
    return schema.starts_with("sqd.") && slash != std::string::npos ? schema.substr(4, slash - 4) : "";
}

WatchedPeak peak_of(Json const& header) {
    Json const &values = part(header, "values"), &scan = part(header, "scan");
    WatchedPeak peak;
    peak.scan_uid = text(scan, "uid"), peak.scan_name = text(scan, "id");
    peak.q1 = number(values, "q1"), peak.q1_sigma = number(values, "q1_sigma");
    peak.q1_sigma_model = number(values, "q1_sigma_model"), peak.q1_sigma_geometry = number(values, "q1_sigma_geometry");
    peak.fwhm = number(values, "fwhm"), peak.fwhm_sigma = number(values, "fwhm_sigma");
    peak.chi2 = number(values, "chi2_reduced");
    peak.advice = text(part(header, "advice"), "sentence");
    Json const& comparison = part(header, "comparison");
    peak.comparison = find(comparison, "refused") ? "refused: " + text(comparison, "refused") : text(comparison, "sentence");
    return peak;
}

/// Why a result has no peak; empty when it should have one.
std::string no_peak(Json const& header) {
    std::string const role = text(part(header, "scan"), "role");
    if (!role.empty() && role != "sample") return role;
    for (Json const& flag : part(header, "flags"))
        if (flag.is_string() && flag.get<std::string>().starts_with("fsdp_failed")) return printable(flag);
    return "";
}

/// q1 with what scatter, models and the distance leave open, and chi2 where the fit is bad.
std::string peak_words(WatchedPeak const& peak) {
    constexpr double bad_chi2 = 10;
    std::string out = "q1 " + with_digits(peak.q1, peak.q1_sigma);
    if (peak.q1_sigma_model > 0) out += " model " + short_sigma(peak.q1_sigma_model);
    if (peak.q1_sigma_geometry > 0) out += " dist " + short_sigma(peak.q1_sigma_geometry);
    if (peak.chi2 > bad_chi2) out += " chi2 " + fixed(peak.chi2, 0);
    return out;
}

std::string fwhm_words(WatchedPeak const& peak) {
    return peak.fwhm > 0 ? "fwhm " + with_digits(peak.fwhm, peak.fwhm_sigma) : "";
}

std::vector<std::string> alarm_names(Json const& status) {
    std::vector<std::string> out;
    for (NamedAlarm const& alarm : new_alarms(status)) out.push_back(alarm.name);
    return out;
}

/// Words of the line in the order they stand in.
enum Word : std::size_t {
    instance,
    alarm,
    state_name,
    scan,
    frames,
    percent,
    missing,
    rate,
    eta,
    peak_word,
    fwhm,
    detail,
    words_of_a_line
};
using Words = std::array<std::string, words_of_a_line>;

std::size_t width_of(Words const& words) {
    std::size_t out = 0;
    for (std::string const& word : words)
        if (!word.empty()) out += columns(word) + (out > 0 ? 1 : 0);
    return out;
}

/// Makes the line fit: what an operator can do without goes first, names are shortened, q1 and the alarms stay.
void fit(Words& words) {
    std::size_t const width = width_of(words);
    if (width <= watch_columns) return;
    constexpr std::size_t short_name = 8, shortest_name = 5;
    auto const shorten = [&](Word which, std::size_t least) {
        std::size_t const over = width_of(words) - watch_columns, now = columns(words[which]);
        words[which] = cut(words[which], std::max(std::min(least, now), now > over ? now - over : 0));
    };
    auto const fits = [&] { return width_of(words) <= watch_columns; };
    if (words[fwhm].clear(); fits()) return;
    if (!words[detail].empty())
        if (shorten(detail, 12); fits()) return;
    if (shorten(scan, short_name); fits()) return;
    if (shorten(instance, short_name); fits()) return;
    if (words[rate].clear(); fits()) return;
    if (shorten(scan, shortest_name); fits()) return;
    if (shorten(instance, shortest_name); fits()) return;
    if (words[eta].clear(); fits()) return;
    if (words[detail].clear(); fits()) return;
    // The alarms count what is missing as well; who watches one daemon knows its name.
    for (Word const which : {missing, percent, instance, frames}) {
        words[which].clear();
        if (fits()) return;
    }
}

/// Between scans the last peak stays, under its scan's name; beside a scan that runs only its own does.
std::string current_peak(WatchState const& state) {
    if (!state.peak()) return "";
    WatchedPeak const& peak = *state.peak();
    std::string const running = text(part(state.status(), "scan"), "uid");
    if (running.empty() || text(state.status(), "state") == "ready") return "last " + cut(peak.scan_name, 16) + " " + peak_words(peak);
    return running == peak.scan_uid ? peak_words(peak) : "";
}

Words words_of(WatchState const& state, double now_s) {
    Json const& status = state.status();
    std::vector<std::string> const alarms = alarm_names(status);
    std::string const name = text(status, "state");
    Words words;
    words[instance] = text(status, "instance");
    if (!alarms.empty()) words[alarm] = "ALARM " + std::to_string(alarms.size());
    words[state_name] = state.stale(now_s) ? "SILENT " + duration(state.silent_s(now_s)) + " (" + name + ")" : name;
    words[scan] = text(part(status, "scan"), "id");
    words[frames] = frames_words(status);
    words[percent] = percent_words(status);
    words[missing] = missing_words(status);
    if (double const hz = number(status, "rate_hz"); hz > 0) words[rate] = fixed(hz, 1) + " Hz";
    if (find(status, "eta_s")) words[eta] = "ETA " + duration(number(status, "eta_s"));
    words[peak_word] = current_peak(state);
    if (state.peak() && !words[peak_word].empty()) words[fwhm] = fwhm_words(*state.peak());
    words[detail] = name == "fault" || name == "standby" ? text(status, "reason") : joined(alarms, ", ");
    return words;
}

} // namespace

namespace {

/// A column of numbers as it is sent; empty where it is not one.
std::vector<double> column(Json const& header, std::span<std::string const> arrays, char const* name) {
    Json const& entries = part(header, "arrays");
    for (std::size_t i = 0; i < entries.size() && i < arrays.size(); ++i) {
        if (!entries.is_array() || text(entries[i], "name") != name || text(entries[i], "dtype") != "<f8") continue;
        std::vector<double> out(arrays[i].size() / sizeof(double));
        if (!out.empty()) std::memcpy(out.data(), arrays[i].data(), out.size() * sizeof(double));
        return out;
    }
    return {};
}

} // namespace

void WatchState::take_arrays(Json const& header, std::span<std::string const> arrays) {
    std::string const kind = kind_of(header), uid = text(part(header, "scan"), "uid");
    bool const better = curve_.kind == "sq" && curve_.scan_uid == uid;
    if (kind != "sq" && (kind != "pattern" || better)) return;
    WatchedCurve curve{uid, kind, column(header, arrays, "q"), column(header, arrays, kind == "sq" ? "S" : "I")};
    if (curve.q.size() == curve.y.size() && !curve.q.empty()) curve_ = std::move(curve);
}

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
        take_status(header, now_s);
        return Heard::heartbeat;
    }
    constexpr std::array results{"pattern", "sq", "fsdp", "gr", "cake", "map", "adhoc"};
    if (std::find(results.begin(), results.end(), kind) != results.end()) return take_result(header);
    return Heard::other;
}

void WatchState::take_status(Json const& status, double now_s) {
    status_ = status;
    heard_s_ = now_s;
    std::string const uid = text(part(status, "scan"), "uid");
    if (peak_ && !uid.empty() && uid != peak_->scan_uid) peak_.reset();
    if (!uid.empty() && uid != curve_.scan_uid) curve_ = {};
}

bool WatchState::stale(double now_s) const {
    return silent_s(now_s) > stale_after_s;
}

std::string watch_line(WatchState const& state, double now_s, bool color) {
    if (!state.heard()) return "";
    Words words = words_of(state, now_s);
    fit(words);
    std::string const name = text(state.status(), "state");
    words[state_name] = painted(words[state_name], state.stale(now_s) ? "31" : color_of_state(name), color);
    if (!words[alarm].empty()) words[alarm] = painted(words[alarm], "31", color);
    return joined({words.begin(), words.end()}, " ");
}

std::string watch_key(WatchState const& state, double now_s) {
    Json const& status = state.status();
    return text(status, "state") + "/" + text(part(status, "scan"), "uid") + (state.stale(now_s) ? "/silent" : "");
}

std::string final_line(Json const& header) {
    std::string const kind = kind_of(header), why = no_peak(header);
    bool const speaks = kind == "fsdp" || (kind == "pattern" && !why.empty());
    if (text(header, "state") != "final" || !speaks) return "";
    return "final " + text(part(header, "scan"), "id") + " #" + std::to_string(count(header, "result")) + "  " +
           (kind == "fsdp" ? joined({peak_words(peak_of(header)), fwhm_words(peak_of(header))}, " ") : "(" + why + ")");
}

} // namespace sqd
