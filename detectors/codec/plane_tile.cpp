// Which planes of a tile are needed.
#include "detectors/codec/plane_tile.hpp"

#include "detectors/codec/plane_kernels.hpp"

namespace sqd {

namespace {

/// The largest integer of so many bytes.
constexpr std::uint64_t all_ones(unsigned bytes) {
    return (std::uint64_t{1} << 8 * bytes) - 1;
}

Lane lane_of(unsigned bytes) {
    return bytes == 1 ? Lane::u8 : bytes == 2 ? Lane::u16 : Lane::u32;
}

/// Bytes one tile pixel needs when the pixels with the top bit are left out.
unsigned bytes_needed(PlaneSurvey const& survey) {
    return survey.needs_upper ? 4 : survey.needs_second ? 2 : 1;
}

/// True when the pixels with the top bit are the invalid ones: no valid pixel has it, or all that have it are sentinels, max and max - 1.
bool top_is_invalid(PlaneSurvey const& survey, PixelFormat const& format) {
    if (!survey.any_top || format.largest_valid >> (8 * format.bytes - 1) == 0) return true;
    return format.largest_valid < all_ones(format.bytes) && !survey.top_lacks_a_bit;
}

/// True when all pixels of so many bytes, less those with the top bit of the format, are valid.
bool rest_is_valid(unsigned bytes, PixelFormat const& format) {
    return format.largest_valid >= (bytes < format.bytes ? all_ones(bytes) : all_ones(format.bytes) >> 1);
}

} // namespace

void fill_tile_from_planes(PlaneView planes, PixelFormat const& format, Tile& out) {
    auto const& kernels = plane_kernels(format.tier);
    PlaneSurvey const survey = kernels.survey(planes, format.bytes);
    unsigned const bytes = bytes_needed(survey);
    if (top_is_invalid(survey, format) && rest_is_valid(bytes, format)) {
        out.invalid = survey.top;
        TileBits keep;
        for (std::size_t i = 0; i < tile_words; ++i) keep[i] = ~survey.top[i];
        out.lane = lane_of(bytes);
        return kernels.unshuffle(planes, bytes, keep, out.pixels.data());
    }
    TileBits everything;
    everything.fill(~std::uint64_t{0});
    alignas(64) std::array<std::byte, sizeof out.pixels> pixels;
    kernels.unshuffle(planes, format.bytes, everything, pixels.data());
    kernels.fill(pixels.data(), format, out);
}

} // namespace sqd
