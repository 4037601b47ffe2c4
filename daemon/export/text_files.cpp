// Text files, made whole in memory and then put in place.
#include "daemon/export/text_files.hpp"

#include "daemon/durable_file.hpp"
#include "daemon/export/calibration_lines.hpp"
#include "daemon/export/number_text.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

namespace sqd {

namespace {

constexpr std::size_t column_width = 17;

using Keys = std::vector<std::pair<std::string, std::string>>;

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

/// Readers of PDFgetX3's files take `key = number` from anywhere above the data, comments too: diffpy makes a doping of `x=1030.5`.
std::string without_equals(std::string text) {
    for (std::size_t at = text.find('='); at != text.npos; at = text.find('=', at)) text.replace(at, 1, ": ");
    return text;
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
    std::vector<std::string> comments{note};
    comments.insert(comments.end(), header.comments.begin(), header.comments.end());
    for (std::string& comment : comments) comment = without_equals(std::move(comment));
    append_comments(out, comments);
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

std::string const sq_note = "S(q) is Faber-Ziman, 1 at high q; sofq_form laue_none leaves <f^2> - <f>^2 in";

} // namespace

TextHeader text_header(ReducedResult const& result) {
    TextHeader header;
    header.input_file = result.scan.id;
    header.background_file = result.provenance.background_uid;
    header.composition = result.sample.composition.text;
    if (result.curves.net) header.background_scale = result.curves.background_scale;
    header.comments = calibration_lines(result);
    for (auto const& [name, value] : result.scan.parameters) header.comments.push_back("parameter " + name + ": " + shortest(value));
    for (std::string const& line : {"scan uid " + result.scan.uid + ", result " + std::to_string(result.result) + ", " + name(result.state),
                                    "configuration sha256 " + result.provenance.config_sha256})
        header.comments.push_back(line);
    for (std::string const& flag : result.curves.flags) header.comments.push_back("flag " + flag);
    return header;
}

std::string commented_head(TextHeader const& header) {
    std::string out;
    append_comments(out, {"sqd " SQD_VERSION});
    if (!header.input_file.empty()) append_comments(out, {"input " + header.input_file});
    if (!header.background_file.empty()) append_comments(out, {"background " + header.background_file});
    append_comments(out, header.comments);
    return out;
}

namespace {

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

std::string dat_text(Pattern1D const& pattern, TextHeader const& header, std::string const& file) {
    std::string out = commented_head(header);
    append_comments(out, {"--> " + file});
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
    return out;
}

std::string xy_text(Pattern1D const& pattern, TextHeader const& header) {
    std::string out = commented_head(header);
    append_comments(out, {name(pattern.unit) + "  I  sigma"});
    append_rows(out, columns_of(pattern.radial, pattern.intensity, pattern.sigma));
    return out;
}

std::string chi_text(Pattern1D const& pattern, TextHeader const& header, std::string const& name) {
    std::vector<double> radial, intensity;
    for (std::size_t i = 0; i < pattern.radial.size(); ++i) {
        if (!std::isfinite(pattern.intensity[i])) continue;
        radial.push_back(pattern.radial[i]);
        intensity.push_back(pattern.intensity[i]);
    }
    std::string title = header.input_file.empty() ? name : header.input_file;
    std::replace_if(
        title.begin(), title.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    std::string out = title + ": azimuthal integration, sqd " SQD_VERSION "\n" + chi_label(pattern.unit) + "\nIntensity\n";
    append_right(out, std::to_string(radial.size()), 8);
    out += '\n';
    append_rows(out, Columns{&radial, &intensity});
    return out;
}

namespace {

/// How a file was made, in its head.
struct Making {
    Keys setup;
    std::string note;
};

std::string sq_text(Making const& making, StructureFactor const& sq, TextHeader const& header) {
    std::string out = pdfgetx_head(header, "sq", making.setup, making.note, "Q($\\AA^{-1}$)  S");
    append_rows(out, columns_of(sq.q_invA, sq.s, sq.s_sigma));
    return out;
}

std::string fq_text(Making const& making, StructureFactor const& sq, TextHeader const& header) {
    std::string out = pdfgetx_head(header, "fq", making.setup, making.note + "; F is q (S - 1)", "Q($\\AA^{-1}$)  F($\\AA^{-1}$)");
    std::vector<double> sigma(sq.s_sigma);
    for (std::size_t i = 0; i < sigma.size(); ++i) sigma[i] *= sq.q_invA[i];
    append_rows(out, columns_of(sq.q_invA, sq.f, sigma));
    return out;
}

/// Readers take the third column for an uncertainty of r, and none where it is 0; the fourth is that of G.
std::string gr_text(Making const& making, PairDistribution const& gr, TextHeader const& header) {
    bool const with_sigma = gr.g_sigma.size() == gr.r_A.size();
    std::string const labels = "r($\\AA$)  G($\\AA^{-2}$)";
    std::string out = pdfgetx_head(header, "gr", making.setup, making.note, with_sigma ? labels + "  dr($\\AA$)  dG($\\AA^{-2}$)" : labels);
    std::vector<double> const exact(gr.r_A.size());
    append_rows(out, with_sigma ? Columns{&gr.r_A, &gr.g, &exact, &gr.g_sigma} : Columns{&gr.r_A, &gr.g});
    return out;
}

Making making_of(AdHocCurves const& curves) {
    return {setup_of(curves), "ad hoc: the scale is arbitrary, and below rpoly G(r) has no meaning"};
}

} // namespace

std::string sq_text(StructureFactor const& sq, TextHeader const& header) {
    return sq_text({setup_of(sq), sq_note}, sq, header);
}

std::string fq_text(StructureFactor const& sq, TextHeader const& header) {
    return fq_text({setup_of(sq), sq_note}, sq, header);
}

std::string gr_text(PairDistribution const& gr, TextHeader const& header) {
    return gr_text({setup_of(gr), "G(r) is 4 pi r (rho(r) - rho0), rho0 the number density"}, gr, header);
}

std::string sq_text(AdHocCurves const& curves, TextHeader const& header) {
    return sq_text(making_of(curves), curves.sq, header);
}

std::string fq_text(AdHocCurves const& curves, TextHeader const& header) {
    return fq_text(making_of(curves), curves.sq, header);
}

std::string gr_text(AdHocCurves const& curves, TextHeader const& header) {
    return gr_text(making_of(curves), curves.gr, header);
}

void write_dat(std::filesystem::path const& path, Pattern1D const& pattern, TextHeader const& header, Overwrite overwrite) {
    put(path, dat_text(pattern, header, path.string()), overwrite);
}

void write_xy(std::filesystem::path const& path, Pattern1D const& pattern, TextHeader const& header, Overwrite overwrite) {
    put(path, xy_text(pattern, header), overwrite);
}

void write_chi(std::filesystem::path const& path, Pattern1D const& pattern, TextHeader const& header, Overwrite overwrite) {
    put(path, chi_text(pattern, header, path.stem().string()), overwrite);
}

void write_sq(std::filesystem::path const& path, StructureFactor const& sq, TextHeader const& header, Overwrite overwrite) {
    put(path, sq_text(sq, header), overwrite);
}

void write_fq(std::filesystem::path const& path, StructureFactor const& sq, TextHeader const& header, Overwrite overwrite) {
    put(path, fq_text(sq, header), overwrite);
}

void write_gr(std::filesystem::path const& path, PairDistribution const& gr, TextHeader const& header, Overwrite overwrite) {
    put(path, gr_text(gr, header), overwrite);
}

std::vector<std::filesystem::path> write_ad_hoc(std::filesystem::path const& directory, std::string const& name, AdHocCurves const& curves,
                                                TextHeader const& header, Overwrite overwrite) {
    std::vector<std::filesystem::path> const files{directory / (name + ".sq"), directory / (name + ".fq"), directory / (name + ".gr")};
    put(files[0], sq_text(curves, header), overwrite);
    put(files[1], fq_text(curves, header), overwrite);
    put(files[2], gr_text(curves, header), overwrite);
    return files;
}

} // namespace sqd
