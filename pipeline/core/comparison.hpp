// What differs between two results, and whether counting or the mount explains it.
#pragma once

#include "pipeline/core/curves.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sqd {

/// What of a result is compared, and what it was made with.
struct ComparedResult {
    std::string uid, id;                      ///< of its scan
    std::string mount;                        ///< empty = not said
    std::string background_uid;               ///< of the scan that was subtracted; empty = none
    std::string geometry_sha256, composition; ///< empty = not known
    double wavelength_A = 0;                  ///< 0 = not known
    std::optional<Fsdp> fsdp;
    std::optional<StructureFactor> sq;
    std::optional<PairDistribution> gr;
};

/// One number of both, and b - a. NaN = not known.
struct Difference {
    std::string name; ///< "q1", "q1_max", "fwhm", "height", "alpha", "shell1_r", ...
    std::string unit; ///< empty = none
    double a = 0, b = 0, value = 0;
    double sigma = 0;                      ///< by counting alone
    double geometry_sigma = 0;             ///< by the places of two mounts along the beam; 0 within one
    double significance = 0;               ///< |value| / sigma
    double significance_with_geometry = 0; ///< |value| over both in quadrature
};

/// One curve of both. `chi2` is its difference against counting over points that err apart, `p_value` the chance that counting alone
/// makes it as large; `_with_geometry` after allowing for the places of two mounts (NaN = not known, the same within one mount).
struct CurveDifference {
    std::vector<double> x, difference, sigma;
    double degrees = 0; ///< of freedom
    double chi2 = 0, p_value = 0;
    double chi2_with_geometry = 0, p_value_with_geometry = 0;
};

/// What became of q1.
enum class Change {
    none,         ///< counting explains it
    sample,       ///< neither counting nor the mount explains it
    perhaps_mount ///< counting does not explain it, and the mount may
};
constexpr char const* name(Change change) {
    switch (change) {
    case Change::none: return "none";
    case Change::sample: return "sample";
    case Change::perhaps_mount: return "perhaps_mount";
    }
    return "unknown";
}

/// A result b against a reference a.
struct Comparison {
    std::string reference_uid, reference_id;
    std::string refused; ///< why nothing was compared, in words; empty = it was
    bool one_mount = false;
    bool one_background = false;       ///< both subtracted the same, whose errors cancel
    std::optional<Change> change;      ///< of q1; absent where it or its errors are not known
    std::vector<Difference> numbers;   ///< what both have
    std::optional<CurveDifference> s;  ///< over q [1/A]
    std::optional<CurveDifference> g;  ///< over r [A]
    std::vector<std::string> left_out; ///< parts that were not compared, and why
    std::vector<std::string> warnings; ///< what else is not the same
};

} // namespace sqd
