// Text files, made whole in memory and then put in place.
#include "daemon/export/text_files.hpp"

#include "daemon/durable_file.hpp"
#include "daemon/export/calibration_lines.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <utility>

namespace sqd {

namespace {

constexpr std::size_t column_width = 17;

using Keys = std::vector<std::pair<std::string, std::string>>;

/// A number without the locale, shortest form that reads back the same.
std::string shortest(double value) {
    std::array<char, 32> text{};
    auto const end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return {text.data(), end};
}

/// `digits` after the point, exponent form, right-aligned to `width`.
void append_number(std::string& out, double value, int digits, std::size_t width) {
    std::array<char, 48> text{};
    auto const end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific, digits).ptr;
    auto const length = static_cast<std::size_t>(end - text.data());
    if (length < width) out.append(width - length, ' ');
    out.append(text.data(), length);
}

void append_right(std::string& out, std::string const& text, std::size_t width) {
    if (text.size() < width) out.append(width - text.size(), ' ');
    out += text;
}

using Columns = std::vector<std::vector<double> const*>;

/// A sigma that is absent leaves no column.
Columns columns_of(std::vector<double> const& x, std::vector<double> const& y, std::vector<double> const& sigma) {
    Columns columns{&x, &y};
    if (sigma.size() == x.size()) columns.push_back(&sigma);
    return columns;
}

void append_rows(std::string& out, Columns const& columns) {
    constexpr int digits = 9;
    for (std::size_t row = 0; row < columns.front()->size(); ++row) {
        for (auto const* column : columns) append_number(out, (*column)[row], digits, column_width);
        out += '\n';
    }
}

void put(std::filesystem::path const& path, std::string const& text, Overwrite overwrite) {
    auto const bytes = std::as_bytes(std::span(text));
    if (overwrite == Overwrite::yes)
        replace_file(path, bytes);
    else if (std::filesystem::exists(path))
        throw IoError(path.string() + ": exists already (nothing was replaced) give --overwrite or another folder", true);
    else
        create_file(path, bytes);
}

void append_keys(std::string& out, Keys const& keys) {
    for (auto const& [key, value] : keys)
        if (!value.empty()) out += key + " = " + value + "\n";
}

/// A line break inside would end the comment.
void append_comments(std::string& out, std::vector<std::string> const& comments) {
    for (std::string line : comments) {
        for (char& c : line)
            if (c == '\n' || c == '\r') c = ' ';
        out += "# " + line + "\n";
    }
}

/// Up to `#### start data`, which readers look for, and the labels of the columns.
std::string pdfgetx_head(TextHeader const& header, std::string const& type, Keys const& setup, std::string const& note,
                         std::string const& labels) {
    std::string out = "[DEFAULT]\n\nversion = sqd " SQD_VERSION "\n\n# input and output specifications\n";
    append_keys(out,
                {{"dataformat", "QA"}, {"inputfile", header.input_file}, {"backgroundfile", header.background_file}, {"outputtype", type}});
    out += "\n# PDF calculation setup\nmode = xray\n";
    append_keys(out, {{"composition", header.composition}});
    if (header.background_scale) append_keys(out, {{"bgscale", shortest(*header.background_scale)}});
    append_keys(out, setup);
    out += "# " + note + "\n";
    append_comments(out, header.comments);
    return out + "\n# End of config " + std::string(62, '-') + "\n#### start data\n\n#S 1\n#L " + labels + "\n";
}

Keys setup_of(StructureFactor const& sq) {
    Keys keys{{"qmin", shortest(sq.normalization.q_min_invA)},
              {"qmax", shortest(sq.normalization.q_max_invA)},
              {"sofq_form", sq.form},
              {"normalization", sq.normalization.method}};
    if (!sq.normalization.method.empty()) keys.emplace_back("alpha", shortest(sq.normalization.alpha));
    return keys;
}

void append_radii(Keys& keys, std::vector<double> const& r_A) {
    if (r_A.size() < 2) return;
    keys.emplace_back("rmin", shortest(r_A.front()));
    keys.emplace_back("rmax", shortest(r_A.back()));
    keys.emplace_back("rstep", shortest((r_A.back() - r_A.front()) / static_cast<double>(r_A.size() - 1)));
}

Keys setup_of(PairDistribution const& gr) {
    Keys keys{{"qmax", shortest(gr.q_max_invA)}, {"window", gr.window}};
    append_radii(keys, gr.r_A);
    if (gr.iterations > 0) {
        keys.emplace_back("low_r_cut", shortest(gr.low_r_cut_A));
        keys.emplace_back("low_r_iterations", std::to_string(gr.iterations));
    }
    return keys;
}

/// In PDFgetX3's names; the same for all its files, since each is made with all of them.
Keys setup_of(AdHocCurves const& a) {
    Keys keys{{"rpoly", shortest(a.rpoly_A)},   {"qmaxinst", shortest(a.q_max_inst_invA)},
              {"qmin", shortest(a.q_min_invA)}, {"qmax", shortest(a.gr.q_max_invA)},
              {"window", a.gr.window},          {"scale", shortest(a.scale)}};
    append_radii(keys, a.gr.r_A);
    return keys;
}

std::string const sq_note = "S(q) is Faber-Ziman, 1 at high q; sofq_form = laue_none leaves <f^2> - <f>^2 in";

} // namespace

TextHeader text_header(ReducedResult const& result) {
    TextHeader header;
    header.input_file = result.scan.id;
    header.background_file = result.provenance.background_uid;
    if (result.curves.net) header.background_scale = result.curves.background_scale;
    header.comments = calibration_lines(result);
    for (std::string const& line : {"scan uid " + result.scan.uid + ", result " + std::to_string(result.result) + ", " + name(result.state),
                                    "configuration sha256 " + result.provenance.config_sha256})
        header.comments.push_back(line);
    for (std::string const& flag : result.curves.flags) header.comments.push_back("flag " + flag);
    return header;
}

namespace {

std::string commented_head(TextHeader const& header) {
    std::string out;
    append_comments(out, {"sqd " SQD_VERSION});
    if (!header.input_file.empty()) append_comments(out, {"input " + header.input_file});
    if (!header.background_file.empty()) append_comments(out, {"background " + header.background_file});
    append_comments(out, header.comments);
    return out;
}

/// As Fit2D writes the axis.
std::string chi_label(RadialUnit unit) {
    switch (unit) {
    case RadialUnit::q_invA: return "q (Inverse Angstroms)";
    case RadialUnit::q_invnm: return "q (Inverse Nanometres)";
    case RadialUnit::two_theta_deg: return "2-Theta Angle (Degrees)";
    case RadialUnit::two_theta_rad: return "2-Theta Angle (Radians)";
    case RadialUnit::r_mm: return "Radial Distance (mm)";
    }
    return "";
}

} // namespace

void write_dat(std::filesystem::path const& path, Pattern1D const& pattern, TextHeader const& header, Overwrite overwrite) {
    std::string out = commented_head(header);
    append_comments(out, {"--> " + path.string()});
    Columns columns = columns_of(pattern.radial, pattern.intensity, pattern.sigma);
    bool const with_sums = columns.size() == 3 && pattern.counts.size() == pattern.radial.size();
    if (with_sums) columns.insert(columns.end(), {&pattern.counts, &pattern.norm, &pattern.pixels});
    std::array<std::string, 6> const labels{name(pattern.unit), "I", "sigma", "signal", "norm", "count"};
    out += '#';
    for (std::size_t i = 0; i < columns.size(); ++i) {
        append_right(out, labels[i], i == 0 ? column_width - 1 : column_width); // the first makes room for `#`
    }
    out += '\n';
    append_rows(out, columns);
    put(path, out, overwrite);
}

void write_xy(std::filesystem::path const& path, Pattern1D const& pattern, TextHeader const& header, Overwrite overwrite) {
    std::string out = commented_head(header);
    append_comments(out, {name(pattern.unit) + "  I  sigma"});
    append_rows(out, columns_of(pattern.radial, pattern.intensity, pattern.sigma));
    put(path, out, overwrite);
}

void write_chi(std::filesystem::path const& path, Pattern1D const& pattern, TextHeader const& header, Overwrite overwrite) {
    std::vector<double> radial, intensity;
    for (std::size_t i = 0; i < pattern.radial.size(); ++i) {
        if (!std::isfinite(pattern.intensity[i])) continue;
        radial.push_back(pattern.radial[i]);
        intensity.push_back(pattern.intensity[i]);
    }
    std::string title = header.input_file.empty() ? path.stem().string() : header.input_file;
    std::replace_if(
        title.begin(), title.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    std::string out = title + ": azimuthal integration, sqd " SQD_VERSION "\n" + chi_label(pattern.unit) + "\nIntensity\n";
    append_right(out, std::to_string(radial.size()), 8);
    out += '\n';
    append_rows(out, {&radial, &intensity});
    put(path, out, overwrite);
}

namespace {

/// How a file was made, in its head.
struct Making {
    Keys setup;
    std::string note;
};

void put_sq(std::filesystem::path const& path, Making const& making, StructureFactor const& sq, TextHeader const& header,
            Overwrite overwrite) {
    std::string out = pdfgetx_head(header, "sq", making.setup, making.note, "Q($\\AA^{-1}$)  S");
    append_rows(out, columns_of(sq.q_invA, sq.s, sq.s_sigma));
    put(path, out, overwrite);
}

void put_fq(std::filesystem::path const& path, Making const& making, StructureFactor const& sq, TextHeader const& header,
            Overwrite overwrite) {
    std::string out = pdfgetx_head(header, "fq", making.setup, making.note + "; F = q (S - 1)", "Q($\\AA^{-1}$)  F($\\AA^{-1}$)");
    std::vector<double> sigma(sq.s_sigma);
    for (std::size_t i = 0; i < sigma.size(); ++i) sigma[i] *= sq.q_invA[i];
    append_rows(out, columns_of(sq.q_invA, sq.f, sigma));
    put(path, out, overwrite);
}

void put_gr(std::filesystem::path const& path, Making const& making, PairDistribution const& gr, TextHeader const& header,
            Overwrite overwrite) {
    std::string out = pdfgetx_head(header, "gr", making.setup, making.note, "r($\\AA$)  G($\\AA^{-2}$)");
    append_rows(out, columns_of(gr.r_A, gr.g, gr.g_sigma));
    put(path, out, overwrite);
}

} // namespace

void write_sq(std::filesystem::path const& path, StructureFactor const& sq, TextHeader const& header, Overwrite overwrite) {
    put_sq(path, {setup_of(sq), sq_note}, sq, header, overwrite);
}

void write_fq(std::filesystem::path const& path, StructureFactor const& sq, TextHeader const& header, Overwrite overwrite) {
    put_fq(path, {setup_of(sq), sq_note}, sq, header, overwrite);
}

void write_gr(std::filesystem::path const& path, PairDistribution const& gr, TextHeader const& header, Overwrite overwrite) {
    put_gr(path, {setup_of(gr), "G(r) = 4 pi r (rho(r) - rho0), rho0 the number density"}, gr, header, overwrite);
}

std::vector<std::filesystem::path> write_ad_hoc(std::filesystem::path const& directory, std::string const& name, AdHocCurves const& curves,
                                                TextHeader const& header, Overwrite overwrite) {
    std::vector<std::filesystem::path> const files{directory / (name + ".sq"), directory / (name + ".fq"), directory / (name + ".gr")};
    Making const making{setup_of(curves), "ad hoc: the scale is arbitrary, and below rpoly G(r) has no meaning"};
    put_sq(files[0], making, curves.sq, header, overwrite);
    put_fq(files[1], making, curves.sq, header, overwrite);
    put_gr(files[2], making, curves.gr, header, overwrite);
    return files;
}

} // namespace sqd
