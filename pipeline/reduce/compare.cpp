#include "pipeline/reduce/compare.hpp"

#include "pipeline/core/units.hpp"
#include "pipeline/reduce/common_error.hpp"
#include "pipeline/reduce/compare_curves.hpp"
#include "pipeline/reduce/error_propagation.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace sqd {

namespace {

/// How both relate, as far as errors go.
struct Relation {
    bool one_mount, one_background;
    double geometry_relative; ///< error of the ratio of both scales of q; NaN = not known
};

bool differ(double a, double b, double relative) {
    return std::abs(a - b) > relative * std::max(std::abs(a), std::abs(b));
}

bool same_axis(std::vector<double> const& a, std::vector<double> const& b) {
    constexpr double rounding = 1e-9;
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) { return !differ(x, y, rounding); });
}

/// Why the peaks are not two values of one quantity; empty = they are.
std::string refusal_of_peaks(Fsdp const& a, Fsdp const& b) {
    constexpr double rounding = 1e-9;
    if (a.model != b.model) return "other estimators of the peak (" + a.model + " and " + b.model + ")";
    if (a.on != b.on) return "peaks of other curves (" + a.on + " and " + b.on + ")";
    if (differ(a.window_low, b.window_low, rounding) || differ(a.window_high, b.window_high, rounding)) return "other windows of the peak";
    return "";
}

std::string refusal(ComparedResult const& a, ComparedResult const& b) {
    constexpr double resolved = 1e-6; // moves q1 by less than counting ever shows
    if (a.wavelength_A > 0 && b.wavelength_A > 0 && differ(a.wavelength_A, b.wavelength_A, resolved)) return "other energies";
    if (a.fsdp && b.fsdp) {
        if (auto const why = refusal_of_peaks(*a.fsdp, *b.fsdp); !why.empty()) return why;
    }
    if (a.sq && b.sq) {
        if (a.sq->form != b.sq->form) return "other forms of S(q) (" + a.sq->form + " and " + b.sq->form + ")";
        if (!same_axis(a.sq->q_invA, b.sq->q_invA)) return "other axes of S(q)";
    }
    if (!(a.fsdp && b.fsdp) && !(a.sq && b.sq)) return "nothing that both have (a peak, or S(q))";
    return "";
}

/// What does not forbid a comparison, and may explain what it finds.
std::vector<std::string> warnings(ComparedResult const& a, ComparedResult const& b) {
    std::vector<std::string> out;
    if (a.composition != b.composition) out.push_back("other compositions (" + a.composition + " and " + b.composition + ")");
    if (a.geometry_sha256 != b.geometry_sha256) out.emplace_back("other geometries");
    if (a.sq && b.sq && a.sq->normalization.method != b.sq->normalization.method)
        out.push_back("other normalisations (" + a.sq->normalization.method + " and " + b.sq->normalization.method + ")");
    return out;
}

/// Within one mount the distance is common. Between two each peak says by how much its own scale of q may be wrong.
double geometry_of(ComparedResult const& a, ComparedResult const& b, bool one_mount) {
    if (one_mount) return 0;
    if (!a.fsdp || !b.fsdp || !(a.fsdp->q1_sigma_geometry > 0) || !(b.fsdp->q1_sigma_geometry > 0)) return std::nan("");
    return std::hypot(a.fsdp->q1_sigma_geometry / a.fsdp->q1, b.fsdp->q1_sigma_geometry / b.fsdp->q1);
}

struct Quantity {
    double value;
    ErrorParts errors;
};

/// `power` of the scale of q, or of r, that the number goes with: 1 of positions and widths, 3 of atoms in a volume.
Difference difference(std::string name, std::string unit, Quantity const& a, Quantity const& b, int power, Relation const& relation) {
    Difference out;
    out.name = std::move(name), out.unit = std::move(unit);
    out.a = a.value, out.b = b.value, out.value = b.value - a.value;
    double const variance = variance_of_difference(a.errors, b.errors, relation.one_background);
    out.sigma = variance > 0 ? std::sqrt(variance) : std::nan("");
    out.geometry_sigma = power > 0 ? power * relation.geometry_relative * std::abs(a.value + b.value) / 2 : 0;
    out.significance = std::abs(out.value) / out.sigma;
    out.significance_with_geometry = std::abs(out.value) / std::hypot(out.sigma, out.geometry_sigma);
    return out;
}

void add_peak(Comparison& out, Fsdp const& a, Fsdp const& b, Relation const& relation) {
    double const unknown = std::nan("");
    out.numbers.push_back(difference("q1", inverse_angstrom, {a.q1, {a.q1_sigma, a.q1_background_sigma}},
                                     {b.q1, {b.q1_sigma, b.q1_background_sigma}}, 1, relation));
    out.numbers.push_back(
        difference("q1_max", inverse_angstrom, {a.q1_max, {unknown, unknown}}, {b.q1_max, {unknown, unknown}}, 1, relation));
    out.numbers.push_back(difference("fwhm", inverse_angstrom, {a.fwhm, {a.fwhm_sigma, a.fwhm_background_sigma}},
                                     {b.fwhm, {b.fwhm_sigma, b.fwhm_background_sigma}}, 1, relation));
    out.numbers.push_back(difference("height", "", {a.height, {a.height_sigma, a.height_background_sigma}},
                                     {b.height, {b.height_sigma, b.height_background_sigma}}, 0, relation));
}

/// With the background's part where it can be had; without, the error of the difference is too large.
Quantity alpha_of(StructureFactor const& sq) {
    double background = 0;
    if (!sq.errors.shared.empty()) background = spread_of(sq.errors, sq.errors.shared.front().response).background_sigma;
    return {sq.normalization.alpha, {sq.normalization.alpha_sigma, background}};
}

Quantity quantity(Estimate const& found) {
    return {found.value, {found.sigma, found.background_sigma}};
}

/// The shells that both have, in their order.
void add_shells(Comparison& out, std::vector<Shell> const& a, std::vector<Shell> const& b, Relation const& relation) {
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        std::string const shell = "shell" + std::to_string(i + 1) + "_";
        out.numbers.push_back(difference(shell + "r", "angstrom", quantity(a[i].r_A), quantity(b[i].r_A), 1, relation));
        out.numbers.push_back(difference(shell + "height", "1/angstrom^2", quantity(a[i].height), quantity(b[i].height), 1, relation));
        if (!a[i].coordination || !b[i].coordination) continue;
        out.numbers.push_back(
            difference(shell + "coordination", "", quantity(*a[i].coordination), quantity(*b[i].coordination), 3, relation));
    }
}

/// Why two G(r) are not compared point by point; empty = they are.
std::string refusal_of_g(PairDistribution const& a, PairDistribution const& b) {
    if (!same_axis(a.r_A, b.r_A)) return "other axes";
    if (a.window != b.window || differ(a.q_max_invA, b.q_max_invA, 1e-9)) return "other windows or q_max";
    if (differ(a.low_r_cut_A, b.low_r_cut_A, 1e-9) || a.iterations != b.iterations || a.low_r_method != b.low_r_method ||
        differ(a.top_hat_invA, b.top_hat_invA, 1e-9))
        return "cleaned otherwise at low r";
    return "";
}

void add_curves(Comparison& out, ComparedResult const& a, ComparedResult const& b, Relation const& relation) {
    if (!a.sq || !b.sq) {
        if (a.sq || b.sq) out.left_out.emplace_back("S(q) (one has none)");
        return;
    }
    Circumstances const how{relation.one_background, a.wavelength_A, a.fsdp ? a.fsdp->q1 : 0, relation.geometry_relative};
    out.numbers.push_back(difference("alpha", "", alpha_of(*a.sq), alpha_of(*b.sq), 0, relation));
    out.s = compare_s(*a.sq, *b.sq, how);
    if (!a.gr || !b.gr) {
        if (a.gr || b.gr) out.left_out.emplace_back("G(r) (one has none)");
        return;
    }
    if (auto const why = refusal_of_g(*a.gr, *b.gr); !why.empty()) {
        out.left_out.push_back("G(r) (" + why + ")");
        return;
    }
    add_shells(out, a.gr->shells, b.gr->shells, relation);
    out.g = compare_g(*a.gr, *b.gr, *a.sq, *b.sq, how);
}

/// NaN compares false: where the mount's part is not known, what counting does not explain it may explain.
std::optional<Change> change_of(Difference const& q1) {
    constexpr double certain = 3;
    if (!std::isfinite(q1.significance)) return std::nullopt;
    if (q1.significance < certain) return Change::none;
    return q1.significance_with_geometry >= certain ? Change::sample : Change::perhaps_mount;
}

} // namespace

ComparedResult compared_part(ReducedResult const& result) {
    ReducedCurves const& curves = result.curves;
    return {.uid = result.scan.uid,
            .id = result.scan.id,
            .mount = result.scan.mount,
            .background_uid = result.provenance.background_uid,
            .geometry_sha256 = result.provenance.geometry_sha256,
            .composition = result.sample.composition.text,
            .wavelength_A = result.geometry.wavelength_A,
            .fsdp = curves.fsdp,
            .sq = curves.sq,
            .gr = curves.gr};
}

Comparison compare(ComparedResult const& a, ComparedResult const& b) {
    Comparison out;
    out.reference_uid = a.uid, out.reference_id = a.id;
    out.refused = refusal(a, b);
    if (!out.refused.empty()) return out;
    out.warnings = warnings(a, b);
    out.one_mount = !a.mount.empty() && a.mount == b.mount;
    out.one_background = !a.background_uid.empty() && a.background_uid == b.background_uid;
    Relation const relation{out.one_mount, out.one_background, geometry_of(a, b, out.one_mount)};
    if (a.fsdp && b.fsdp) {
        add_peak(out, *a.fsdp, *b.fsdp, relation);
        out.change = change_of(out.numbers.front());
    } else {
        out.left_out.emplace_back(a.fsdp || b.fsdp ? "the peak (one has none)" : "the peak (neither has one)");
    }
    add_curves(out, a, b, relation);
    return out;
}

} // namespace sqd
