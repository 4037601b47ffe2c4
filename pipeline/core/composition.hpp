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
/// True where amounts were meant as parts of a whole and do not make one: per cent (a sum of 50 to 200, several elements) that do not sum
/// to 100, fractions (each below 1) that do not sum to 1, to 5e-4. Formulas such as LaB6 or Mg2SiO4 are neither. Such a text is normalised
/// as any other, but whoever wrote it may have mistyped a number.
bool is_off_whole(Composition const& composition);
/// The sum as written, "110".
std::string sum_text(Composition const& composition);
/// Atomic number of a chemical symbol, 0 if there is none.
int atomic_number(std::string_view symbol);

} // namespace sqd
