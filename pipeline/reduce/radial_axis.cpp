#include "pipeline/reduce/radial_axis.hpp"

#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/pixel_optics.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

namespace sqd {

namespace {

Axis logarithmic(double low, double high, std::size_t bins) {
    std::vector<double> edges(bins + 1);
    for (std::size_t i = 0; i <= bins; ++i) edges[i] = low * std::pow(high / low, static_cast<double>(i) / static_cast<double>(bins));
    edges.back() = high;
    return Axis(std::move(edges));
}

} // namespace

RadialRange asked_range(IntegrationConfig const& config) {
    double const scale = unit_scale(config.unit);
    RadialRange const out{config.radial_range->first / scale, config.radial_range->second / scale};
    return config.pyfai_compat ? RadialRange{std::max(out.low, 0.0), out.high * one_plus_eps32} : out;
}

Axis radial_axis(IntegrationConfig const& config, RadialRange const& range) {
    if (!config.edges.empty()) return Axis(config.edges);
    if (config.log_spacing) return logarithmic(config.radial_range->first, config.radial_range->second, config.npt);
    double const scale = unit_scale(config.unit);
    bool const as_asked = config.radial_range && !config.pyfai_compat;
    return as_asked ? Axis::uniform(config.radial_range->first, config.radial_range->second, config.npt)
                    : Axis::uniform(range.low * scale, range.high * scale, config.npt);
}

bool has_even_steps(IntegrationConfig const& config) {
    auto const& edges = config.edges;
    if (edges.empty()) return !config.log_spacing;
    double const mean = (edges.back() - edges.front()) / static_cast<double>(edges.size() - 1);
    constexpr double written = 1e-6; ///< edges that passed through a text
    for (std::size_t i = 0; i + 1 < edges.size(); ++i)
        if (std::abs(edges[i + 1] - edges[i] - mean) > written * mean) return false;
    return true;
}

std::vector<double> binned_edges(Axis const& axis, RadialUnit unit) {
    std::vector<double> edges = axis.edges();
    for (double& edge : edges) edge /= unit_scale(unit);
    return edges;
}

void check_axis(IntegrationConfig const& config) {
    std::ostringstream problem;
    std::size_t const bins = config.edges.empty() ? config.npt : config.edges.size() - 1;
    bool const special = !config.edges.empty() || config.log_spacing;
    if (bins == 0 || bins > most_bins) {
        problem << "npt is " << bins << " (bins are numbered in 16 bits) use 1 to " << most_bins;
    } else if (config.radial_range && !(config.radial_range->first < config.radial_range->second)) {
        problem << "radial range " << config.radial_range->first << " to " << config.radial_range->second
                << " is empty (its ends must increase) widen it";
    } else if (config.pyfai_compat && special) {
        problem << "compat: pyfai with edges or logarithmic bins (pyFAI 0.21.3 has even steps only) leave out one of the two";
    } else if (config.log_spacing && !(config.radial_range && config.radial_range->first > 0)) {
        problem << "logarithmic bins without a range above 0 (they cannot begin at 0) write radial_range";
    }
    if (!problem.str().empty()) throw DataError(problem.str());
}

} // namespace sqd
