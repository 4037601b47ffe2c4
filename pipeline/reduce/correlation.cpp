#include "pipeline/reduce/correlation.hpp"

namespace sqd {

std::vector<double> correlation_of_chosen(std::vector<double> const& all, std::vector<std::size_t> const& chosen) {
    std::vector<double> out;
    if (all.empty()) return out;
    for (std::size_t k = 0; k < chosen.size(); ++k) {
        bool const neighbours = k + 1 < chosen.size() && chosen[k + 1] == chosen[k] + 1;
        out.push_back(neighbours ? all[chosen[k]] : 0);
    }
    return out;
}

double variance_of_sum(std::vector<double> const& spread, std::vector<double> const& correlation) {
    double out = 0;
    for (double const s : spread) out += s * s;
    if (correlation.empty()) return out;
    for (std::size_t i = 0; i + 1 < spread.size(); ++i) out += 2 * correlation[i] * spread[i] * spread[i + 1];
    return out;
}

} // namespace sqd
