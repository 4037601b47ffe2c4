// What was archived is read back, so that files made of the archive are those that were made of the result.
#include "daemon/archive/read_archive.hpp"

#include "daemon/export/csv_text.hpp"
#include "daemon/export/text_files.hpp"
#include "tests/support/full_result.hpp"
#include "tests/support/written_archive.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>
#include <span>

using namespace sqd;
using sqd::test::Written;

namespace {

/// With counts that are I x norm, an empty bin, and the peaks of the map's points.
ReducedResult measured_map() {
    ReducedResult r = test::full_result();
    for (Pattern1D* p : {&r.curves.pattern, &*r.curves.background, &*r.curves.net}) {
        p->norm.back() = 0;
        for (std::size_t i = 0; i < p->norm.size(); ++i) p->counts[i] = p->norm[i] > 0 ? p->intensity[i] * p->norm[i] : 0;
    }
    r.provenance.corrections = {"solid_angle", "polarization 0.97"};
    auto points = std::make_shared<PointTable>(*r.points);
    for (std::size_t i = 0; i < points->number.size(); ++i) {
        double const x = 0.001 * static_cast<double>(i);
        points->peaks.push_back(i % 7 == 3 ? no_point_peak : PointPeak{2.62 + x, 0.001 + x, 0.38 + x, 0.002 + x, 1 + x});
    }
    r.points = points;
    return r;
}

ArchivedResult archived(ReducedResult const& result, ArchiveParts parts = ArchiveParts::all) {
    Written const written(result);
    return read_archive(written.archive.path_for(result.scan), parts);
}

bool same(double a, double b) {
    return a == b || (std::isnan(a) && std::isnan(b));
}

} // namespace

TEST_CASE("text files of an archive are those of the result, to the byte") {
    ReducedResult const live = measured_map();
    ReducedResult const back = archived(live).result;
    TextHeader const of_live = text_header(live), of_back = text_header(back);
    CHECK(of_back.comments == of_live.comments);
    CHECK(dat_text(back.curves.pattern, of_back, "a.dat") == dat_text(live.curves.pattern, of_live, "a.dat"));
    CHECK(xy_text(*back.curves.net, of_back) == xy_text(*live.curves.net, of_live));
    CHECK(chi_text(back.curves.pattern, of_back, "a") == chi_text(live.curves.pattern, of_live, "a"));
    CHECK(sq_text(*back.curves.sq, of_back) == sq_text(*live.curves.sq, of_live));
    CHECK(fq_text(*back.curves.sq, of_back) == fq_text(*live.curves.sq, of_live));
    CHECK(gr_text(*back.curves.gr, of_back) == gr_text(*live.curves.gr, of_live));
    CHECK(sq_text(*back.curves.ad_hoc, of_back) == sq_text(*live.curves.ad_hoc, of_live));
    CHECK(gr_text(*back.curves.ad_hoc, of_back) == gr_text(*live.curves.ad_hoc, of_live));
    CHECK(pattern_csv(back, of_back) == pattern_csv(live, of_live));
    CHECK(fsdp_csv(*back.curves.fsdp, of_back) == fsdp_csv(*live.curves.fsdp, of_live));
    CHECK(gr_csv(*back.curves.gr, of_back) == gr_csv(*live.curves.gr, of_live));
}

TEST_CASE("who, when, with what: an archive gives back what was announced and what was found") {
    ReducedResult const live = measured_map();
    ArchivedResult const read = archived(live);
    ReducedResult const& back = read.result;
    CHECK(back.scan.uid == live.scan.uid);
    CHECK(back.scan.grid == live.scan.grid);
    CHECK(back.scan.parameters == live.scan.parameters);
    CHECK(back.scan.mount == live.scan.mount);
    CHECK(back.state == live.state);
    CHECK(back.time.first_frame_ns == live.time.first_frame_ns);
    CHECK(back.geometry == live.geometry);
    CHECK(back.sample.composition == live.sample.composition);
    CHECK(back.sample.density_g_cm3 == live.sample.density_g_cm3);
    CHECK(back.frames.rejected_by == live.frames.rejected_by);
    CHECK(back.frames.used == live.frames.used);
    CHECK(back.provenance.corrections == live.provenance.corrections);
    CHECK(back.curves.flags == live.curves.flags);
    CHECK(back.curves.background_scale == live.curves.background_scale);
    CHECK(back.curves.fsdp->q1_sigma_model == live.curves.fsdp->q1_sigma_model);
    CHECK(back.curves.fsdp->residual == live.curves.fsdp->residual);
    CHECK(read.comparison.starts_with("q1 moved by "));
}

TEST_CASE("what the images said of the instrument comes back, of a calibrant each ring and both fits") {
    ReducedResult live = measured_map();
    Findings const &was = live.findings, is = archived(live).result.findings;
    CHECK(is.hot_pixels == was.hot_pixels);
    REQUIRE(is.lines.size() == was.lines.size());
    CHECK(is.lines[1].q_invA == was.lines[1].q_invA);
    CHECK(is.lines[0].phase == was.lines[0].phase);
    CHECK(is.lines[0].variance_excess == was.lines[0].variance_excess);
    REQUIRE(is.calibration);
    CHECK(is.calibration->verdict == CalibrationVerdict::shifted);
    REQUIRE(is.calibration->tilted);
    CHECK(is.calibration->tilted->rot2_rad->value == was.calibration->tilted->rot2_rad->value);
    CHECK_FALSE(is.calibration->shift->rot1_rad);
    CHECK(is.calibration->shift->degrees_of_freedom == was.calibration->shift->degrees_of_freedom);
    REQUIRE(is.calibration->rings.size() == was.calibration->rings.size());
    CHECK(is.calibration->rings[1].hkl == was.calibration->rings[1].hkl);
    CHECK(is.calibration->rings[0].q_invA.sigma == was.calibration->rings[0].q_invA.sigma);
    live.findings = {};
    ArchivedResult const nothing = archived(live);
    CHECK(nothing.findings);
    CHECK(nothing.result.findings.hot_pixels.empty());
    CHECK_FALSE(nothing.result.findings.calibration);
    CHECK_FALSE(archived(live, ArchiveParts::curves).findings);
}

TEST_CASE("points come back with the sum of their counts and the peak that the map has at their place") {
    ReducedResult const live = measured_map();
    ArchivedResult const read = archived(live);
    PointTable const &was = *live.points, &is = *read.result.points;
    CHECK(is.number == was.number);
    CHECK(is.reason == was.reason);
    CHECK(is.exposure_s == was.exposure_s);
    REQUIRE(is.peaks.size() == was.peaks.size());
    for (std::size_t i = 0; i < was.peaks.size(); ++i) {
        CHECK(same(is.peaks[i].q1, was.peaks[i].q1));
        CHECK(same(is.peaks[i].fwhm_sigma, was.peaks[i].fwhm_sigma));
        auto const row = std::span(was.bin_counts.pixels).subspan(i * was.bin_counts.cols, was.bin_counts.cols);
        CHECK(read.point_counts[i] == std::accumulate(row.begin(), row.end(), 0.0));
    }
    CHECK_FALSE(archived(live, ArchiveParts::curves).result.points);
}

TEST_CASE("a scan of which nothing came is read as that") {
    ReducedResult bare;
    bare.scan.uid = "bare", bare.scan.id = "air", bare.scan.role = Role::background;
    bare.state = ResultState::aborted;
    ArchivedResult const read = archived(bare);
    CHECK(read.result.state == ResultState::aborted);
    CHECK(read.result.scan.role == Role::background);
    CHECK(read.result.curves.pattern.radial.empty());
    CHECK_FALSE(read.result.curves.sq);
    CHECK(read.advice.empty());
}
