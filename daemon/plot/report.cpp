#include "daemon/plot/report.hpp"

#include "daemon/export/number_text.hpp"
#include "daemon/flag_words.hpp"
#include "daemon/plot/chart.hpp"
#include "daemon/plot/ticks.hpp"
#include "daemon/publish/result_message.hpp"
#include "daemon/verbs/terminal_text.hpp"
#include "pipeline/core/units.hpp"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

namespace sqd {

namespace {

constexpr double page_width = 1400, page_height = 990, edge = 30, head_height = 122, foot_height = 172;
constexpr std::size_t panel_columns = 3, most_panels = 6;

using Panel = std::function<void(Canvas&, Box const&)>;

std::string const q_label = "q (1/Å)";

Panel chart_panel(Chart chart) {
    return [chart = std::move(chart)](Canvas& canvas, Box const& box) { draw_chart(canvas, box, chart); };
}

Panel pattern_panel(ReducedCurves const& c) {
    Chart chart{"I(q)", q_label, "counts / (norm s)", {{c.pattern.q_invA, c.pattern.intensity, c.pattern.sigma, blue, {}, "measured"}}, {},
                {},     {}};
    if (c.background) {
        Trace air{c.background->q_invA, c.background->intensity, {}, muted, TraceStyle::dashed, "background x scale"};
        for (double& i : air.y) i *= c.background_scale;
        chart.traces.push_back(std::move(air));
    }
    if (c.net) chart.traces.push_back({c.net->q_invA, c.net->intensity, c.net->sigma, vermilion, TraceStyle::line, "net"});
    return chart_panel(std::move(chart));
}

Panel sq_panel(StructureFactor const& sq) {
    return chart_panel({"S(q)", q_label, "S", {{sq.q_invA, sq.s, sq.s_sigma}}, {}, {}, 1.0});
}

Panel fq_panel(StructureFactor const& sq) {
    std::vector<double> sigma(sq.s_sigma);
    for (std::size_t i = 0; i < sigma.size(); ++i) sigma[i] *= sq.q_invA[i];
    return chart_panel({"F(q) = q (S - 1)", q_label, "F (1/Å)", {{sq.q_invA, sq.f, sigma}}, {}, {}, 0.0});
}

/// Data and fit above, what is between them below, in sigmas.
Panel peak_panel(Fsdp const& f) {
    Chart const fit{"First sharp peak, " + f.model,
                    "",
                    f.on == "pattern" ? "I" : "S",
                    {{f.q_invA, f.data, f.data_sigma, blue, TraceStyle::points, "data"}, {f.q_invA, f.fit, {}, vermilion, {}, "fit"}},
                    std::pair{f.window_low, f.window_high},
                    {},
                    {}};
    Chart const residual{"", q_label, "(data - fit) / σ", {{f.q_invA, f.residual, {}, muted}}, fit.x_range, {}, 0.0};
    return [fit, residual](Canvas& canvas, Box const& box) {
        constexpr double part = 0.68, overlap = 24;
        draw_chart(canvas, {box.x, box.y, box.width, box.height * part}, fit);
        draw_chart(canvas, {box.x, box.y + box.height * part - overlap, box.width, box.height * (1 - part) + overlap}, residual);
    };
}

Panel gr_panel(PairDistribution const& gr) {
    Chart chart{"G(r), window " + gr.window, "r (Å)", "G (1/Å²)", {{gr.r_A, gr.g, gr.g_sigma}}, {}, {}, 0.0};
    constexpr double shown_A = 20;
    chart.x_range = {0, std::min(gr.r_A.back(), shown_A)};
    return chart_panel(std::move(chart));
}

Panel map_panel(PointTable const& points, MapGrid const& grid, std::string const& title, std::string const& label,
                std::vector<double> const& values) {
    return [map = MapChart{title, label, on_grid(points, grid, values)}](Canvas& canvas, Box const& box) { draw_map(canvas, box, map); };
}

/// Counts of each frame, those that were left out in another colour.
Panel trend_panel(ArchivedResult const& archived) {
    PointTable const& points = *archived.result.points;
    Trace used{{}, {}, {}, blue, TraceStyle::points, "used"}, left_out{{}, {}, {}, vermilion, TraceStyle::points, "left out"};
    for (std::size_t i = 0; i < points.number.size(); ++i) {
        Trace& trace = points.reason[i].empty() ? used : left_out;
        trace.x.push_back(static_cast<double>(points.number[i]));
        trace.y.push_back(archived.point_counts[i]);
    }
    Chart chart{"Counts of each frame", "frame", "counts", {std::move(used)}, {}, {}, {}};
    if (!left_out.x.empty()) chart.traces.push_back(std::move(left_out));
    return chart_panel(std::move(chart));
}

void add_points(std::vector<Panel>& panels, ArchivedResult const& archived) {
    ReducedResult const& result = archived.result;
    if (!result.points || result.points->number.empty()) return;
    PointTable const& points = *result.points;
    if (!result.scan.grid && points.number.size() == 1) return; // a point is no trend
    if (!result.scan.grid) return panels.push_back(trend_panel(archived));
    MapGrid const& grid = *result.scan.grid;
    std::vector<double> q1;
    for (PointPeak const& peak : points.peaks) q1.push_back(peak.q1);
    if (!q1.empty()) panels.push_back(map_panel(points, grid, "q1 of each point", "1/Å", q1));
    if (panels.size() < most_panels) panels.push_back(map_panel(points, grid, "Counts of each point", "counts", archived.point_counts));
}

std::vector<Panel> panels_of(ArchivedResult const& archived) {
    ReducedCurves const& c = archived.result.curves;
    std::vector<Panel> panels;
    if (!c.pattern.q_invA.empty()) panels.push_back(pattern_panel(c));
    if (c.sq) panels.push_back(sq_panel(*c.sq));
    if (c.fsdp && !c.fsdp->q_invA.empty()) panels.push_back(peak_panel(*c.fsdp));
    if (c.sq) panels.push_back(fq_panel(*c.sq));
    if (c.gr) panels.push_back(gr_panel(*c.gr));
    add_points(panels, archived);
    return panels;
}

std::string peak_sentence(Fsdp const& f) {
    std::string out = "q1 = " + with_digits(f.q1, f.q1_sigma) + " 1/Å";
    if (f.q1_sigma_geometry > 0) out += "   distance " + short_sigma(f.q1_sigma_geometry);
    if (f.q1_sigma_model > 0) out += "   model " + short_sigma(f.q1_sigma_model);
    out += "      FWHM = " + with_digits(f.fwhm, f.fwhm_sigma) + " 1/Å      height " + with_digits(f.height, f.height_sigma);
    return out + "      χ² = " + fixed(f.chi2_reduced, 2);
}

void draw_head(Canvas& canvas, ArchivedResult const& archived) {
    ReducedResult const& r = archived.result;
    double y = edge + 14;
    canvas.text(edge, y, printable(r.scan.id), {22, ink, Align::left, true});
    std::string when = r.time.first_frame_ns == 0 ? "" : iso_time(r.time.first_frame_ns).substr(0, 19) + " UTC   ";
    when += name(r.scan.role) + std::string(", ") + name(r.state) + ", result " + std::to_string(r.result);
    canvas.text(page_width - edge, y - 4, when, {12, ink, Align::right});
    canvas.text(page_width - edge, y + 12, r.scan.uid + "   sqd " + r.provenance.version, {10, muted, Align::right});
    std::string announced;
    for (auto const& [name, value] : r.scan.parameters) announced += (announced.empty() ? "" : "   ") + name + " = " + shortest(value);
    if (!r.scan.mount.empty()) announced += (announced.empty() ? "" : "   ") + ("mount " + r.scan.mount);
    canvas.text(edge, y += 22, printable(announced), {12, muted});
    if (r.curves.fsdp) canvas.text(edge, y += 26, peak_sentence(*r.curves.fsdp), {17, blue, Align::left, true});
    for (std::string const& sentence : {archived.advice, archived.comparison})
        if (!sentence.empty()) canvas.text(edge, y += 18, printable(sentence), {12, ink});
}

/// Words from left to right, lines from above; what does not fit below is not there, and three dots say so.
void draw_wrapped(Canvas& canvas, Box const& box, std::vector<std::string> const& lines) {
    constexpr double size = 10.5, step = 14;
    double y = box.y + step;
    TextStyle const style{size};
    auto const put = [&](std::string const& words) {
        bool const last = y + step > box.y + box.height;
        if (y <= box.y + box.height) canvas.text(box.x, y, last ? words + " ..." : words, style);
        y += step;
    };
    for (std::string const& text : lines) {
        std::string line;
        for (std::size_t at = 0; at < text.size();) {
            std::size_t const end = std::min(text.find(' ', at), text.size());
            std::string const word = text.substr(at, end - at), longer = line.empty() ? word : line + ' ' + word;
            if (!line.empty() && canvas.text_width(longer, style) > box.width) {
                put(line);
                line = "    " + word;
            } else {
                line = longer;
            }
            at = end + 1;
        }
        put(line);
    }
}

std::vector<std::string> settings(ReducedResult const& r) {
    Geometry const& g = r.geometry;
    std::vector<std::string> out;
    auto const add = [&](std::string const& label, std::string const& value) {
        if (!value.empty()) out.push_back(label + ": " + printable(value));
    };
    add("Detector", r.detector + ", distance " + fixed(g.distance_m * 1e3, 2) + " mm, poni " + fixed(g.poni1_m * 1e3, 2) + ", " +
                        fixed(g.poni2_m * 1e3, 2) + " mm" +
                        (g.wavelength_A > 0 ? ", " + fixed(energy_keV(g.wavelength_A), 3) + " keV" : ""));
    std::string sample = r.sample.composition.text;
    if (r.sample.density_g_cm3) sample += ", " + shortest(*r.sample.density_g_cm3) + " g/cm³";
    if (r.sample.thickness_um > 0) sample += ", " + shortest(r.sample.thickness_um) + " µm";
    if (r.curves.transmission) sample += ", transmission " + fixed(*r.curves.transmission, 4);
    add("Sample", sample);
    add("Frames", std::to_string(r.frames.used) + " used of " + std::to_string(r.frames.received) + " received, " +
                      std::to_string(r.frames.rejected) + " rejected, " + std::to_string(r.frames.missing) + " missing");
    if (r.curves.net) add("Background", r.provenance.background_uid + ", scale " + fixed(r.curves.background_scale, 4));
    if (auto const& sq = r.curves.sq)
        add("S(q)",
            sq->form + ", " + sq->normalization.method + ", alpha " + with_digits(sq->normalization.alpha, sq->normalization.alpha_sigma));
    add("Masks", text_of_masks(r.provenance.integration));
    std::string corrections;
    for (std::string const& each : r.provenance.corrections) corrections += (corrections.empty() ? "" : ", ") + each;
    add("Corrections", corrections);
    return out;
}

void draw_foot(Canvas& canvas, ReducedResult const& r) {
    double const top = page_height - foot_height, half = (page_width - 3 * edge) / 2, height = foot_height - edge / 2;
    canvas.line({{edge, top}, {page_width - edge, top}}, faint, 1);
    draw_wrapped(canvas, {edge, top + 2, half, height}, settings(r));
    std::vector<std::string> flags = flags_in_words(r.curves.flags);
    if (r.curves.fsdp)
        for (std::string& of_peak : flags_in_words(r.curves.fsdp->flags)) flags.push_back(std::move(of_peak));
    for (std::string& flag : flags) flag = printable(flag);
    if (flags.empty()) flags.emplace_back("no flags");
    draw_wrapped(canvas, {2 * edge + half, top + 2, half, height}, flags);
}

} // namespace

std::string report_page(ArchivedResult const& archived, PageKind kind) {
    Canvas canvas(kind, page_width, page_height, iso_time(archived.result.time.reduced_ns));
    canvas.fill({0, 0, page_width, page_height}, paper);
    draw_head(canvas, archived);
    auto const panels = panels_of(archived);
    double const width = (page_width - 2 * edge) / panel_columns, rows = panels.size() > panel_columns ? 2 : 1,
                 height = (page_height - head_height - edge - foot_height) / rows;
    for (std::size_t i = 0; i < std::min(panels.size(), most_panels); ++i) {
        auto const col = static_cast<double>(i % panel_columns), row = static_cast<double>(i / panel_columns);
        panels[i](canvas, {edge + col * width, edge + head_height + row * height, width - 8, height - 6});
    }
    draw_foot(canvas, archived.result);
    return canvas.finish();
}

} // namespace sqd
