#include "daemon/publish/point_message.hpp"

#include "daemon/publish/message_builder.hpp"
#include "pipeline/reduce/point_curve.hpp"

#include <algorithm>

namespace sqd {
namespace {

bool lies_at(FrameCounts const& point, MapGrid const& grid, std::uint64_t place) {
    bool found = false;
    for_each_frame(point, [&](JoinedFrame const& frame, auto) { found = found || grid.place(frame.number) == place; });
    return found;
}

void put_curve(MessageBuilder& builder, PointCurve const& curve) {
    Pattern1D const& p = curve.pattern;
    builder.array("q", inv_A, p.q_invA);
    if (p.unit != RadialUnit::q_invA) builder.array("radial", "", p.radial);
    builder.array("I", "", p.intensity).array("I_sigma", "", p.sigma);
    if (curve.net) builder.array("net", "", curve.net->intensity).array("net_sigma", "", curve.net->sigma);
}

} // namespace

MapPoints map_points(ReductionJob const& job, ReducedResult const& result) {
    MapPoints out{result.scan, result.result, result.state, job.counts, std::nullopt, 0, result.curves.rejected};
    if (applied(result.provenance, "dark") || applied(result.provenance, "dead_time")) return out;
    out.background = result.curves.background;
    out.background_scale = result.curves.background_scale;
    return out;
}

std::optional<WireMessage> point_message(MapPoints const& map, std::uint64_t place, Speaker const& speaker) {
    MapGrid const& grid = *map.scan.grid;
    FrameList const& points = map.counts.frames;
    auto const found = std::ranges::find_if(points, [&](auto const& point) { return lies_at(*point, grid, place); });
    if (found == points.end() || place >= grid.rows * grid.cols) return std::nullopt;
    FrameCounts const& point = **found;
    MessageBuilder builder("point", speaker);
    Json& header = builder.header();
    header["scan"] = scan_json(map.scan);
    header["result"] = map.result;
    header["state"] = name(map.state);
    builder.value("row", static_cast<double>(place / grid.cols)).value("column", static_cast<double>(place % grid.cols));
    builder.value("number", static_cast<double>(point.number)).value("frames", static_cast<double>(frames_in(point)));
    builder.value("exposure", point.exposure_s, "s").value("monitor", point.monitor);
    if (map.background) builder.value("background_scale", map.background_scale);
    put_curve(builder, point_curve(*map.counts.bins, *found, map.background ? &*map.background : nullptr, map.background_scale));
    std::vector<std::string> flags;
    for (auto const& frame : map.rejected)
        if (frame.number == point.number) flags.push_back(frame.reason);
    return builder.finish(flags);
}

} // namespace sqd
