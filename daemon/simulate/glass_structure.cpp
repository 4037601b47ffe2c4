#include "daemon/simulate/glass_structure.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace sqd::simulated {

namespace {

constexpr double reference_density_A3 = 0.06049; ///< the density that the constants below were chosen at

/// One damped wave of the medium-range order: exp(-r/decay) [c cos(q r) + s sin(q r)] / r.
struct Wave {
    double q_invA, decay_A, cosine_A, sine_A;
};
constexpr std::array waves{
    Wave{2.620, 5.0, -0.4849, 3.9287}, // the first sharp diffraction peak: a decay of 5 A is a full width of 0.4 1/A
    Wave{2.4, 2.2, 0.0450, -5.4966},   // keeps S(q) small and positive below the peak
    Wave{4.7, 2.6, 5.3334, -13.6732},  // the second peak of S(q)
};

/// One shell of neighbours: height * exp(-(r - centre)^2 / (2 width^2)).
struct Shell {
    double centre_A, width_A, height;
};
constexpr std::array shells{Shell{2.75, 0.13, 1.1307}, Shell{3.10, 0.16, 1.1188}, Shell{3.6, 0.25, -0.5637}, Shell{4.2, 0.3, 0.0937}};

/// Atoms do not overlap: g rises from zero as a cumulative Gaussian of this centre and width.
constexpr double contact_A = 2.46, contact_width_A = 0.06;

/// The slowest wave has faded to 1e-10 there; a step of a sixth of the narrowest width keeps the trapezoid exact to rounding.
constexpr double reference_r_max_A = 125, reference_r_step_A = 0.01;
constexpr double q_table_step_invA = 0.004;

double reference_g(double r) {
    auto const apart = 0.5 * std::erfc((contact_A - r) / (std::numbers::sqrt2 * contact_width_A));
    if (apart == 0) return 0; // also r = 0
    double g = 1;
    for (auto const& w : waves)
        g += std::exp(-r / w.decay_A) * (w.cosine_A * std::cos(w.q_invA * r) + w.sine_A * std::sin(w.q_invA * r)) / r;
    for (auto const& s : shells) {
        auto const u = (r - s.centre_A) / s.width_A;
        g += s.height * std::exp(-0.5 * u * u);
    }
    return std::max(0.0, apart * g); // the waves leave -1e-13 where atoms begin to touch
}

} // namespace

GlassStructure::GlassStructure(double number_density_A3, double q_max_invA)
    : density_(number_density_A3), scale_(std::cbrt(reference_density_A3 / number_density_A3)), r_step_(reference_r_step_A * scale_),
      r_max_(reference_r_max_A * scale_) {
    auto const points = static_cast<std::size_t>(reference_r_max_A / reference_r_step_A) + 1;
    r_g_minus_one_.resize(points);
    for (std::size_t i = 0; i < points; ++i) {
        auto const r = r_step_ * static_cast<double>(i);
        r_g_minus_one_[i] = r * (g(r) - 1);
    }
    auto const size = static_cast<std::size_t>(q_max_invA / q_table_step_invA) + 4;
    s_ = UniformTable::of(q_table_step_invA, size, [this](double q) { return s_exact(q); });
}

double GlassStructure::g(double r_A) const {
    return reference_g(r_A / scale_);
}

double GlassStructure::s_exact(double q_invA) const {
    // sin(q r_i) by rotation; the point i = 0 and the faded end weigh nothing.
    auto const phase = q_invA * r_step_;
    auto const cosine = std::cos(phase), sine = std::sin(phase);
    double x = 1, y = 0, sum = 0, second_moment = 0;
    for (std::size_t i = 1; i < r_g_minus_one_.size(); ++i) {
        auto const next_x = x * cosine - y * sine;
        y = x * sine + y * cosine;
        x = next_x;
        sum += r_g_minus_one_[i] * y;
        if (q_invA == 0) second_moment += r_g_minus_one_[i] * r_step_ * static_cast<double>(i);
    }
    auto const integral = (q_invA == 0 ? second_moment : sum / q_invA) * r_step_;
    return 1 + 4 * std::numbers::pi * density_ * integral;
}

} // namespace sqd::simulated
