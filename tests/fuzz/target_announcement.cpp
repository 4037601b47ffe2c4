// Announcements: strict ones of control (bit 0 of byte 0), and those in a header appendix.
#include "pipeline/stream/announcement.hpp"
#include "tests/fuzz/targets.hpp"

#include <cmath>

namespace sqd::fuzz {

namespace {

void check(ScanAnnouncement const& said) {
    for (auto const& value : {said.density_g_cm3, said.thickness_um, said.transmission, said.attenuation})
        require(!value || (std::isfinite(*value) && *value > 0), "an announced quantity is positive");
    for (double const value : said.monitor) require(std::isfinite(value) && value > 0, "a monitor is positive");
    require(!said.points || *said.points > 0, "a scan has points");
    if (!said.grid) return;
    require(said.grid->rows > 0 && said.grid->cols > 0, "a grid has points");
    require(said.grid->cols == *said.points / said.grid->rows && *said.points % said.grid->rows == 0, "a grid is its points");
}

} // namespace

void run_announcement(Bytes input) {
    auto const [flags, rest] = take_byte(input);
    auto const text = text_of(rest);
    try {
        auto const said = parse_announcement(text, flags & 1);
        check(said);
        check(merge(said, said));
        parse_announcement(text, false); // what control may say, a header appendix may say
    } catch (DataError const&) {
    }
}

} // namespace sqd::fuzz
