// Reads chemical formulas.
#include "pipeline/core/composition.hpp"

#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>

namespace sqd {

namespace {

constexpr std::array<std::string_view, 98> symbols{
    "H",  "He", "Li", "Be", "B",  "C",  "N",  "O",  "F",  "Ne", "Na", "Mg", "Al", "Si", "P",  "S",  "Cl", "Ar", "K",  "Ca",
    "Sc", "Ti", "V",  "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn", "Ga", "Ge", "As", "Se", "Br", "Kr", "Rb", "Sr", "Y",  "Zr",
    "Nb", "Mo", "Tc", "Ru", "Rh", "Pd", "Ag", "Cd", "In", "Sn", "Sb", "Te", "I",  "Xe", "Cs", "Ba", "La", "Ce", "Pr", "Nd",
    "Pm", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu", "Hf", "Ta", "W",  "Re", "Os", "Ir", "Pt", "Au", "Hg",
    "Tl", "Pb", "Bi", "Po", "At", "Rn", "Fr", "Ra", "Ac", "Th", "Pa", "U",  "Np", "Pu", "Am", "Cm", "Bk", "Cf"};

constexpr std::size_t max_nesting = 8; ///< brackets within brackets; bounds the recursion on foreign text

// Recursive descent over: formula = { (symbol | '(' formula ')') [amount] }
class FormulaReader {
public:
    explicit FormulaReader(std::string_view text) : text_(text) {}

    std::vector<ElementFraction> read() {
        auto amounts = group(0);
        if (at_ < text_.size()) fail("a closing bracket without an opening one");
        return amounts;
    }

private:
    [[noreturn]] void fail(std::string const& why) const {
        throw DataError("composition '" + std::string(text_) + "' not understood at character " + std::to_string(at_ + 1) + " (" + why +
                        ") write it like Zr46.8Ti8.2Cu7.5Ni10Be27.5");
    }

    void skip_blanks() {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    }

    std::vector<ElementFraction> group(std::size_t depth) {
        if (depth > max_nesting) fail("too many brackets");
        std::vector<ElementFraction> sum;
        for (skip_blanks(); at_ < text_.size() && text_[at_] != ')'; skip_blanks()) {
            auto part = text_[at_] == '(' ? bracket(depth) : element();
            double const factor = amount();
            for (auto& e : part) {
                e.fraction *= factor;
                auto const same = std::find_if(sum.begin(), sum.end(), [&e](auto const& other) { return other.z == e.z; });
                if (same == sum.end())
                    sum.push_back(e);
                else
                    same->fraction += e.fraction;
            }
        }
        if (sum.empty()) fail("an element is missing");
        return sum;
    }

    std::vector<ElementFraction> bracket(std::size_t depth) {
        ++at_;
        auto inside = group(depth + 1);
        if (at_ >= text_.size()) fail("a bracket is not closed");
        ++at_;
        return inside;
    }

    std::vector<ElementFraction> element() {
        for (std::size_t length : {std::size_t{2}, std::size_t{1}}) {
            auto const symbol = text_.substr(at_, length);
            if (int const z = atomic_number(symbol); z > 0 && symbol.size() == length) {
                at_ += length;
                return {{z, std::string(symbol), 1.0}};
            }
        }
        fail("no element of that name up to Cf");
    }

    double amount() {
        skip_blanks();
        if (at_ >= text_.size() || !((text_[at_] >= '0' && text_[at_] <= '9') || text_[at_] == '.')) return 1.0;
        double value = 0;
        auto const [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value, std::chars_format::fixed);
        if (error != std::errc() || !(value > 0) || value > 1e6) fail("an amount must be a number above 0");
        at_ = static_cast<std::size_t>(end - text_.data());
        return value;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

} // namespace

int atomic_number(std::string_view symbol) {
    auto const found = std::find(symbols.begin(), symbols.end(), symbol);
    return found == symbols.end() ? 0 : static_cast<int>(found - symbols.begin()) + 1;
}

Composition parse_composition(std::string_view text) {
    Composition composition{std::string(text), FormulaReader(text).read(), 0};
    for (auto const& e : composition.elements) composition.written_sum += e.fraction;
    for (auto& e : composition.elements) e.fraction /= composition.written_sum;
    return composition;
}

std::string sum_text(Composition const& composition) {
    constexpr int digits = 5;
    std::array<char, 32> text{};
    auto const end = std::to_chars(text.data(), text.data() + text.size(), composition.written_sum, std::chars_format::general, digits).ptr;
    return {text.data(), end};
}

bool is_off_whole(Composition const& composition) {
    constexpr double tolerance = 5e-4, fewest_percent = 50, most_percent = 200;
    double const sum = composition.written_sum;
    auto const& elements = composition.elements;
    if (elements.size() < 2) return false;
    bool const fractions = std::all_of(elements.begin(), elements.end(), [sum](auto const& e) { return e.fraction * sum < 1; });
    if (fractions) return std::abs(sum - 1) > tolerance;
    return sum >= fewest_percent && sum <= most_percent && std::abs(sum / 100 - 1) > tolerance;
}

} // namespace sqd
