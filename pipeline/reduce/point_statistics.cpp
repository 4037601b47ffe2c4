// Points of a scan against each other.
#include "pipeline/reduce/point_statistics.hpp"

#include <cmath>
#include <cstddef>

namespace sqd {

namespace {

// A sum over bins of weight_b (c_pb - I_b n_pb) / N_b for every point, and what Poisson's law says of the variance of all of it.
struct Scores {
    std::vector<double> of_point;
    double poisson = 0;
};

double frame_weight(FrameCounts const& frame) {
    return frame.exposure_s * frame.monitor;
}

/// `weight` per bin of the pattern, 0 where a bin does not count; `bin_norm` of one frame of weight 1.
Scores scores_of(FrameList const& frames, Pattern1D const& pattern, std::vector<double> const& bin_norm,
                 std::vector<double> const& weight) {
    double total = 0;
    for (auto const& frame : frames) total += frame_weight(*frame);
    Scores out;
    for (auto const& frame : frames) {
        double sum = 0;
        for (std::size_t b = 0; b < weight.size(); ++b) {
            if (weight[b] == 0) continue;
            double const count = static_cast<double>(counts_in(*frame, b)), per_norm = weight[b] / (bin_norm[b] * total);
            sum += per_norm * (count - pattern.intensity[b] * bin_norm[b] * frame_weight(*frame));
            out.poisson += per_norm * per_norm * count;
        }
        for (auto const& deficit : frame->deficits) { // what was invalid could not count
            if (weight[deficit.bin] == 0) continue;
            sum += weight[deficit.bin] / (bin_norm[deficit.bin] * total) * pattern.intensity[deficit.bin] * deficit.norm *
                   frame_weight(*frame);
        }
        out.of_point.push_back(sum);
    }
    return out;
}

double block_variance(std::vector<double> const& z, std::size_t block) {
    std::size_t const n = z.size();
    double mean = 0;
    for (double const each : z) mean += each / static_cast<double>(n);
    double square = 0;
    for (std::size_t first = 0; first < n; ++first) {
        double sum = 0;
        for (std::size_t k = 0; k < block; ++k) sum += z[(first + k) % n] - mean;
        square += sum * sum / static_cast<double>(n);
    }
    return square * static_cast<double>(n) / static_cast<double>(block);
}

std::vector<double> on_all_bins(std::size_t bins, std::vector<std::size_t> const& bin, std::vector<double> const& sensitivity) {
    std::vector<double> out(bins, 0.0);
    for (std::size_t i = 0; i < bin.size(); ++i) out[bin[i]] = sensitivity[i];
    return out;
}

} // namespace

std::optional<PointStatistics> point_statistics(BinMap const& bins, FrameList const& frames, Pattern1D const& pattern, Fsdp const& peak) {
    constexpr std::size_t fewest_blocks = 4;
    auto const block = static_cast<std::size_t>(std::ceil(std::cbrt(static_cast<double>(frames.size()))));
    if (frames.empty() || frames.size() / block < fewest_blocks || peak.q1_sensitivity.empty()) return std::nullopt;

    std::vector<double> const& norm = bins.bin_norm;
    std::size_t const n = pattern.intensity.size();
    std::vector<double> window(n, 0.0);
    for (std::size_t b = 0; b < n; ++b)
        if (pattern.q_invA[b] >= peak.window_low && pattern.q_invA[b] <= peak.window_high && norm[b] > 0) window[b] = norm[b];

    PointStatistics out;
    out.points = frames.size();
    out.block = block;
    auto const put = [&](std::vector<double> const& weight, double* sigma, double& ratio) {
        auto const scores = scores_of(frames, pattern, norm, weight);
        double const variance = block_variance(scores.of_point, block);
        if (sigma) *sigma = std::sqrt(variance);
        ratio = std::sqrt(variance / scores.poisson);
    };
    put(on_all_bins(n, peak.bin, peak.q1_sensitivity), &out.q1_sigma, out.q1_ratio);
    put(on_all_bins(n, peak.bin, peak.fwhm_sensitivity), &out.fwhm_sigma, out.fwhm_ratio);
    put(window, nullptr, out.intensity_ratio);
    return out;
}

} // namespace sqd
