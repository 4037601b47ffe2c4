#include "daemon/archive/read_findings.hpp"

#include <array>
#include <cstddef>
#include <sstream>

namespace sqd {

namespace {

[[noreturn]] void does_not_fit(ArchiveGroup const& in, std::string const& what) {
    throw DecodeError(DecodeFault::corrupt, in.group + "/" + what);
}

/// One number of each item.
std::vector<double> column(ArchiveGroup const& in, std::string const& name, std::size_t items) {
    return items == 0 ? std::vector<double>{} : in.values(name, items);
}

std::vector<std::uint64_t> whole_column(ArchiveGroup const& in, std::string const& name, std::size_t items) {
    constexpr double most = 9007199254740992.0; // 2^53
    std::vector<std::uint64_t> out;
    for (double const value : column(in, name, items)) {
        if (!(value >= 0 && value <= most)) does_not_fit(in, name + ": not whole numbers from 0 on");
        out.push_back(static_cast<std::uint64_t>(value));
    }
    return out;
}

std::vector<HotPixel> hot_pixels(ArchiveGroup const& in) {
    auto const expected = in.axis_or_none("expected");
    std::size_t const pixels = expected.size();
    auto const row = whole_column(in, "row", pixels), col = whole_column(in, "col", pixels), counts = whole_column(in, "counts", pixels);
    std::vector<HotPixel> out;
    for (std::size_t i = 0; i < pixels; ++i) out.push_back({row[i], col[i], counts[i], expected[i], 0});
    return out;
}

std::vector<BraggLine> lines(ArchiveGroup const& in) {
    auto const q = in.axis_or_none("q");
    auto const phase = in.texts("phase");
    std::size_t const size = q.size();
    if (phase.size() != size) does_not_fit(in, "phase: not one name for each line");
    auto const width = column(in, "width", size), variance = column(in, "variance_excess", size),
               intensity = column(in, "intensity_excess", size), significance = column(in, "significance", size);
    std::vector<BraggLine> out;
    for (std::size_t i = 0; i < size; ++i) out.push_back({q[i], width[i], variance[i], intensity[i], significance[i], phase[i]});
    return out;
}

Measured measured(ArchiveGroup const& in, std::string const& name) {
    return {in.number(name), in.number(name + "_errors")};
}

std::optional<Measured> measured_if_any(ArchiveGroup const& in, std::string const& name) {
    return in.has(name) ? std::optional(measured(in, name)) : std::nullopt;
}

std::optional<GeometryShift> shift(ArchiveGroup const& in) {
    if (!in.there()) return std::nullopt;
    GeometryShift out;
    out.distance_m = measured(in, "distance"), out.poni1_m = measured(in, "poni1"), out.poni2_m = measured(in, "poni2");
    out.rot1_rad = measured_if_any(in, "rot1"), out.rot2_rad = measured_if_any(in, "rot2");
    out.chi2 = in.number("chi2"), out.degrees_of_freedom = in.count("degrees_of_freedom"), out.scatter_px = in.number("scatter");
    return out;
}

/// "1 -1 0"
std::array<int, 3> indices(ArchiveGroup const& in, std::string const& text) {
    std::istringstream words(text);
    std::array<int, 3> hkl{};
    for (int& index : hkl)
        if (!(words >> index)) does_not_fit(in, "hkl: '" + text + "' (three whole numbers)");
    return hkl;
}

std::vector<RingFound> rings(ArchiveGroup const& in) {
    auto const hkl = in.texts("hkl");
    std::size_t const size = hkl.size();
    auto const theory = column(in, "q_theory", size), q = column(in, "q", size), sigma = column(in, "q_errors", size);
    auto const sectors = whole_column(in, "sectors", size);
    std::vector<RingFound> out;
    for (std::size_t i = 0; i < size; ++i) out.push_back({indices(in, hkl[i]), theory[i], {q[i], sigma[i]}, sectors[i]});
    return out;
}

CalibrationVerdict verdict_named(ArchiveGroup const& in, std::string const& text) {
    for (auto const verdict : {CalibrationVerdict::undetermined, CalibrationVerdict::holds, CalibrationVerdict::shifted})
        if (name(verdict) == text) return verdict;
    does_not_fit(in, "verdict: '" + text + "' (none that is known here)");
}

std::optional<CalibrationCheck> calibration(ArchiveGroup const& in) {
    if (!in.there()) return std::nullopt;
    CalibrationCheck out;
    out.calibrant = in.text("calibrant"), out.verdict = verdict_named(in, in.text("verdict")), out.sectors = in.count("sectors");
    out.shift = shift(in.inside("shift")), out.tilted = shift(in.inside("shift_with_tilt"));
    if (out.shift) out.relative_q = measured(in, "relative_q");
    out.rings = rings(in.inside("rings"));
    return out;
}

} // namespace

Findings read_findings(ArchiveGroup const& in) {
    return {hot_pixels(in.inside("hot_pixels")), lines(in.inside("bragg_lines")), calibration(in.inside("calibration")), {}};
}

} // namespace sqd
