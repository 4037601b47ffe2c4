// Reads descriptions word by word, and says what disagrees.
#include "detectors/descriptions.hpp"

#include "detectors/codec/excerpt.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

namespace sqd {

namespace {

/// What of a description tells models apart.
struct Described {
    std::string family; ///< "eiger" or "pilatus"
    char generation = '1';
    std::string size; ///< "4m", "100k", "2mw": w for the wide ones
    bool cdte = false, sensor_named = false;

    bool same_shape(Described const& other) const { return family == other.family && generation == other.generation && size == other.size; }
    bool operator==(Described const& other) const { return same_shape(other) && cdte == other.cdte; }
};

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return result;
}

/// Blanks every `token` of the text; true where there was one.
bool take_out(std::string& text, std::string_view token) {
    bool found = false;
    for (auto at = text.find(token); at != text.npos; at = text.find(token, at)) {
        std::fill_n(text.begin() + static_cast<std::ptrdiff_t>(at), token.size(), ' ');
        found = true;
    }
    return found;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> found;
    bool inside = false;
    for (char const c : text) {
        bool const letter = is_digit(c) || (c >= 'a' && c <= 'z');
        if (letter && !inside) found.emplace_back();
        if (letter) found.back() += c;
        inside = letter;
    }
    return found;
}

/// "500k", "1m", "300kw".
bool is_size(std::string_view word) {
    auto const unit = word.find_first_not_of("0123456789");
    if (unit == 0 || unit == word.npos) return false;
    auto const ending = word.substr(unit);
    return ending == "k" || ending == "m" || ending == "kw" || ending == "mw";
}

/// PILATUS and PILATUS2 have the shapes of PILATUS3; an EIGER without a number is the first.
std::optional<char> generation(std::string const& family, std::string_view word) {
    char const digit = word.empty() || !is_digit(word[0]) ? '1' : word[0];
    if (family == "eiger") return digit == '1' || digit == '2' ? std::optional(digit) : std::nullopt;
    return digit >= '1' && digit <= '3' ? std::optional('1') : digit == '4' ? std::optional(digit) : std::nullopt;
}

std::optional<Described> read(std::string_view description) {
    constexpr std::size_t longest = 200; // of a name; what comes from outside is not scanned further
    auto text = lower(description.substr(0, longest));
    for (std::string_view const serial : {",", "s/n", "serial"}) text = text.substr(0, text.find(serial));
    auto const eiger = text.find("eiger"), pilatus = text.find("pilatus");
    if ((eiger == text.npos) == (pilatus == text.npos)) return std::nullopt;
    Described result;
    result.family = eiger == text.npos ? "pilatus" : "eiger";
    result.cdte = take_out(text, "cdte");
    auto const all = words(std::string_view(text).substr(text.find(result.family) + result.family.size()));
    bool const silicon = std::ranges::find(all, "si") != all.end() || std::ranges::find(all, "silicon") != all.end();
    if ((silicon && result.cdte) || std::ranges::find(all, "gaas") != all.end()) return std::nullopt;
    result.sensor_named = silicon || result.cdte;
    bool const numbered = !all.empty() && is_digit(all[0][0]) && !is_size(all[0]);
    auto const number = generation(result.family, numbered ? all[0] : "");
    if (!number) return std::nullopt;
    result.generation = *number;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!is_size(all[i])) continue;
        bool const wide_follows = i + 1 < all.size() && all[i + 1] == "w";
        auto const size = all[i] + (wide_follows ? "w" : "");
        if (!result.size.empty() && result.size != size) return std::nullopt;
        result.size = size;
    }
    return result.size.empty() ? std::nullopt : std::optional(result);
}

std::string names(std::vector<DetectorModel const*> const& models) {
    std::string text;
    for (std::size_t i = 0; i < models.size(); ++i)
        text += (i == 0 ? "" : i + 1 == models.size() ? " and " : ", ") + std::string(models[i]->name);
    return text;
}

std::string shape_text(std::size_t rows, std::size_t cols) {
    return std::to_string(rows) + " x " + std::to_string(cols);
}

/// What differs between two models, most telling first.
std::string difference(DetectorModel const& found, DetectorModel const& expected) {
    if (found.rows != expected.rows || found.cols != expected.cols)
        return shape_text(found.rows, found.cols) + " instead of " + shape_text(expected.rows, expected.cols) + " pixels";
    auto const sensor = [](DetectorModel const& m) {
        return std::string(m.sensor_material) + ", " + std::to_string(m.seam_cols) + " masked columns within each module";
    };
    return sensor(found) + " instead of " + sensor(expected);
}

} // namespace

DetectorModel const* find_detector_by_description(std::string_view description) {
    auto const wanted = read(description);
    if (!wanted) return nullptr;
    auto const models = detector_models();
    auto const found = std::ranges::find_if(models, [&wanted](DetectorModel const& m) { return read(m.description) == wanted; });
    return found == models.end() ? nullptr : &*found;
}

std::optional<std::string> description_disagreement(std::string_view description, DetectorModel const& model) {
    auto const said = read(description), expected = read(model.description);
    auto const* const found = find_detector_by_description(description);
    if (!found || found == &model || (expected && !said->sensor_named && said->same_shape(*expected))) return std::nullopt;
    return "the detector calls itself '" + excerpt(description) + "', which is " + found->name + " and not " + model.name + " (" +
           difference(*found, model) + ")";
}

std::string shape_disagreement(std::size_t rows, std::size_t cols, std::size_t wanted_rows, std::size_t wanted_cols,
                               std::string_view wanted_name) {
    auto const wanted = wanted_name.empty() ? std::string("the configured detector") : std::string(wanted_name);
    auto sentence = shape_text(rows, cols) + " pixels (rows x columns) ";
    auto const sisters = detectors_of_shape(rows, cols), turned = detectors_of_shape(cols, rows);
    if (rows == wanted_cols && cols == wanted_rows)
        sentence += "are the shape of " + wanted + " transposed";
    else if (!sisters.empty())
        sentence += "are the shape of " + names(sisters) + ", not of " + wanted;
    else if (!turned.empty())
        sentence += "are the shape of " + names(turned) + " transposed, not of " + wanted;
    else
        sentence += "are not the shape of " + wanted;
    return sentence + ", which has " + shape_text(wanted_rows, wanted_cols);
}

} // namespace sqd
