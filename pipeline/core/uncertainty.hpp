// What is known of the errors of a result beyond the statistical ones of its numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sqd {

/// What one assumption of the reduction is worth: the result with it moved by its uncertainty, less the result. Half the difference
/// between moving it up and down. NaN, or no curve, where there is no such number.
struct SystematicTerm {
    std::string name;  ///< "scale", "density", "compton", "fluorescence", "background_scale", "thickness", "distance", "wavelength"
    std::string moved; ///< by how much, in words: "0.9 %"
    double q1 = 0, fwhm = 0, height = 0;
    std::vector<double> shell_r_A; ///< of each shell
    std::vector<double> s;         ///< of S(q), on its points
    std::vector<double> g;         ///< of G(r), on its points
};

/// Whether more counts are worth their time.
enum class Advice { reached, count_on, floor_reached };
constexpr char const* name(Advice advice) {
    switch (advice) {
    case Advice::reached: return "reached";
    case Advice::count_on: return "count_on";
    case Advice::floor_reached: return "floor_reached";
    }
    return "unknown";
}

/// What limits q1 [1/A], and what more counts of this sample can do about it.
struct StopAdvice {
    Advice advice = Advice::count_on;
    double requested = 0;               ///< statistical precision that was asked for
    double statistics = 0;              ///< q1_sigma
    double background = 0;              ///< the part of it that more counts of the sample cannot lower
    double distance = 0, model = 0;     ///< q1_sigma_geometry, q1_sigma_model
    double corrections = 0;             ///< all other systematic terms, in quadrature
    double floor = 0;                   ///< background, distance and corrections, in quadrature
    std::optional<double> more_counts;  ///< as many times the present ones are still needed for what was asked; absent = none or never
    std::optional<double> more_seconds; ///< the same in exposure
    std::string sentence;               ///< for a screen
};

/// Points of a scan against each other: whether they scatter as counting alone makes them.
struct PointStatistics {
    std::size_t points = 0, block = 0; ///< used; neighbours that were kept together, along the scan
    double q1_sigma = 0;               ///< of the mean's q1 by the scatter of points
    double q1_ratio = 0;               ///< over that of counting: far above 1, the sample limits
    double fwhm_sigma = 0, fwhm_ratio = 0;
    double intensity_ratio = 0; ///< the same of the mean intensity in the window of the peak
};

/// Repeated draws of the counts, each reduced as the data were: standard deviations.
struct ReplicaSpread {
    int replicas = 0;
    std::uint64_t seed = 0;
    double alpha = 0, q1 = 0, fwhm = 0, height = 0; ///< NaN = no such number
    std::vector<double> shell_r_A;
};

} // namespace sqd
