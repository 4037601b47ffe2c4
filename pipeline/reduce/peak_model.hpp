// The shape of a diffraction peak of a glass: a split pseudo-Voigt on a line.
#pragma once

#include <array>
#include <cstddef>
#include <numbers>
#include <span>
#include <vector>

namespace sqd {

/// y(q) = height [eta / (1 + u^2) + (1 - eta) exp(-ln2 u^2)] + base + slope q, with u = (q - centre) / width and width, eta of the
/// side that q is on. Widths are half widths at half maximum: u = +-1 is half of the height for any eta, so the full width of the
/// peak component is width_left + width_right. In total scattering notes sec. 4.1; Thompson, Cox & Hastings (1987) for the sum form.
namespace peak {
enum Parameter : std::size_t { height, centre, width_left, width_right, eta_left, eta_right, base, slope };
}
inline constexpr std::size_t peak_parameters = 8;

/// One width and one mixing for both sides, or for each its own.
enum class PeakModel { split_pseudo_voigt, pseudo_voigt };

using PeakParameters = std::array<double, peak_parameters>;

/// The peak component alone.
double peak_component(PeakParameters const& p, double q);

/// Peak and line.
double peak_value(PeakParameters const& p, double q);
std::vector<double> peak_values(PeakParameters const& p, std::span<double const> q);

/// A point of peak and line: its value, and derivatives with respect to the six parameters that it hangs on, in the order of
/// `parameters_of_side`.
struct PeakPoint {
    double value = 0;
    bool left = false; ///< of the centre
    std::array<double, 6> derivative{};
};

/// Height, centre, width and mixing of one side, base, slope.
inline constexpr std::array<std::size_t, 6> parameters_of_side(bool left) {
    using namespace peak;
    return {height, centre, left ? width_left : width_right, left ? eta_left : eta_right, base, slope};
}

/// exp(-ln2 u^2) of many q: what takes most of the time.
std::vector<double> peak_decays(PeakParameters const& p, std::span<double const> q);

/// With `decay` = exp(-ln2 u^2).
inline PeakPoint peak_point(PeakParameters const& p, double q, double decay) {
    bool const left = q < p[peak::centre];
    double const width = p[left ? peak::width_left : peak::width_right], eta = p[left ? peak::eta_left : peak::eta_right];
    double const u = (q - p[peak::centre]) / width, lorentz = 1 / (1 + u * u);
    double const shape = eta * lorentz + (1 - eta) * decay, height = p[peak::height];
    double const by_u = -2 * u * (eta * lorentz * lorentz + (1 - eta) * std::numbers::ln2 * decay);
    return {height * shape + p[peak::base] + p[peak::slope] * q,
            left,
            {shape, -height * by_u / width, -height * by_u * u / width, height * (lorentz - decay), 1, q}};
}

} // namespace sqd
