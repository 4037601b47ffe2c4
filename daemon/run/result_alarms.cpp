#include "daemon/run/result_alarms.hpp"

#include "daemon/findings_words.hpp"

#include <algorithm>

namespace sqd {

namespace {

void background_alarm(ReducedResult const& result, AlarmBoard& alarms, std::int64_t utc_ns) {
    auto const& flags = result.curves.flags;
    if (std::find(flags.begin(), flags.end(), "no_background") != flags.end())
        alarms.raise("no_background", "there is no background yet (S(q) is withheld) measure one: announce role background", utc_ns);
    else
        alarms.clear("no_background");
}

void lines_alarm(ReducedResult const& result, AlarmBoard& alarms, std::int64_t utc_ns) {
    auto const& lines = result.findings.lines;
    if (lines.empty()) return alarms.clear("bragg_lines");
    alarms.raise("bragg_lines",
                 "scan '" + result.scan.id + "' has lines of crystals at " + words(lines) +
                     " (capsule, clamp or a sample that crystallises; left out of the fits) look at the mount",
                 utc_ns);
}

void calibration_alarm(ReducedResult const& result, AlarmBoard& alarms, std::int64_t utc_ns) {
    auto const& check = result.findings.calibration;
    if (!check || check->verdict == CalibrationVerdict::undetermined) return;
    if (check->verdict == CalibrationVerdict::holds) return alarms.clear("calibration");
    alarms.raise("calibration", "the geometry has moved: " + words(*check) + " (by scan '" + result.scan.id + "') calibrate again", utc_ns);
}

} // namespace

void raise_alarms(ReducedResult const& result, AlarmBoard& alarms, std::int64_t utc_ns) {
    if (result.scan.role == Role::sample) background_alarm(result, alarms, utc_ns);
    if (result.state == ResultState::partial) return;
    if (result.scan.role == Role::sample) lines_alarm(result, alarms, utc_ns);
    calibration_alarm(result, alarms, utc_ns);
}

} // namespace sqd
