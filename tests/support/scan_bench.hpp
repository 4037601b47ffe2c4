// Scans that control begins and ends, on a series bench: what is sent, and what came of it.
#pragma once

#include "tests/support/series_bench.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

namespace sqd::test {

using What = ScanOrder::What;

inline ScanOrder begin(std::string const& name = "glass", std::optional<std::uint64_t> points = {}) {
    ScanAnnouncement said;
    said.name = name;
    said.points = points;
    return {What::begin, {"uid-" + name, said}};
}

inline void play(Bench& bench, std::uint64_t series, std::uint64_t frames, std::uint32_t value = 1) {
    bench.start(series, frames);
    for (std::uint64_t i = 0; i < frames; ++i) bench.frame(series, i, value);
    bench.end(series);
}

inline void send(Bench& bench, std::uint64_t series, std::vector<std::uint64_t> const& numbers) {
    for (std::uint64_t const number : numbers) bench.frame(series, number);
}

inline std::vector<std::string> events(Bench const& bench) {
    constexpr std::array<char const*, 7> names{"start", "end", "aborted", "interrupted", "resumed", "joined", "left"};
    std::vector<std::string> out;
    for (auto const& notice : bench.notices) out.emplace_back(names[static_cast<std::size_t>(notice.what)]);
    return out;
}

inline std::vector<std::uint64_t> numbers(ReductionJob const& job) {
    std::vector<std::uint64_t> out;
    for (auto const& frame : job.counts.frames) out.push_back(frame->number);
    return out;
}

inline std::vector<std::uint64_t> up_to(std::uint64_t n) {
    std::vector<std::uint64_t> out(n);
    std::iota(out.begin(), out.end(), std::uint64_t{0});
    return out;
}

inline std::vector<ReductionJob> finals(Bench const& bench) {
    std::vector<ReductionJob> out;
    std::ranges::copy_if(bench.jobs, std::back_inserter(out), [](auto const& job) { return job.state != ResultState::partial; });
    return out;
}

inline void check_books(FrameAccounting const& frames) {
    CHECK(frames.received == frames.used + frames.rejected + frames.duplicate);
    CHECK(frames.expected == frames.used + frames.rejected + frames.missing + frames.pending);
}

inline SeriesStart bad_header(std::uint64_t series) {
    SeriesStart header = header_of(series, 4);
    header.energy_keV = 3 * small_config().reduction.energy_keV;
    return header;
}

} // namespace sqd::test
