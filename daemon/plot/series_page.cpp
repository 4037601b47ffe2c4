#include "daemon/plot/series_page.hpp"

#include "daemon/export/number_text.hpp"
#include "daemon/plot/chart.hpp"
#include "daemon/plot/ticks.hpp"
#include "daemon/publish/result_message.hpp"
#include "daemon/verbs/terminal_text.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace sqd {

namespace {

constexpr double series_page_width = 1400, series_page_height = 850, margin = 30, series_head_height = 60;

/// One number of every scan that has it.
template <class Add>
Chart trend(Series const& series, std::string const& title, std::string const& label, Add const& add) {
    Trace trace{{}, {}, {}, blue, TraceStyle::points, {}};
    for (SeriesScan const& scan : series.scans) {
        auto const [value, sigma] = add(scan.result.curves);
        trace.x.push_back(scan.at);
        trace.y.push_back(value);
        trace.sigma.push_back(sigma);
    }
    return {title, series.parameter, label, {std::move(trace)}, {}, {}, {}};
}

/// Curves of all scans in the colours of their parameter; the first and the last are named.
template <class Curve>
Chart overlay(Series const& series, std::string const& title, std::string const& x_label, std::string const& y_label, Curve const& curve) {
    Chart chart{title, x_label, y_label, {}, {}, {}, {}};
    double const low = series.scans.front().at, high = series.scans.back().at;
    for (std::size_t i = 0; i < series.scans.size(); ++i) {
        SeriesScan const& scan = series.scans[i];
        auto [x, y] = curve(scan.result.curves);
        constexpr double darkest_to_brightest = 0.9; // yellow on white is hard to see
        Trace trace{
            std::move(x), std::move(y), {}, cividis(high > low ? darkest_to_brightest * (scan.at - low) / (high - low) : 0), {}, {}};
        if (i == 0 || i + 1 == series.scans.size()) trace.label = shortest(scan.at);
        if (!trace.x.empty()) chart.traces.push_back(std::move(trace));
    }
    return chart;
}

using Value = std::pair<double, double>;
using Curve = std::pair<std::vector<double>, std::vector<double>>;
Value const nothing{no_number, no_number};

std::vector<Chart> charts_of(Series const& series) {
    auto const any = [&](auto const& has) {
        return std::any_of(series.scans.begin(), series.scans.end(), [&](SeriesScan const& scan) { return has(scan.result.curves); });
    };
    std::vector<Chart> out;
    if (any([](ReducedCurves const& c) { return c.fsdp.has_value(); })) {
        out.push_back(trend(series, "Position of the first sharp peak", "q1 (1/Å)", [](ReducedCurves const& c) {
            return c.fsdp ? Value{c.fsdp->q1, c.fsdp->q1_sigma} : nothing;
        }));
        out.push_back(trend(series, "Its width", "FWHM (1/Å)", [](ReducedCurves const& c) {
            return c.fsdp ? Value{c.fsdp->fwhm, c.fsdp->fwhm_sigma} : nothing;
        }));
    }
    bool const shells = any([](ReducedCurves const& c) { return c.gr && !c.gr->shells.empty(); });
    if (shells)
        out.push_back(trend(series, "First shell", "r (Å)", [](ReducedCurves const& c) {
            return c.gr && !c.gr->shells.empty() ? Value{c.gr->shells.front().r_A.value, c.gr->shells.front().r_A.sigma} : nothing;
        }));
    if (any([](ReducedCurves const& c) { return c.sq.has_value(); }))
        out.push_back(overlay(series, "S(q)", "q (1/Å)", "S", [](ReducedCurves const& c) {
            return c.sq ? Curve{c.sq->q_invA, c.sq->s} : Curve{};
        }));
    else
        out.push_back(overlay(series, "I(q)", "q (1/Å)", "counts / (norm s)", [](ReducedCurves const& c) {
            return Curve{c.pattern.q_invA, c.pattern.intensity};
        }));
    if (any([](ReducedCurves const& c) { return c.fsdp.has_value(); }))
        out.push_back(overlay(series, "The peak", "q (1/Å)", "", [](ReducedCurves const& c) {
            return c.fsdp ? Curve{c.fsdp->q_invA, c.fsdp->data} : Curve{};
        }));
    if (any([](ReducedCurves const& c) { return c.gr.has_value(); }))
        out.push_back(overlay(series, "G(r)", "r (Å)", "G (1/Å²)", [](ReducedCurves const& c) {
            return c.gr ? Curve{c.gr->r_A, c.gr->g} : Curve{};
        }));
    return out;
}

} // namespace

std::string series_page(Series const& series, PageKind kind) {
    std::int64_t last_ns = 0;
    for (auto const& scan : series.scans) last_ns = std::max(last_ns, scan.result.time.reduced_ns);
    Canvas canvas(kind, series_page_width, series_page_height, iso_time(last_ns));
    canvas.fill({0, 0, series_page_width, series_page_height}, paper);
    canvas.text(margin, margin + 12, printable("Series against " + series.parameter), {22, ink, Align::left, true});
    canvas.text(series_page_width - margin, margin + 8, std::to_string(series.scans.size()) + " scans   sqd " SQD_VERSION,
                {11, muted, Align::right});
    if (series.scans.empty()) return canvas.finish();
    auto const charts = charts_of(series);
    constexpr std::size_t columns = 3;
    double const width = (series_page_width - 2 * margin) / columns, height = (series_page_height - series_head_height - margin) / 2;
    for (std::size_t i = 0; i < charts.size(); ++i)
        draw_chart(canvas,
                   {margin + static_cast<double>(i % columns) * width, series_head_height + static_cast<double>(i / columns) * height,
                    width - 8, height - 6},
                   charts[i]);
    return canvas.finish();
}

} // namespace sqd
