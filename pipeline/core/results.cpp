// Names of the states of a result, and what its provenance says.
#include "pipeline/core/results.hpp"

#include <algorithm>
#include <cstddef>

namespace sqd {

std::string name(ResultState state) {
    switch (state) {
    case ResultState::partial: return "partial";
    case ResultState::final: return "final";
    case ResultState::aborted: return "aborted";
    }
    return "unknown";
}

bool applied(Provenance const& provenance, std::string_view correction) {
    auto const& names = provenance.corrections;
    return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return name.substr(0, name.find(' ')) == correction; });
}

std::string text_of_masks(IntegrationNote const& note) {
    std::string out;
    for (std::string const& mask : note.masks) out += (out.empty() ? "" : ", ") + mask;
    return out;
}

Image<double> on_grid(PointTable const& points, MapGrid const& grid, std::vector<double> const& values) {
    Image<double> out(grid.rows, grid.cols);
    std::fill(out.pixels.begin(), out.pixels.end(), std::numeric_limits<double>::quiet_NaN());
    auto const put = [&](std::uint64_t number, double value) {
        std::uint64_t const at = grid.place(number);
        if (at < out.pixels.size()) out.pixels[at] = value;
    };
    auto number = points.frame_numbers.begin();
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (points.frames.empty()) put(points.number[i], values[i]);
        for (auto left = points.frames.empty() ? 0 : points.frames[i]; left > 0; --left) put(*number++, values[i]);
    }
    return out;
}

} // namespace sqd
