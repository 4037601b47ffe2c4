#include "daemon/comparison_words.hpp"

#include "daemon/verbs/terminal_text.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

namespace sqd {

namespace {

std::string change_words(Change change, bool one_mount) {
    switch (change) {
    case Change::none: return "no change";
    case Change::sample: return one_mount ? "the sample" : "more than the mount, the sample";
    case Change::perhaps_mount: return "it may be the mount";
    }
    return "";
}

std::string mount_words(Difference const& q1, Comparison const& c) {
    if (c.one_mount) return " in one mount";
    if (!std::isfinite(q1.significance_with_geometry)) return ", what the mount does is not known";
    return fmt::format(", {:.2g} with the mount", q1.significance_with_geometry);
}

std::string q1_words(Difference const& q1, Comparison const& c) {
    std::string out = "q1 moved by " + signed_digits(q1.value, q1.sigma) + " 1/A";
    if (!c.change) return out + ", with errors that are not known";
    return out + fmt::format(": {:.2g} sigma of counting", q1.significance) + mount_words(q1, c) + ": " +
           change_words(*c.change, c.one_mount);
}

std::string chi2_words(double chi2, double p_value, double degrees) {
    return fmt::format("{:.2f} (p {:.2g})", chi2 / degrees, p_value);
}

} // namespace

std::string words(CurveDifference const& curve, bool one_mount) {
    if (!std::isfinite(curve.p_value)) return "its errors are not known";
    std::string out = "chi2 per degree of freedom " + chi2_words(curve.chi2, curve.p_value, curve.degrees);
    if (one_mount || !std::isfinite(curve.p_value_with_geometry)) return out;
    return out + ", with the mount " + chi2_words(curve.chi2_with_geometry, curve.p_value_with_geometry, curve.degrees);
}

std::string words(Comparison const& c) {
    if (!c.refused.empty()) return "not compared with '" + c.reference_id + "': " + c.refused;
    auto const q1 = std::find_if(c.numbers.begin(), c.numbers.end(), [](auto const& each) { return each.name == "q1"; });
    if (q1 != c.numbers.end()) return q1_words(*q1, c);
    return c.s ? "S(q) against that of '" + c.reference_id + "': " + words(*c.s, c.one_mount) : "";
}

} // namespace sqd
