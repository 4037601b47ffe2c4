#include "daemon/run/result_alarms.hpp"

#include "daemon/findings_words.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sqd {

namespace {

/// Flags that are alarms, too, and what they say then.
constexpr std::array<std::pair<char const*, char const*>, 3> alarming_flags{
    {{"no_background", "there is no background yet (S(q) is withheld) measure one: announce role background"},
     {"no_dark", "there is no dark yet (results go out with dark counts in them) measure one: announce role dark"},
     {"dead_time_saturated", "pixels are blind for half of the time (their counts hardly tell the rate) attenuate the beam"}}};

void flag_alarms(ReducedResult const& result, AlarmBoard& alarms, std::int64_t utc_ns) {
    auto const& flags = result.curves.flags;
    for (auto const& [flag, sentence] : alarming_flags) {
        if (std::find(flags.begin(), flags.end(), flag) != flags.end())
            alarms.raise(flag, sentence, utc_ns);
        else if (result.scan.role == Role::sample)
            alarms.clear(flag);
    }
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

/// The flag that says why a final has no peak, or no curves at all; empty = it has, or what it lacks is an alarm of its own.
std::string failure(ReducedResult const& result) {
    for (auto const& flag : result.curves.flags)
        if ((flag.starts_with("fsdp_failed") && flag != "fsdp_failed:no_structure_factor") || flag.starts_with("not_reduced")) return flag;
    return {};
}

void fit_alarm(ReducedResult const& result, AlarmBoard& alarms, std::int64_t utc_ns) {
    std::string const why = failure(result);
    if (why.empty()) return alarms.clear("fit");
    alarms.raise("fit", "scan '" + result.scan.id + "' has no peak (" + why + ") look at its pattern and at fsdp.window", utc_ns);
}

} // namespace

void raise_alarms(ReducedResult const& result, AlarmBoard& alarms, std::int64_t utc_ns) {
    flag_alarms(result, alarms, utc_ns);
    if (result.state == ResultState::partial) return;
    if (result.scan.role == Role::sample) {
        lines_alarm(result, alarms, utc_ns);
        fit_alarm(result, alarms, utc_ns);
    }
    calibration_alarm(result, alarms, utc_ns);
}

} // namespace sqd
