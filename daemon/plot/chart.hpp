// Curves in a frame with axes, and maps with a scale of colours.
#pragma once

#include "daemon/plot/canvas.hpp"
#include "daemon/plot/palette.hpp"
#include "pipeline/core/image.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sqd {

enum class TraceStyle { line, dashed, points };

/// One curve. Where a value is not finite the line has a gap.
struct Trace {
    std::vector<double> x, y;
    std::vector<double> sigma = {}; ///< a band about a line, bars on points; empty = none
    Color color = blue;
    TraceStyle style = TraceStyle::line;
    std::string label = {}; ///< in the legend; empty = not there
};

struct Chart {
    std::string title, x_label, y_label;
    std::vector<Trace> traces;
    std::optional<std::pair<double, double>> x_range, y_range; ///< absent = of the traces
    std::optional<double> level = {};                          ///< a thin line across, 1 of S(q)
};

/// Fills the box: title above, labels outside the frame, legend inside.
void draw_chart(Canvas& canvas, Box const& box, Chart const& chart);

struct MapChart {
    std::string title, label; ///< label of the colours
    Image<double> values;     ///< rows from above; what is not finite is hatched
};
void draw_map(Canvas& canvas, Box const& box, MapChart const& map);

} // namespace sqd
