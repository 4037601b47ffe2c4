// The shape of a diffraction peak of a glass: a split pseudo-Voigt on a line.
#pragma once

#include <array>
#include <cstddef>

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

/// Peak and line, and the derivatives with respect to all parameters.
double peak_value(PeakParameters const& p, double q, PeakParameters& gradient);

} // namespace sqd
