#include "daemon/journal/kept_scan_codec.hpp"

#include "daemon/journal/byte_stream.hpp"
#include "pipeline/core/pixel_tile.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace sqd {

template <>
inline constexpr std::uint8_t enumerators<RadialUnit> = 5;

namespace {

constexpr std::uint32_t scan_version = 1;
constexpr std::uint64_t most_counts = std::uint64_t{1} << 53; ///< of a pixel: a double holds them all

} // namespace

template <class Io, maybe_const<BinnedCounts> S>
void fields(Io& io, S& s) {
    io.each(s.counts, s.norm, s.pixels, s.frames, s.variance, s.dark, s.dark_variance, s.dark_uid);
}

template <class Io, maybe_const<Pattern1D> S>
void fields(Io& io, S& s) {
    io.each(s.unit, s.radial, s.q_invA, s.intensity, s.sigma, s.pixels, s.polarization, s.counts, s.norm, s.edges, s.dark_sigma, s.dark_uid,
            s.pixel_std, s.correlation, s.background_sigma);
}

inline void fields(ByteWriter& io, Axis const& axis) {
    io(axis.edges());
}
inline void fields(ByteReader& io, Axis& axis) {
    axis = Axis(io.get<std::vector<double>>());
}

/// Of bins their axis.
inline void fields(ByteWriter& io, std::shared_ptr<BinMap const> const& bins) {
    io.each(bins->unit, bins->axis);
}
inline void fields(ByteReader& io, std::shared_ptr<BinMap const>& bins) {
    auto read = std::make_shared<BinMap>();
    io.each(read->unit, read->axis);
    bins = std::move(read);
}

template <class Io, maybe_const<StoredBackground> S>
void fields(Io& io, S& s) {
    io.each(s.uid, s.id, s.unit, s.axis, s.sums, s.rings, s.exposure_known, s.without_dark);
}

/// But for its pixels.
template <class Io, maybe_const<StoredDark> S>
void fields(Io& io, S& s) {
    io.each(s.dark.uid, s.id, s.dark.bins, s.dark.counts, s.dark.pixel_seconds, s.exposure_known);
}

namespace {

template <class Io, maybe_const<BinMap> S>
void pixel_fields(Io& io, S& s) {
    io.each(s.geometry.rows, s.geometry.cols, s.bin, s.masked);
}

/// Whole numbers as such, tile by tile: a dark has few counts.
void write_counts(ByteWriter& out, PixelSum const& sum) {
    out(sum.integers);
    if (!sum.integers) return out(sum.counts);
    out(static_cast<std::uint64_t>(sum.counts.size()));
    std::vector<std::uint64_t> tile;
    for (std::size_t at = 0; at < sum.counts.size(); at += tile_pixels) {
        auto const begin = sum.counts.begin() + static_cast<std::ptrdiff_t>(at);
        auto const n = std::min(tile_pixels, sum.counts.size() - at);
        tile.assign(begin, begin + static_cast<std::ptrdiff_t>(n));
        out.narrow(std::span<std::uint64_t const>(tile));
    }
}

void read_counts(ByteReader& in, PixelSum& sum) {
    in(sum.integers);
    if (!sum.integers) return in(sum.counts);
    std::size_t const pixels = in.count();
    sum.counts.resize(pixels);
    std::vector<std::uint64_t> tile;
    for (std::size_t at = 0; at < pixels; at += tile_pixels) {
        tile.resize(std::min(tile_pixels, sum.counts.size() - at));
        in.narrow(std::span<std::uint64_t>(tile));
        if (*std::ranges::max_element(tile) > most_counts) ByteReader::fail("has more counts than anybody could wait for");
        std::transform(tile.begin(), tile.end(), sum.counts.begin() + static_cast<std::ptrdiff_t>(at),
                       [](std::uint64_t count) { return static_cast<double>(count); });
    }
}

/// The rest of a sum as it was counted: it has no variance and no dark of its own.
template <class Io, maybe_const<PixelSum> S>
void exposure_fields(Io& io, S& s) {
    io.each(s.invalid_frames, s.frames, s.weight, s.exposure_s);
}

/// Version and conditions; false where these are others.
bool made_so(ByteReader& in, std::string const& conditions) {
    if (in.get<std::uint32_t>() != scan_version) ByteReader::fail("is of another version");
    return in.get<std::string>() == conditions;
}

void require(bool right) {
    if (!right) ByteReader::fail("has a scan whose parts do not fit each other");
}

} // namespace

std::vector<std::byte> background_bytes(StoredBackground const& background, std::string const& conditions) {
    ByteWriter out;
    out.each(scan_version, conditions, background);
    return out.take();
}

std::optional<StoredBackground> read_background(std::span<std::byte const> bytes, std::string const& conditions) {
    ByteReader in(bytes);
    if (!made_so(in, conditions)) return std::nullopt;
    auto out = in.get<StoredBackground>();
    std::size_t const size = out.axis.size();
    require(out.sums.counts.size() == size && out.sums.norm.size() == size && out.sums.pixels.size() == size);
    require(!out.rings || (out.rings->intensity.size() == size && out.rings->sigma.size() == size));
    return out;
}

std::vector<std::byte> dark_bytes(StoredDark const& stored, std::string const& conditions) {
    DarkScan const& dark = stored.dark;
    ByteWriter out;
    out.each(scan_version, conditions, stored, dark.pixels != nullptr);
    if (!dark.pixels) return out.take();
    pixel_fields(out, *dark.bins);
    write_counts(out, *dark.pixels);
    exposure_fields(out, *dark.pixels);
    return out.take();
}

std::optional<StoredDark> read_dark(std::span<std::byte const> bytes, std::string const& conditions) {
    ByteReader in(bytes);
    if (!made_so(in, conditions)) return std::nullopt;
    auto out = in.get<StoredDark>();
    DarkScan& dark = out.dark;
    require(dark.counts.size() == dark.bins->axis.size() && dark.pixel_seconds.size() == dark.bins->axis.size());
    if (!in.get<bool>()) return out;
    auto bins = std::make_shared<BinMap>(*dark.bins);
    pixel_fields(in, *bins);
    auto pixels = std::make_shared<PixelSum>();
    read_counts(in, *pixels);
    exposure_fields(in, *pixels);
    std::size_t const size = pixels->counts.size(), padded = tile_count(size) * tile_pixels;
    require(bins->geometry.rows > 0 && size > 0 && size / bins->geometry.rows == bins->geometry.cols && size % bins->geometry.rows == 0);
    require(bins->bin.size() == padded && bins->masked.size() == padded / 64);
    require(pixels->invalid_frames.empty() || pixels->invalid_frames.size() == size);
    dark.pixels = std::move(pixels);
    dark.bins = std::move(bins);
    return out;
}

} // namespace sqd
