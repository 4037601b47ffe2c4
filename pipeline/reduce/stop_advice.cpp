// Whether more counts are worth their time.
#include "pipeline/reduce/stop_advice.hpp"

#include "pipeline/reduce/systematics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace sqd {

namespace {

/// One significant digit, at least four decimals: "0.0009", "0.00007".
std::string short_number(double x) {
    int decimals = 4;
    while (decimals < 9 && std::abs(x) * std::pow(10, decimals) < 1 && x != 0) ++decimals;
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.*f", decimals, x);
    return text.data();
}

std::string duration(double seconds) {
    std::array<char, 64> text{};
    if (seconds < 120)
        std::snprintf(text.data(), text.size(), "%.0f s", std::ceil(seconds));
    else if (seconds < 7200)
        std::snprintf(text.data(), text.size(), "%.0f min", std::ceil(seconds / 60));
    else
        std::snprintf(text.data(), text.size(), "%.1f h", seconds / 3600);
    return text.data();
}

std::string verdict_words(StopAdvice const& a) {
    bool const by_background = a.background > a.requested;
    switch (a.advice) {
    case Advice::reached: return "as precise as asked (" + short_number(a.requested) + ")";
    case Advice::floor_reached:
        if (by_background) return "more counts will not help: the background has " + short_number(a.background) + ", count that longer";
        return "more counts will not help";
    case Advice::count_on: break;
    }
    std::array<char, 64> times{};
    std::snprintf(times.data(), times.size(), "%.2g times the counts", *a.more_counts);
    return (a.more_seconds ? duration(*a.more_seconds) : std::string(times.data())) + " more to " + short_number(a.requested);
}

} // namespace

std::optional<StopAdvice> stop_advice(Fsdp const& peak, std::vector<SystematicTerm> const& terms, double requested_invA, double seconds) {
    if (!(peak.q1_sigma > 0)) return std::nullopt;
    StopAdvice a;
    a.requested = requested_invA;
    a.statistics = peak.q1_sigma;
    a.background = peak.q1_background_sigma;
    a.distance = peak.q1_sigma_geometry;
    a.model = peak.q1_sigma_model;
    a.corrections = corrections_of_q1(terms);
    a.floor = std::sqrt(a.background * a.background + a.distance * a.distance + a.corrections * a.corrections);
    double const sample = a.statistics * a.statistics - a.background * a.background;
    double const wanted = a.requested * a.requested - a.background * a.background;
    if (a.statistics < a.floor / 2 || (wanted <= 0 && a.statistics > a.requested)) {
        a.advice = Advice::floor_reached;
    } else if (a.statistics <= a.requested) {
        a.advice = Advice::reached;
    } else {
        a.more_counts = sample / wanted - 1;
        if (seconds > 0) a.more_seconds = *a.more_counts * seconds;
    }
    a.sentence = "q1 = " + short_number(peak.q1) + ", statistics " + short_number(a.statistics);
    if (a.distance > 0) a.sentence += ", distance " + short_number(a.distance);
    if (a.corrections > std::max(a.statistics, a.distance) / 10) a.sentence += ", corrections " + short_number(a.corrections);
    a.sentence += ": " + verdict_words(a);
    return a;
}

} // namespace sqd
