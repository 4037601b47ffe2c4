// The first sharp diffraction peak of every point of a map.
#include "pipeline/reduce/point_peaks.hpp"

#include "pipeline/reduce/error_propagation.hpp"

#include <cassert>
#include <cmath>
#include <cstddef>

namespace sqd {

namespace {

constexpr double fewest_counts = 50;

} // namespace

MeanPeak mean_peak(ReducedCurves const& curves, ReductionConfig const& config) {
    assert(curves.fsdp);
    Pattern1D const& net = curves.net ? *curves.net : curves.pattern;
    auto const errors = config.fsdp->on_pattern ? pattern_errors(net) : curves.sq->errors;
    auto const curve = config.fsdp->on_pattern ? PeakCurve{net.q_invA, net.intensity, errors, "pattern"}
                                               : PeakCurve{curves.sq->q_invA, curves.sq->s, errors, "sq"};
    MeanPeak mean;
    mean.window = peak_window(curve, config.fsdp->window_low_invA, config.fsdp->window_high_invA, config.left_out_invA);
    for (std::size_t const point : mean.window.point) {
        mean.bin.push_back(errors.bin[point]);
        mean.direct.push_back(errors.direct[point]);
    }
    mean.model = config.fsdp->model == PeakEstimator::pseudo_voigt ? PeakModel::pseudo_voigt : PeakModel::split_pseudo_voigt;
    mean.fit = fit_peak(mean.window.data(), starting_peak(mean.window), peak_bounds(mean.window), mean.model);
    return mean;
}

PointPeak peak_of_point(MeanPeak const& mean, FrameCounts const& frame, BinMap const& bins, std::vector<double> const& intensity) {
    double const weight = frame.exposure_s * frame.monitor;
    std::vector<double> norm;
    for (std::size_t const b : mean.bin) norm.push_back(bins.bin_norm[b] * weight);
    for (auto const& deficit : frame.deficits)
        for (std::size_t i = 0; i < mean.bin.size(); ++i)
            if (mean.bin[i] == deficit.bin) norm[i] -= deficit.norm * weight;
    double counted = 0, expected = 0;
    for (std::size_t i = 0; i < mean.bin.size(); ++i) {
        counted += static_cast<double>(counts_in(frame, mean.bin[i]));
        expected += intensity[mean.bin[i]] * norm[i];
    }
    if (counted < fewest_counts) return no_point_peak;

    double const to_mean = expected / counted;
    std::vector<double> q, y, sigma;
    for (std::size_t i = 0; i < mean.bin.size(); ++i) {
        std::size_t const b = mean.bin[i];
        if (!(norm[i] > 0)) continue;
        q.push_back(mean.window.q[i]);
        y.push_back(mean.window.y[i] + mean.direct[i] * (to_mean * static_cast<double>(counts_in(frame, b)) / norm[i] - intensity[b]));
        sigma.push_back(mean.direct[i] * std::sqrt(to_mean * intensity[b] / norm[i]));
    }
    auto const fit = fit_peak({q, y, sigma}, mean.fit.parameters, peak_bounds(mean.window), mean.model);
    if (!fit.converged || !fit.proper_minimum() || fit.at_bound[peak::centre] || fit.at_bound[peak::height]) return no_point_peak;
    auto width_response = fit.response[peak::width_left];
    for (std::size_t i = 0; i < width_response.size(); ++i) width_response[i] += fit.response[peak::width_right][i];
    return {mean.window.middle + fit.parameters[peak::centre], std::sqrt(variance_under(fit.response[peak::centre], sigma)),
            fit.parameters[peak::width_left] + fit.parameters[peak::width_right], std::sqrt(variance_under(width_response, sigma)),
            fit.chi2 / static_cast<double>(q.size() - fit.free_parameters)};
}

std::vector<std::pair<std::uint64_t, PointPeak>> point_peaks(BinMap const& bins, FrameList const& frames, ReducedCurves const& curves,
                                                             ReductionConfig const& config) {
    if (!curves.fsdp) return {};
    auto const mean = mean_peak(curves, config);
    std::vector<std::pair<std::uint64_t, PointPeak>> out;
    for (auto const& frame : frames) out.emplace_back(frame->number, peak_of_point(mean, *frame, bins, curves.pattern.intensity));
    return out;
}

} // namespace sqd
