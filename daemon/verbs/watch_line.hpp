// What a watcher knows of a daemon from the headers it heard, and the line that says it.
#pragma once

#include "daemon/publish/result_message.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace sqd {

/// The peak of one result, as published.
struct WatchedPeak {
    std::string scan_uid, scan_name;
    double q1 = 0, q1_sigma = 0, q1_sigma_model = 0, q1_sigma_geometry = 0, fwhm = 0, fwhm_sigma = 0, chi2 = 0; ///< 0 = not said
    std::string advice, comparison; ///< in words; empty = not said
};

/// S(q), or I(q) where there is no S(q).
struct WatchedCurve {
    std::string scan_uid, kind; ///< kind: "sq" or "pattern"
    std::vector<double> q, y;
};

/// What became of a header.
enum class Heard { old, heartbeat, result, final_result, other };

/// Takes headers in any order and from snapshot and stream alike: what is not newer than what was heard of its topic is dropped; a new
/// epoch (the daemon was started again) begins anew. Headers come from a network: a missing or odd key reads as not said.
class WatchState {
public:
    Heard take(Json const& header, double now_s);
    /// The answer to `status`, or a heartbeat. A scan that starts takes away the peak of the one before.
    void take_status(Json const& status, double now_s);

    /// The arrays of a result whose header was new.
    void take_arrays(Json const& header, std::span<std::string const> arrays);

    /// Results that ended `final`, each counted once however many kinds it has.
    std::size_t finals() const { return finals_.size(); }
    std::optional<WatchedPeak> const& peak() const { return peak_; }
    /// Empty before the first one.
    WatchedCurve const& curve() const { return curve_; }
    Json const& status() const { return status_; }
    bool heard() const { return heard_s_.has_value(); }
    /// No heartbeat for 3 s.
    bool stale(double now_s) const;
    double silent_s(double now_s) const { return heard_s_ ? now_s - *heard_s_ : 0; }

private:
    bool is_new(Json const& header);
    Heard take_result(Json const& header);

    std::string epoch_;
    std::map<std::string, std::uint64_t> seq_; ///< by kind
    Json status_ = Json::object();
    std::optional<double> heard_s_;
    std::optional<WatchedPeak> peak_;
    WatchedCurve curve_;
    std::set<std::pair<std::string, std::uint64_t>> finals_;
};

/// One line of at most 80 columns: instance, number of alarms, state, scan, frames received/expected, %, missing, rate, ETA, q1 with its
/// errors (statistics in units of the last digit, model, distance), chi2 above 10, and where there is room FWHM and the alarms' names.
/// Between scans q1 stands behind `last` and its scan's name. Names are cut and rate, then ETA left out before anything of q1 is. Empty
/// before the first heartbeat. No control characters, whatever names hold. `color`: ANSI colours for the state and the alarms.
std::string watch_line(WatchState const& state, double now_s, bool color);

/// Differs when the state, the scan or the silence does: then a line is worth printing at once.
std::string watch_key(WatchState const& state, double now_s);

/// What stays on the screen of a final: "final vit4_643K #17  q1 ..." for a peak, "final air #3  (background)" or the flag that says why
/// for a pattern that has none. Empty for every other header, so that a final is told once.
std::string final_line(Json const& header);

} // namespace sqd
