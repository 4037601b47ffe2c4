#include "daemon/plot/chart.hpp"

#include "daemon/plot/ticks.hpp"

#include <algorithm>
#include <cmath>

namespace sqd {

namespace {

constexpr double small = 10, left_margin = 58, right_margin = 14, top_margin = 24, bottom_margin = 40;

/// Values to places on the page.
struct Axes {
    Box box;
    std::pair<double, double> x, y;
    double at_x(double value) const { return box.x + box.width * (value - x.first) / (x.second - x.first); }
    double at_y(double value) const { return box.y + box.height * (1 - (value - y.first) / (y.second - y.first)); }
};

std::pair<double, double> x_range(Chart const& chart) {
    if (chart.x_range) return *chart.x_range;
    std::vector<double> all;
    bool points = false;
    for (Trace const& trace : chart.traces) {
        all.insert(all.end(), trace.x.begin(), trace.x.end());
        points = points || trace.style == TraceStyle::points;
    }
    return range_of(all, points ? 0.05 : 0);
}

/// Of what shows: values outside the range of x do not count. Bars of points do.
std::pair<double, double> y_range(Chart const& chart, std::pair<double, double> const& x) {
    if (chart.y_range) return *chart.y_range;
    std::vector<double> all;
    for (Trace const& trace : chart.traces)
        for (std::size_t i = 0; i < trace.x.size(); ++i) {
            if (trace.x[i] < x.first || trace.x[i] > x.second) continue;
            double const bar =
                trace.style == TraceStyle::points && !trace.sigma.empty() && std::isfinite(trace.sigma[i]) ? trace.sigma[i] : 0;
            all.insert(all.end(), {trace.y[i] - bar, trace.y[i] + bar});
        }
    return range_of(all, 0.06);
}

void draw_axes(Canvas& canvas, Axes const& axes, Chart const& chart) {
    Box const& box = axes.box;
    constexpr double mark = 4;
    for (Tick const& tick : ticks(axes.x.first, axes.x.second, 7)) {
        double const x = axes.at_x(tick.at);
        canvas.line({{x, box.y}, {x, box.y + box.height}}, faint, 0.5);
        canvas.line({{x, box.y + box.height}, {x, box.y + box.height + mark}}, ink, 0.8);
        canvas.text(x, box.y + box.height + mark + small, tick.label, {small, ink, Align::center});
    }
    for (Tick const& tick : ticks(axes.y.first, axes.y.second, 5)) {
        double const y = axes.at_y(tick.at);
        canvas.line({{box.x, y}, {box.x + box.width, y}}, faint, 0.5);
        canvas.line({{box.x - mark, y}, {box.x, y}}, ink, 0.8);
        canvas.text(box.x - mark - 2, y + small / 3, tick.label, {small, ink, Align::right});
    }
    canvas.frame(box, ink, 0.8);
    canvas.text(box.x + box.width / 2, box.y + box.height + bottom_margin - 8, chart.x_label, {small + 1, ink, Align::center});
    canvas.text(box.x - left_margin + small + 2, box.y + box.height / 2, chart.y_label, {small + 1, ink, Align::center, false, true});
    canvas.text(box.x, box.y - 8, chart.title, {small + 2, ink, Align::left, true});
}

/// Runs of neighbours that are all finite.
std::vector<std::pair<std::size_t, std::size_t>> runs(Trace const& trace) {
    std::vector<std::pair<std::size_t, std::size_t>> out;
    bool open = false;
    for (std::size_t i = 0; i < trace.x.size(); ++i) {
        bool const there = std::isfinite(trace.x[i]) && std::isfinite(trace.y[i]);
        if (there && !open) out.emplace_back(i, i);
        if (there) out.back().second = i + 1;
        open = there;
    }
    return out;
}

void draw_band(Canvas& canvas, Axes const& axes, Trace const& trace, std::size_t first, std::size_t last) {
    Points band;
    auto const spread = [&](std::size_t i) { return std::isfinite(trace.sigma[i]) ? trace.sigma[i] : 0; };
    for (std::size_t i = first; i < last; ++i) band.emplace_back(axes.at_x(trace.x[i]), axes.at_y(trace.y[i] + spread(i)));
    for (std::size_t i = last; i > first; --i) band.emplace_back(axes.at_x(trace.x[i - 1]), axes.at_y(trace.y[i - 1] - spread(i - 1)));
    canvas.polygon(band, faded(trace.color, 0.25));
}

void draw_curve(Canvas& canvas, Axes const& axes, Trace const& trace) {
    constexpr double width = 1.2, dash = 5;
    for (auto const& [first, last] : runs(trace)) {
        if (!trace.sigma.empty()) draw_band(canvas, axes, trace, first, last);
        Points points;
        for (std::size_t i = first; i < last; ++i) points.emplace_back(axes.at_x(trace.x[i]), axes.at_y(trace.y[i]));
        canvas.line(points, trace.color, width, trace.style == TraceStyle::dashed ? dash : 0);
    }
}

void draw_points(Canvas& canvas, Axes const& axes, Trace const& trace) {
    constexpr std::size_t many = 200;
    double const radius = trace.x.size() > many ? 1.2 : 2.5;
    for (std::size_t i = 0; i < trace.x.size(); ++i) {
        if (!std::isfinite(trace.x[i]) || !std::isfinite(trace.y[i])) continue;
        double const x = axes.at_x(trace.x[i]);
        if (!trace.sigma.empty() && std::isfinite(trace.sigma[i]))
            canvas.line({{x, axes.at_y(trace.y[i] - trace.sigma[i])}, {x, axes.at_y(trace.y[i] + trace.sigma[i])}}, faded(trace.color, 0.6),
                        0.8);
        canvas.circle(x, axes.at_y(trace.y[i]), radius, trace.color);
    }
}

void draw_legend(Canvas& canvas, Axes const& axes, Chart const& chart) {
    double y = axes.box.y + small + 4;
    for (Trace const& trace : chart.traces) {
        if (trace.label.empty()) continue;
        double const right = axes.box.x + axes.box.width - 8, width = canvas.text_width(trace.label, {small});
        canvas.text(right, y, trace.label, {small, ink, Align::right});
        double const from = right - width - 24;
        if (trace.style == TraceStyle::points)
            canvas.circle(from + 9, y - 3.5, 2.5, trace.color);
        else
            canvas.line({{from, y - 3.5}, {from + 18, y - 3.5}}, trace.color, 2, trace.style == TraceStyle::dashed ? 4 : 0);
        y += small + 4;
    }
}

Box inner(Box const& box) {
    return {box.x + left_margin, box.y + top_margin, box.width - left_margin - right_margin, box.height - top_margin - bottom_margin};
}

void hatch(Canvas& canvas, Box const& cell) {
    canvas.fill(cell, {0.93, 0.93, 0.93});
    canvas.line({{cell.x, cell.y + cell.height}, {cell.x + cell.width, cell.y}}, muted, 0.5);
}

void draw_scale(Canvas& canvas, Box const& box, std::pair<double, double> const& range, std::string const& label) {
    constexpr int steps = 64;
    for (int i = 0; i < steps; ++i)
        canvas.fill({box.x, box.y + box.height * (steps - 1 - i) / steps, box.width, box.height / steps + 0.5}, cividis((i + 0.5) / steps));
    canvas.frame(box, ink, 0.8);
    for (Tick const& tick : ticks(range.first, range.second, 4)) {
        double const y = box.y + box.height * (1 - (tick.at - range.first) / (range.second - range.first));
        canvas.text(box.x + box.width + 4, y + small / 3, tick.label, {small, ink});
    }
    canvas.text(box.x + box.width, box.y - 8, label, {small, ink, Align::right});
}

} // namespace

void draw_chart(Canvas& canvas, Box const& box, Chart const& chart) {
    auto const x = x_range(chart);
    Axes const axes{inner(box), x, y_range(chart, x)};
    draw_axes(canvas, axes, chart);
    canvas.clip(axes.box);
    if (chart.level)
        canvas.line({{axes.box.x, axes.at_y(*chart.level)}, {axes.box.x + axes.box.width, axes.at_y(*chart.level)}}, muted, 0.8, 2);
    for (Trace const& trace : chart.traces)
        trace.style == TraceStyle::points ? draw_points(canvas, axes, trace) : draw_curve(canvas, axes, trace);
    canvas.unclip();
    draw_legend(canvas, axes, chart);
}

void draw_map(Canvas& canvas, Box const& box, MapChart const& map) {
    constexpr double scale_width = 12, scale_room = 70, seam = 0.4;
    auto const range = robust_range(map.values.pixels, 0.02);
    Box area = inner(box);
    area.width -= scale_room;
    auto const rows = static_cast<double>(map.values.rows), cols = static_cast<double>(map.values.cols);
    double const cell = std::min(area.width / cols, area.height / rows);
    Box const grid{area.x + (area.width - cell * cols) / 2, area.y + (area.height - cell * rows) / 2, cell * cols, cell * rows};
    for (std::size_t row = 0; row < map.values.rows; ++row)
        for (std::size_t col = 0; col < map.values.cols; ++col) {
            double const value = map.values(row, col);
            Box const at{grid.x + cell * static_cast<double>(col), grid.y + cell * static_cast<double>(row), cell, cell};
            Box const filled{at.x, at.y, cell + seam, cell + seam}; // edges between pixels of the page would shine through
            std::isfinite(value) ? canvas.fill(filled, cividis((value - range.first) / (range.second - range.first))) : hatch(canvas, at);
        }
    canvas.frame(grid, ink, 0.8);
    canvas.text(area.x, area.y - 8, map.title, {small + 2, ink, Align::left, true});
    draw_scale(canvas, {area.x + area.width + 8, area.y, scale_width, area.height}, range, map.label);
    canvas.text(grid.x + grid.width / 2, grid.y + grid.height + small + 6,
                std::to_string(map.values.rows) + " x " + std::to_string(map.values.cols) + " points", {small, muted, Align::center});
}

} // namespace sqd
