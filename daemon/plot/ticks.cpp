#include "daemon/plot/ticks.hpp"

#include "daemon/verbs/terminal_text.hpp"

#include <algorithm>
#include <cmath>

namespace sqd {

namespace {

/// The step of 1, 2 or 5 times a power of ten that is nearest.
double round_step(double wanted) {
    double const power = std::pow(10, std::floor(std::log10(wanted)));
    double const digit = wanted / power;
    return power * (digit < 1.5 ? 1 : digit < 3.5 ? 2 : digit < 7.5 ? 5 : 10);
}

/// All labels of an axis in one form: 1.275e8 where the largest is far from 1, else with a point.
std::string label_of(double value, double step, double largest) {
    constexpr double plain_from = 1e-3, plain_to = 1e6;
    auto const decimals_at = [&](double unit) {
        return static_cast<int>(std::clamp(-std::floor(std::log10(step / unit) + 1e-9), 0.0, 9.0));
    };
    if (value == 0) return "0";
    if (largest < plain_to && largest >= plain_from) return fixed(value, decimals_at(1));
    double const power = std::floor(std::log10(std::abs(value)) + 1e-9), unit = std::pow(10, power);
    return fixed(value / unit, decimals_at(unit)) + "e" + fixed(power, 0);
}

} // namespace

std::vector<Tick> ticks(double low, double high, int wanted) {
    std::vector<Tick> out;
    double const step = round_step((high - low) / wanted);
    if (!std::isfinite(step) || !(step > 0)) return out;
    double const largest = std::max(std::abs(low), std::abs(high));
    auto const last = std::floor(high / step + 1e-9);
    for (double n = std::ceil(low / step - 1e-9); n <= last; ++n) {
        double const at = n * step == 0 ? 0 : n * step; // no -0
        out.push_back({at, label_of(at, step, largest)});
    }
    return out;
}

std::pair<double, double> range_of(std::vector<double> const& values, double margin) {
    double low = 0, high = 0;
    bool any = false;
    for (double const v : values) {
        if (!std::isfinite(v)) continue;
        low = any ? std::min(low, v) : v, high = any ? std::max(high, v) : v;
        any = true;
    }
    if (!any) return {0, 1};
    if (!(low < high)) {
        double const around = low == 0 ? 1 : std::abs(low) * 0.01;
        return {low - around, low + around};
    }
    double const more = margin * (high - low);
    return {low - more, high + more};
}

std::pair<double, double> robust_range(std::vector<double> values, double cut) {
    std::erase_if(values, [](double v) { return !std::isfinite(v); });
    if (values.empty()) return {0, 1};
    std::sort(values.begin(), values.end());
    auto const last = static_cast<double>(values.size() - 1);
    auto const at = [&](double part) { return values[static_cast<std::size_t>(std::round(part * last))]; };
    return range_of({at(cut), at(1 - cut)}, 0);
}

} // namespace sqd
