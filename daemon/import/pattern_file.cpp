// Text to a pattern: tells data from header, and the unit from what the header says.
#include "daemon/import/pattern_file.hpp"

#include "pipeline/core/errors.hpp"
#include "pipeline/core/geometry.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <map>
#include <numbers>
#include <sstream>
#include <vector>

namespace sqd {

namespace {

using Fields = std::vector<std::string_view>;

struct Line {
    std::size_t number; ///< from 1
    std::string_view text;
    std::vector<double> numbers; ///< empty unless every field is a number
    bool comment;
};

Fields split(std::string_view text, std::string_view separators) {
    Fields out;
    for (std::size_t at = text.find_first_not_of(separators); at != std::string_view::npos;) {
        std::size_t const end = std::min(text.find_first_of(separators, at), text.size());
        out.push_back(text.substr(at, end - at));
        at = text.find_first_not_of(separators, end);
    }
    return out;
}

std::optional<double> number(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::result_out_of_range && end == text.data() + text.size()) return std::numeric_limits<double>::quiet_NaN();
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::vector<double> numbers_of(std::string_view text) {
    std::vector<double> out;
    for (std::string_view const field : split(text, " \t\r,;")) {
        auto const value = number(field);
        if (!value) return {};
        out.push_back(*value);
    }
    return out;
}

std::vector<Line> lines_of(std::string_view text) {
    std::vector<Line> out;
    for (std::size_t begin = 0; begin < text.size();) {
        std::size_t const end = std::min(text.find('\n', begin), text.size());
        std::string_view const line = text.substr(begin, end - begin);
        std::size_t const first = line.find_first_not_of(" \t\r");
        bool const comment = first == std::string_view::npos || line[first] == '#' || line[first] == '!';
        out.push_back({out.size() + 1, line, comment ? std::vector<double>{} : numbers_of(line), comment});
        begin = end + 1;
    }
    return out;
}

[[noreturn]] void fail(std::filesystem::path const& file, std::size_t line, std::string const& what) {
    throw DataError(file.string() + ":" + std::to_string(line) + ": " + what);
}

constexpr std::size_t with_sums = 6; ///< x, I, sigma, and what I was made of

/// A line of labels as `sqd replay --export dat` writes it.
bool has_sums(std::vector<Line> const& lines) {
    return std::any_of(lines.begin(), lines.end(), [](Line const& line) {
        std::istringstream words{std::string(line.text)};
        std::vector<std::string> const labels{std::istream_iterator<std::string>(words), {}};
        return line.comment && labels.size() > 3 &&
               std::vector<std::string>(labels.end() - 3, labels.end()) == std::vector<std::string>{"signal", "norm", "count"};
    });
}

/// The number of columns that most rows have.
std::size_t usual_columns(std::vector<Line> const& lines, std::filesystem::path const& file) {
    std::map<std::size_t, std::size_t> rows;
    for (Line const& line : lines)
        if (line.numbers.size() > 1) ++rows[line.numbers.size()];
    auto const most = std::max_element(rows.begin(), rows.end(), [](auto const& a, auto const& b) { return a.second < b.second; });
    if (most == rows.end())
        fail(file, lines.size(), "no data (no row of two or three numbers) is it a text file with columns x, I, sigma?");
    if (most->first > 3 && !(most->first == with_sums && has_sums(lines)))
        fail(file, lines.size(),
             std::to_string(most->first) + " columns (a pattern has x, I and perhaps sigma; a decimal comma also looks like this) "
                                           "write two or three columns with a decimal point");
    return most->first;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

bool has_any(std::string_view text, std::initializer_list<char const*> parts) {
    return std::any_of(parts.begin(), parts.end(), [&](char const* part) { return text.find(part) != std::string_view::npos; });
}

/// What follows a column's symbol: the rest of its word, and a bracket after it even if there are blanks between.
std::string_view unit_part(std::string_view rest) {
    std::size_t const begin = rest.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    bool const bracket = rest[begin] == '(' || rest[begin] == '[';
    if (begin > 0 && !bracket) return {};
    std::size_t const end = bracket ? rest.find(rest[begin] == '(' ? ')' : ']', begin) : rest.find_first_of(" \t\r,;", begin);
    return rest.substr(begin, std::min(end, rest.size()) - begin);
}

/// What is left of `text` behind the first of the symbols that it begins with as a word of its own.
std::optional<std::string_view> after_symbol(std::string_view text, std::initializer_list<std::string_view> symbols) {
    for (std::string_view const symbol : symbols) {
        if (!text.starts_with(symbol)) continue;
        std::string_view const rest = text.substr(symbol.size());
        if (rest.empty() || std::isalnum(static_cast<unsigned char>(rest.front())) == 0) return rest;
    }
    return std::nullopt;
}

/// The unit of the first column by its label, as programs and people write it: "2th_deg", "2theta (deg)", "2Theta[deg]", "tth",
/// "q_nm^-1", "Q (1/nm)", "Q($\AA^{-1}$)". 2 theta without a unit is in degrees; q without one is not told.
std::optional<RadialUnit> unit_of_column(std::string_view line) {
    std::string const words = lower(line);
    std::string_view label = words;
    label.remove_prefix(std::min(label.find_first_not_of(" \t\r#!,;'\""), label.size()));
    if (label.starts_with("l ") && words.find("#l ") != std::string::npos) label.remove_prefix(2); // SPEC's line of labels
    if (label.find('=') != std::string_view::npos) return std::nullopt;                            // a setting
    if (auto const rest = after_symbol(
            label, {"2-theta", "2_theta", "2 theta", "2theta", "two-theta", "two_theta", "two theta", "twotheta", "2th", "tth"}))
        return unit_part(*rest).find("rad") == std::string_view::npos ? RadialUnit::two_theta_deg : RadialUnit::two_theta_rad;
    if (auto const rest = after_symbol(label, {"q"})) {
        std::string_view const unit = unit_part(*rest);
        if (has_any(unit, {"nm"})) return RadialUnit::q_invnm;
        if (has_any(unit, {"a^-1", "a^{-1}", "a-1", "1/a", "inva", "ang", "\u00e5", "\u00c5", "\u212b"})) return RadialUnit::q_invA;
    }
    return std::nullopt;
}

/// Fit2D's axis labels are sentences: "2-Theta Angle (Degrees)", "Q (Inverse Nanometres)", "q_A^-1".
std::optional<RadialUnit> unit_of_sentence(std::string_view sentence) {
    std::string const text = lower(sentence);
    bool const two_theta = has_any(text, {"2-theta", "2theta", "two-theta", "2th"});
    if (two_theta && has_any(text, {"deg"})) return RadialUnit::two_theta_deg;
    if (two_theta && has_any(text, {"rad"})) return RadialUnit::two_theta_rad;
    if (has_any(text, {"inverse nano", "nm^-1", "nm-1"})) return RadialUnit::q_invnm;
    if (has_any(text, {"inverse ang", "a^-1", "a-1"})) return RadialUnit::q_invA;
    return unit_of_column(sentence);
}

/// A line that labels the columns: the one nearest to the data, or the second of four in Fit2D's.
std::optional<RadialUnit> unit_in_header(std::vector<Line> const& header, bool chi) {
    if (chi) return header.size() > 1 ? unit_of_sentence(header[1].text) : std::nullopt;
    for (auto line = header.rbegin(); line != header.rend(); ++line)
        if (auto const unit = unit_of_column(line->text)) return unit;
    return std::nullopt;
}

double to_q_invA(double x, RadialUnit unit, double wavelength_A) {
    constexpr double degree = std::numbers::pi / 180;
    switch (unit) {
    case RadialUnit::q_invA: return x;
    case RadialUnit::q_invnm: return x / 10;
    case RadialUnit::two_theta_deg: return q_invA(x * degree, wavelength_A);
    case RadialUnit::two_theta_rad: return q_invA(x, wavelength_A);
    case RadialUnit::r_mm: break;
    }
    return std::numeric_limits<double>::quiet_NaN();
}

/// Adds the data rows; anything else among them is a fault of the file, not a header.
PatternFile take_rows(std::vector<Line> const& rows, std::size_t columns, std::filesystem::path const& file) {
    PatternFile out;
    Pattern1D& p = out.pattern;
    for (Line const& line : rows) {
        if (line.comment) continue;
        if (line.numbers.size() != columns)
            fail(file, line.number, "not a row of " + std::to_string(columns) + " numbers (all rows before it are) correct or remove it");
        if (!std::all_of(line.numbers.begin(), line.numbers.end(), [](double v) { return std::isfinite(v); })) {
            ++out.skipped_rows;
            continue;
        }
        if (!p.radial.empty() && line.numbers[0] <= p.radial.back())
            fail(file, line.number, "the first column does not increase (the row before has the same or more) sort the file");
        if (columns > 2 && line.numbers[2] < 0) fail(file, line.number, "sigma is negative (the third column is sigma) correct it");
        p.radial.push_back(line.numbers[0]);
        p.intensity.push_back(line.numbers[1]);
        if (columns > 2) p.sigma.push_back(line.numbers[2]);
        if (columns != with_sums) continue;
        p.counts.push_back(line.numbers[3]);
        p.norm.push_back(line.numbers[4]);
        p.pixels.push_back(line.numbers[5]);
    }
    return out;
}

/// Without sigma the counts are all there is to judge by.
std::vector<double> poisson_sigma(std::vector<double> const& intensity) {
    double smallest = std::numeric_limits<double>::infinity();
    for (double const i : intensity)
        if (std::abs(i) > 0) smallest = std::min(smallest, std::abs(i));
    std::vector<double> sigma;
    for (double const i : intensity) sigma.push_back(std::sqrt(std::max(std::abs(i), smallest)));
    return sigma;
}

} // namespace

std::optional<RadialUnit> parse_pattern_unit(std::string_view text) {
    for (RadialUnit const unit : {RadialUnit::q_invA, RadialUnit::q_invnm, RadialUnit::two_theta_deg, RadialUnit::two_theta_rad})
        if (text == name(unit)) return unit;
    return std::nullopt;
}

PatternFile parse_pattern(std::string_view text, std::filesystem::path const& file, PatternFileOptions const& options) {
    constexpr std::size_t chi_header_lines = 4;
    bool const chi = lower(file.extension().string()) == ".chi";
    std::vector<Line> const lines = lines_of(text);
    std::size_t const columns = usual_columns(lines, file);
    auto const after_fixed = lines.begin() + static_cast<std::ptrdiff_t>(chi ? std::min(chi_header_lines, lines.size()) : 0);
    auto const data = std::find_if(after_fixed, lines.end(), [&](Line const& line) { return line.numbers.size() == columns; });

    PatternFile out = take_rows({data, lines.end()}, columns, file);
    Pattern1D& p = out.pattern;
    auto const unit = options.unit ? options.unit : unit_in_header({lines.begin(), data}, chi);
    p.unit = unit.value_or(RadialUnit::q_invA);
    out.unit_assumed = !unit;
    bool const angles = p.unit == RadialUnit::two_theta_deg || p.unit == RadialUnit::two_theta_rad;
    if (angles && !(options.wavelength_A > 0))
        fail(file, 1, "2 theta without a wavelength (q cannot be known) set beam.energy_keV in the configuration");
    for (double const x : p.radial) p.q_invA.push_back(to_q_invA(x, p.unit, options.wavelength_A));
    out.sigma_assumed = columns == 2;
    if (out.sigma_assumed) p.sigma = poisson_sigma(p.intensity);
    if (columns != with_sums) p.pixels.assign(p.radial.size(), 1.0);
    return out;
}

PatternFile read_pattern_file(std::filesystem::path const& path, PatternFileOptions const& options) {
    return parse_pattern(read_whole_file(path), path, options);
}

std::string read_whole_file(std::filesystem::path const& path) {
    std::ifstream in(path, std::ios::binary);
    std::string const reason = std::strerror(errno);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in.is_open() || std::filesystem::is_directory(path))
        throw IoError(path.string() + ": cannot be read (" + (in.is_open() ? "it is a directory" : reason) + ") check the path", false);
    return text;
}

} // namespace sqd
