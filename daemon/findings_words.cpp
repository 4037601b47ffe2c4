#include "daemon/findings_words.hpp"

#include "daemon/verbs/terminal_text.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstddef>

namespace sqd {

namespace {

constexpr double mm_per_m = 1e3, mrad_per_rad = 1e3;

/// The first few, and how many there are beside them.
template <class Item, class Each>
std::string enumerate(std::vector<Item> const& items, Each const& each) {
    constexpr std::size_t shown = 4;
    std::string out;
    for (std::size_t i = 0; i < std::min(items.size(), shown); ++i) out += (i == 0 ? "" : ", ") + each(items[i]);
    if (items.size() > shown) out += " and " + std::to_string(items.size() - shown) + " more";
    return out;
}

std::string in_mm(Measured const& length) {
    return with_digits(length.value * mm_per_m, length.sigma * mm_per_m);
}

std::string in_mrad(Measured const& angle) {
    return with_digits(angle.value * mrad_per_rad, angle.sigma * mrad_per_rad);
}

} // namespace

std::string words(std::vector<BraggLine> const& lines) {
    return enumerate(lines, [](BraggLine const& line) { return fixed(line.q_invA, 3) + " 1/A " + line.phase; });
}

std::string words(std::vector<HotPixel> const& pixels) {
    return fmt::format("{} {}: {}", pixels.size(), pixels.size() == 1 ? "pixel" : "pixels", enumerate(pixels, [](HotPixel const& pixel) {
                           return fmt::format("[{}, {}] {} for {:.1f}", pixel.row, pixel.col, pixel.counts, pixel.expected);
                       }));
}

std::string words(CalibrationCheck const& check) {
    std::string out = check.calibrant + ": " + name(check.verdict);
    if (!check.shift) return out + ", too few rings";
    out += ", distance " + in_mm(check.shift->distance_m) + " mm, centre " + in_mm(check.shift->poni1_m) + ", " +
           in_mm(check.shift->poni2_m) + " mm (poni1, poni2)";
    if (check.tilt_shifted) out += ", tilt " + in_mrad(*check.tilted->rot1_rad) + ", " + in_mrad(*check.tilted->rot2_rad) + " mrad";
    auto const seen = std::count_if(check.rings.begin(), check.rings.end(), [](RingFound const& ring) { return ring.sectors > 0; });
    return out + ", q " + with_digits(check.relative_q.value * 100, check.relative_q.sigma * 100) + " % of " + std::to_string(seen) +
           " rings";
}

} // namespace sqd
