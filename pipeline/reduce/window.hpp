// Windows: what damps the end of a transform from q to r.
#pragma once

#include <optional>
#include <string>

namespace sqd {

enum class Window { none, lorch, modified_lorch, cosine };

/// As the configuration and PairDistribution::window name it, and back; nullopt where there is none of that name.
std::string name(Window window);
std::optional<Window> window_named(std::string const& name);

/// The factor M(q) that damps the termination ripples of a transform that ends at `q_max_invA`:
/// * none: 1;
/// * lorch: sin(x) / x, x = pi q / q_max (Lorch 1969);
/// * modified_lorch: 3 [sin x - x cos x] / x^3, same x: a sphere of the radius of Lorch's interval (Soper & Barney 2012);
/// * cosine: 1 up to 2/3 q_max, then [1 + cos(pi (q - q_w) / (q_max - q_w))] / 2 (Drewitt's form).
double window_factor(Window window, double q_invA, double q_max_invA);

} // namespace sqd
