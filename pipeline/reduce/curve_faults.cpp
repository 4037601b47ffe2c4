// What is wrong with a net pattern, in flags.
#include "pipeline/reduce/curve_faults.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>

namespace sqd {

namespace {

std::string number(double x) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.2f", x);
    return text.data();
}

struct Gap {
    double low, high;
};

std::vector<Gap> gaps_of(std::vector<double> const& q) {
    std::vector<double> steps;
    for (std::size_t i = 1; i < q.size(); ++i) steps.push_back(q[i] - q[i - 1]);
    if (steps.size() < 2) return {};
    auto sorted = steps;
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2), sorted.end());
    double const usual = sorted[sorted.size() / 2];
    std::vector<Gap> gaps;
    for (std::size_t i = 0; i < steps.size(); ++i)
        if (steps[i] > std::max(5 * usual, 0.05)) gaps.push_back({q[i], q[i + 1]});
    constexpr std::size_t most = 3;
    std::sort(gaps.begin(), gaps.end(), [](Gap const& a, Gap const& b) { return a.high - a.low > b.high - b.low; });
    gaps.resize(std::min(gaps.size(), most));
    return gaps;
}

} // namespace

std::vector<std::string> curve_faults(Pattern1D const& net, ReductionConfig const& config) {
    double low = 0, high = 0;
    if (config.structure_factor) {
        low = config.structure_factor->q_min_invA;
        high = config.structure_factor->q_max_invA;
    } else if (config.fsdp) {
        low = config.fsdp->window_low_invA;
        high = config.fsdp->window_high_invA;
    } else {
        return {};
    }
    std::vector<double> q;
    std::size_t negative = 0;
    for (std::size_t i = 0; i < net.q_invA.size(); ++i) {
        if (!(net.q_invA[i] >= low && net.q_invA[i] <= high && std::isfinite(net.intensity[i]))) continue;
        q.push_back(net.q_invA[i]);
        double const sigma = net.sigma.empty() || !std::isfinite(net.sigma[i]) ? 0 : net.sigma[i];
        if (net.intensity[i] < -3 * sigma) ++negative;
    }
    std::vector<std::string> flags;
    if (negative > 0) flags.push_back("negative_intensity:" + std::to_string(negative));
    for (auto const& gap : gaps_of(q)) flags.push_back("q_gap:" + number(gap.low) + "-" + number(gap.high));
    constexpr double short_of = 0.05; // [1/A], more than a bin
    if (!q.empty() && q.back() < high - short_of) flags.push_back("q_max_beyond_data:" + number(q.back()));
    if (!q.empty() && q.front() > low + short_of) flags.push_back("q_min_before_data:" + number(q.front()));
    return flags;
}

std::string thickness_fault(Sample const& sample, double optical_thickness) {
    bool const computed = !sample.transmission && sample.thickness_um > 0;
    return computed && std::abs(1 - optical_thickness) < 0.3 ? "thickness_blind" : "";
}

} // namespace sqd
