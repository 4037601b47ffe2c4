// What a sample is made of.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sqd {

/// One element of a composition; fractions of a composition sum to 1.
struct ElementFraction {
    int z = 0; ///< atomic number
    std::string symbol;
    double fraction = 0; ///< atomic fraction
    bool operator==(ElementFraction const&) const = default;
};

/// Atomic composition, as people write it: "Zr46.8Ti8.2Cu7.5Ni10Be27.5", "LaB6", "(Zr0.6Cu0.4)90Al10".
struct Composition {
    std::string text;
    std::vector<ElementFraction> elements; ///< in order of first appearance, each once
    double written_sum = 0;                ///< sum of the amounts as written, before normalising
    bool operator==(Composition const&) const = default;
};

/// Parses a formula. Throws DataError naming the place that is not understood.
Composition parse_composition(std::string_view text);
/// Atomic number of a chemical symbol, 0 if there is none.
int atomic_number(std::string_view symbol);

} // namespace sqd
