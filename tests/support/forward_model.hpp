// What a detector would see of a sample of known S(q), written out once more from the formulas: shares no code with the reduction.
#pragma once

#include <xraylib/xraylib.h>

#include <cmath>
#include <cstddef>
#include <numbers>
#include <utility>
#include <vector>

namespace sqd::test {

/// Intensity per unit norm of a plate of Zr46.8Ti8.2Cu7.5Ni10Be27.5 in electron units, full rings, in front of a sensor square to the beam.
struct ForwardModel {
    double energy_keV = 13, density = 6.0, thickness_cm = 30e-4, threshold_keV = 6.5;
    char const* sensor = "Si";
    double sensor_density = 2.33, sensor_cm = 450e-4;
    double window_density = 0, window_cm = 0; ///< of aluminium before the sensor
    std::vector<std::pair<int, double>> atoms{{40, 0.468}, {22, 0.082}, {29, 0.075}, {28, 0.1}, {4, 0.275}};

    double mu(double energy) const {
        double mass = 0, sum = 0;
        for (auto [z, c] : atoms) {
            mass += c * AtomicWeight(z, nullptr);
            sum += c * AtomicWeight(z, nullptr) * CS_Total(z, energy, nullptr);
        }
        return density * sum / mass;
    }

    /// Mean over the depth, by the midpoint rule.
    double escape(double energy_out, double cosine) const {
        constexpr int slices = 400;
        double const in = mu(energy_keV) * thickness_cm, out = mu(energy_out) * thickness_cm / cosine;
        double sum = 0;
        for (int i = 0; i < slices; ++i) {
            double const depth = (i + 0.5) / slices;
            sum += std::exp(-in * depth - out * (1 - depth));
        }
        return sum / slices;
    }

    double detected(double energy, double cosine) const {
        double const passed = std::exp(-CS_Total(13, energy, nullptr) * window_density * window_cm / cosine);
        return passed * (1 - std::exp(-CS_Total_CP(sensor, energy, nullptr) * sensor_density * sensor_cm / cosine));
    }

    /// `f0` = form factors of the atoms at this q (without f', f'').
    double operator()(double q, double s, std::vector<double> const& f0) const {
        double const sine = q * 12.398419843320026 / energy_keV / (4 * std::numbers::pi), angle = 2 * std::asin(sine),
                     cosine = std::cos(angle);
        double re = 0, im = 0, square = 0, compton = 0;
        for (std::size_t i = 0; i < atoms.size(); ++i) {
            auto const [z, c] = atoms[i];
            double const real = f0[i] + Fi(z, energy_keV, nullptr), imaginary = Fii(z, energy_keV, nullptr);
            re += c * real;
            im += c * imaginary;
            square += c * (real * real + imaginary * imaginary);
            compton += c * SF_Compt(z, q / (4 * std::numbers::pi), nullptr);
        }
        double const elastic = square + (re * re + im * im) * (s - 1);
        double const recoiled = ComptonEnergy(energy_keV, angle, nullptr);
        double const recoil = DCS_KN(energy_keV, angle, nullptr) / DCS_Thoms(angle, nullptr);
        double const ring = (1 + cosine * cosine) / 2, here = detected(energy_keV, cosine);
        double total =
            elastic * escape(energy_keV, cosine) + compton * recoil * escape(recoiled, cosine) * detected(recoiled, cosine) / here;
        for (auto [z, c] : atoms) {
            for (int line = KL1_LINE; line >= KP5_LINE; --line) {
                double const barn = CSb_FluorLine(z, line, energy_keV, nullptr), emitted = barn > 0 ? LineEnergy(z, line, nullptr) : 0;
                if (emitted <= threshold_keV) continue;
                double const units = c * barn / (4 * std::numbers::pi) / 0.0794078;
                total += units * escape(emitted, cosine) * detected(emitted, cosine) / here / ring;
            }
        }
        return total;
    }
};

/// The same before 1 mm of CdTe at 68.5 keV, with a threshold that no line of the sample passes.
inline ForwardModel hard_xray_model() {
    ForwardModel model;
    model.energy_keV = 68.5;
    model.threshold_keV = 20;
    model.sensor = "CdTe";
    model.sensor_density = 5.85;
    model.sensor_cm = 0.1;
    return model;
}

} // namespace sqd::test
