// The truth beside a simulation: what a correct reduction must find.
#pragma once

#include "daemon/simulate/glass_beam.hpp"
#include "daemon/simulate/player.hpp"
#include "daemon/simulate/prepared_frames.hpp"
#include "daemon/simulate/scan_plan.hpp"
#include "daemon/simulate/station.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sqd::simulated {

/// One series as planned, and what became of it once it was played.
struct TruthScan {
    PlannedScan plan;
    std::optional<PlayedSeries> played;
    std::vector<std::string> faults;  ///< as asked for
    std::string dialect;              ///< in which it was sent
    std::optional<DrawnFrames> drawn; ///< where frames are repeated
};

/// All that truth.json says.
struct Truth {
    Station const& station;
    GlassScattering const& glass;
    std::uint64_t seed = 0;
    double exposure_s = 0;
    std::vector<TruthScan> scans;
};

/// A line for people: what a reduction must find, and what was drawn with which seed.
std::string truth_line(Truth const& truth);

/// truth.json: parameters, seed, transmission, the first sharp diffraction peak of S(q), and per series its role, frames and the
/// on-sample points as inclusive ranges; of a series whose frames are repeated `drawn`, [series, frame] of those that are shown on and off
/// the sample: the k-th frame of a kind shows the counts of number k of that kind's list, counted around; of a series with faults what the
/// client was sent, in order: "start", frames by number (or [number, "corrupt"], "stray", "crowded", "torn"), "end". Throws IoError.
void write_truth_json(std::filesystem::path const& directory, Truth const& truth);

/// expected_sample.npy, expected_background.npy: float64 [rows, cols], mean counts of one frame, NaN where masked;
/// ideal.txt: q [1/A], S, <f^2>, <f>^2, Compton [electron units]; g_of_r.txt: r [A], g, on the grid of the model's own quadrature.
void write_truth_curves(std::filesystem::path const& directory, Truth const& truth, ExpectedImages const& one_frame);

} // namespace sqd::simulated
