// What a start reads of the program before it: states of running series, openings, scans that were begun, backgrounds and darks.
#include "daemon/journal/kept_scan_codec.hpp"
#include "daemon/journal/series_codec.hpp"
#include "pipeline/stream/frame_windows.hpp"
#include "tests/fuzz/targets.hpp"

namespace sqd::fuzz {

namespace {

/// What was read is written, and read again it is the same.
template <class Read, class Write>
void check_again(Bytes input, Read read, Write write) {
    std::vector<std::byte> written;
    try {
        auto const value = read(input);
        if (!value) return;
        written = write(*value);
    } catch (DataError const&) {
        return;
    }
    auto const again = read(written);
    require(again && write(*again) == written, "what was read is what is written");
}

void check_opening(SeriesOpening const& opening) {
    auto const& mask = opening.header.pixel_mask;
    require(!mask || mask->size() <= limits().max_pixels, "a mask has no more pixels than it may have");
}

void check_state(Bytes input) {
    auto const read = [](Bytes bytes) { return std::optional(read_state(bytes, limits().max_pixels)); };
    check_again(input, read, [](SavedState const& saved) { return state_bytes(saved.state, saved.by); });
    try {
        auto const saved = read_state(input, limits().max_pixels);
        check_opening(saved.state.opening);
        SeriesProgress const& progress = saved.state.progress;
        FrameLedger const ledger(progress.ledger);
        require(ledger.entries().came == progress.ledger.came, "books are taken over as they are");
        constexpr std::size_t most_points = 100;
        FrameWindows const points(progress.counts, progress.window, most_points);
        require(points.frames() == frames_in(progress.counts), "every frame of a state is taken over");
    } catch (DataError const&) {
    }
}

void check_saved_opening(Bytes input) {
    auto const read = [](Bytes bytes) { return std::optional(read_opening(bytes, limits().max_pixels)); };
    check_again(input, read, [](SavedOpening const& saved) {
        check_opening(saved.opening);
        return opening_bytes(saved.opening, saved.by);
    });
}

} // namespace

/// The first byte says which of the five the rest is.
void run_saved_state(Bytes input) {
    auto const [what, bytes] = take_byte(input);
    std::string const conditions = "so";
    switch (what % 5) {
    case 0: return check_state(bytes);
    case 1: return check_saved_opening(bytes);
    case 2:
        return check_again(
            bytes, [&](Bytes each) { return read_background(each, conditions); },
            [&](StoredBackground const& background) { return background_bytes(background, conditions); });
    case 3:
        return check_again(
            bytes, [&](Bytes each) { return read_dark(each, conditions); },
            [&](StoredDark const& dark) { return dark_bytes(dark, conditions); });
    default:
        return check_again(
            bytes, [](Bytes each) { return read_begun(each); },
            [](OpenScan const& scan) {
                return begun_bytes(scan, {"0.1.0", ""});
            });
    }
}

} // namespace sqd::fuzz
