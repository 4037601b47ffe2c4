// Shells of G(r) as named numbers.
#include "daemon/publish/shell_values.hpp"

#include <cstddef>
#include <optional>

namespace sqd {

namespace {

void put_value(std::vector<NamedValue>& out, std::string const& name, char const* unit, std::optional<Estimate> const& found) {
    if (!found) return;
    out.push_back({name, found->value, unit});
    out.push_back({name + "_sigma", found->sigma, unit});
    out.push_back({name + "_background_sigma", found->background_sigma, unit});
}

} // namespace

std::vector<NamedValue> shell_values(std::vector<Shell> const& shells) {
    constexpr char const* length = "angstrom";
    std::vector<NamedValue> out;
    for (std::size_t i = 0; i < shells.size(); ++i) {
        std::string const shell = "shell" + std::to_string(i + 1) + "_";
        put_value(out, shell + "r", length, shells[i].r_A);
        put_value(out, shell + "height", "1/angstrom^2", shells[i].height);
        out.push_back({shell + "low", shells[i].r_low_A, length});
        out.push_back({shell + "high", shells[i].r_high_A, length});
        put_value(out, shell + "coordination", "", shells[i].coordination);
        put_value(out, shell + "coordination_a", "", shells[i].coordination_a);
        put_value(out, shell + "coordination_b", "", shells[i].coordination_b);
    }
    return out;
}

} // namespace sqd
