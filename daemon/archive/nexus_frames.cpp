// Which frames are in the result, which are not and why, and the counts of each; and where the result comes from.
#include "daemon/archive/nexus_layout.hpp"

namespace sqd {

namespace {

void write_accounting(NexusGroup const& frames, FrameAccounting const& accounting) {
    frames.count("expected", accounting.expected);
    frames.count("received", accounting.received);
    frames.count("used", accounting.used);
    frames.count("rejected", accounting.rejected);
    frames.count("missing", accounting.missing);
    frames.count("pending", accounting.pending);
    frames.count("duplicate", accounting.duplicate);
    frames.pairs("missing_ranges", accounting.missing_ranges);
    frames.flag("missing_ranges_truncated", accounting.missing_ranges_truncated);
    if (accounting.per_point > 1) frames.count("per_point", accounting.per_point);
    NexusGroup const by_reason = frames.group("rejected_by", "NXcollection");
    std::vector<std::string> reasons;
    std::vector<std::uint64_t> counts;
    for (auto const& [reason, count] : accounting.rejected_by) {
        reasons.push_back(reason);
        counts.push_back(count);
    }
    by_reason.texts("reason", reasons);
    by_reason.counts("frames", counts);
}

void write_rejected(NexusGroup const& frames, std::vector<RejectedFrame> const& rejected) {
    NexusGroup const group = frames.group("rejected_list", "NXcollection");
    std::vector<std::uint64_t> numbers;
    std::vector<std::string> reasons;
    for (RejectedFrame const& frame : rejected) {
        numbers.push_back(frame.number);
        reasons.push_back(frame.reason);
    }
    group.counts("number", numbers);
    group.texts("reason", reasons);
}

/// Counts per point and bin, in as many bits as they need.
void write_bin_counts(NexusGroup const& group, PointTable const& points) {
    FieldLabel const label{"counts", "counts"};
    auto const& carries = points.bin_carries.pixels;
    if (carries.empty()) return group.table("bin_counts", points.bin_counts, label);
    Image<std::uint64_t> wide(points.bin_counts.rows, points.bin_counts.cols);
    for (std::size_t i = 0; i < wide.size(); ++i) wide.pixels[i] = std::uint64_t{carries[i]} << 32 | points.bin_counts.pixels[i];
    group.table("bin_counts", wide, label);
}

/// One row per point, shown as an image over the bins of the pattern.
void write_points(NexusGroup const& frames, PointTable const& points) {
    NexusGroup const group = frames.group("points", "NXdata");
    group.attribute("signal", "bin_counts");
    group.attribute("axes", std::vector<std::string>{"number", "radial_axis"});
    group.attribute("interpretation", "image");
    group.text("title", "counts per frame and bin");
    group.counts("number", points.number, {"", "frame"});
    group.link("radial_axis", "/entry/azimuthal_integration/data/radial_axis");
    group.texts("reason", points.reason);
    group.values("exposure", points.exposure_s, {"s", "exposure"});
    group.values("monitor", points.monitor);
    write_bin_counts(group, points);
    if (points.frames.empty()) return;
    group.counts("frames", points.frames, {"", "frames of the point"});
    group.counts("frame_numbers", points.frame_numbers);
}

} // namespace

void write_frames(NexusGroup const& entry, ReducedResult const& result) {
    NexusGroup const frames = entry.group("frames", "NXcollection");
    write_accounting(frames, result.frames);
    write_rejected(frames, result.curves.rejected);
    if (result.points) write_points(frames, *result.points);
}

void write_provenance(NexusGroup const& entry, ReducedResult const& result, std::string const& effective_config) {
    NexusGroup const group = entry.group("provenance", "NXcollection");
    group.text("scan_uid", result.scan.uid);
    group.count("result", result.result);
    group.text("state", name(result.state));
    group.flag("durable", result.durable);
    group.count("series_id", result.scan.series_id);
    group.text("series_unique_id", result.scan.series_unique_id);
    group.integer("first_frame_ns", result.time.first_frame_ns);
    group.integer("last_frame_ns", result.time.last_frame_ns);
    group.integer("reduced_ns", result.time.reduced_ns);
    group.number("latency", result.time.latency_ms, {"ms", "last frame received to curves ready"});
    group.text("version", result.provenance.version);
    group.text("config", effective_config);
    group.text("config_sha256", result.provenance.config_sha256);
    group.text("geometry_sha256", result.provenance.geometry_sha256);
    group.text("mask_sha256", result.provenance.mask_sha256);
    group.text("background_uid", result.provenance.background_uid);
    group.texts("corrections", result.provenance.corrections);
    group.texts("flags", result.curves.flags);
}

} // namespace sqd
