#include "daemon/journal/series_codec.hpp"

#include "daemon/journal/series_fields.hpp"
#include "pipeline/core/pixel_tile.hpp"

#include <algorithm>
#include <utility>

namespace sqd {

namespace {

constexpr std::uint32_t version = 1;
constexpr std::size_t most_pixels = std::size_t{1} << 26; ///< of an image

/// Sections. What a reader does not know it passes over.
enum Tag : std::uint32_t { made_by = 1, opening = 2, books = 3, frames = 4, sums = 5, begun = 6, request = 7, configuration = 8 };

/// Sections by tag; the first of each.
class Sections {
public:
    explicit Sections(std::span<std::byte const> bytes) {
        ByteReader in(bytes);
        if (in.get<std::uint32_t>() != version) ByteReader::fail("is of another version");
        while (!in.at_end()) {
            auto const tag = in.get<std::uint32_t>();
            found_.try_emplace(tag, in.take(in.get<std::uint64_t>()));
        }
    }
    ByteReader operator[](Tag tag) const {
        auto const found = found_.find(tag);
        if (found == found_.end()) ByteReader::fail("has a part missing");
        return ByteReader(found->second);
    }
    bool has(Tag tag) const { return found_.contains(tag); }

private:
    std::map<std::uint32_t, std::span<std::byte const>> found_;
};

void write_by(ByteWriter& out, std::string const& config_id, SavedBy const& by) {
    out(version);
    out.section(made_by, [&] {
        out(config_id);
        out(by.version);
    });
}

void write_opening(ByteWriter& out, SeriesOpening const& value) {
    out.section(opening, [&] { out(value); });
    if (!value.request.empty()) out.section(request, [&] { out(value.request); });
}

SavedOpening read_opening(Sections const& sections) {
    SavedOpening out{{}, sections[opening].get<SeriesOpening>()};
    auto in = sections[made_by];
    in(out.opening.config_id);
    in(out.by.version);
    if (sections.has(request)) out.opening.request = sections[request].get<std::string>();
    if (sections.has(configuration)) out.by.config_yaml = sections[configuration].get<std::string>();
    return out;
}

void write_books(ByteWriter& out, SeriesProgress const& progress) {
    LedgerEntries const& ledger = progress.ledger;
    std::vector<std::uint8_t> bits((ledger.came.size() + 7) / 8);
    for (std::size_t i = 0; i < ledger.came.size(); ++i)
        if (ledger.came[i]) bits[i / 8] = static_cast<std::uint8_t>(bits[i / 8] | 1U << i % 8);
    out(static_cast<std::uint64_t>(ledger.came.size()));
    out(bits);
    out(ledger.duplicates);
    out(ledger.accepted);
    out(ledger.rejections);
    out(progress.first_place);
    out(progress.seen_before);
    out(progress.series);
    out(progress.between);
    out(progress.first_image);
    out(progress.bins);
    out(progress.flags);
    out(progress.refused);
    out(progress.first_frame_ns);
    out(progress.last_frame_ns);
    out(progress.ran_s);
}

void read_books(ByteReader in, SeriesProgress& progress) {
    LedgerEntries& ledger = progress.ledger;
    auto const numbers = in.get<std::uint64_t>();
    auto const bits = in.get<std::vector<std::uint8_t>>();
    if (numbers > max_frame_number || bits.size() != (numbers + 7) / 8) ByteReader::fail("has the books of no series");
    ledger.came.resize(numbers);
    for (std::size_t i = 0; i < numbers; ++i) ledger.came[i] = (bits[i / 8] >> i % 8 & 1) != 0;
    in(ledger.duplicates);
    in(ledger.accepted);
    in(ledger.rejections);
    in(progress.first_place);
    in(progress.seen_before);
    in(progress.series);
    in(progress.between);
    in(progress.first_image);
    in(progress.bins);
    in(progress.flags);
    in(progress.refused);
    in(progress.first_frame_ns);
    in(progress.last_frame_ns);
    in(progress.ran_s);
}

void write_frames(ByteWriter& out, FrameList const& counts) {
    out(static_cast<std::uint64_t>(counts.size()));
    for (auto const& frame : counts) {
        out(frame->number);
        out(frame->exposure_s);
        out(frame->monitor);
        out(static_cast<std::uint32_t>(frame->counts.size()));
        out.narrow(std::span<std::uint32_t const>(frame->counts));
        out(frame->deficits);
    }
}

FrameList read_frames(ByteReader in) {
    FrameList out;
    for (auto n = in.get<std::uint64_t>(); n > 0; --n) {
        auto frame = std::make_shared<FrameCounts>();
        in(frame->number);
        in(frame->exposure_s);
        in(frame->monitor);
        auto const bins = in.get<std::uint32_t>();
        constexpr std::uint32_t most_bins = 65536;
        if (bins > most_bins) ByteReader::fail("has frames of too many bins");
        frame->counts.resize(bins);
        in.narrow(std::span<std::uint32_t>(frame->counts));
        in(frame->deficits);
        out.push_back(std::move(frame));
    }
    return out;
}

/// Tile by tile, so that a bright spot makes its neighbourhood longer and not all.
void write_sums(ByteWriter& out, FrameSums const& sums) {
    out(sums.frames);
    out(static_cast<std::uint64_t>(sums.pixels.size()));
    for (std::size_t at = 0; at < sums.pixels.size(); at += tile_pixels)
        out.narrow(std::span<std::uint64_t const>(sums.pixels).subspan(at, std::min(tile_pixels, sums.pixels.size() - at)));
    out(!sums.invalid_frames.empty());
    for (std::size_t at = 0; at < sums.invalid_frames.size(); at += tile_pixels)
        out.narrow(std::span<std::uint32_t const>(sums.invalid_frames).subspan(at, std::min(tile_pixels, sums.invalid_frames.size() - at)));
}

std::shared_ptr<FrameSums const> read_sums(ByteReader in) {
    auto out = std::make_shared<FrameSums>();
    in(out->frames);
    std::size_t const pixels = in.count();
    out->pixels.resize(pixels);
    for (std::size_t at = 0; at < pixels; at += tile_pixels)
        in.narrow(std::span<std::uint64_t>(out->pixels).subspan(at, std::min(tile_pixels, pixels - at)));
    if (!in.get<bool>()) return out;
    out->invalid_frames.resize(pixels);
    for (std::size_t at = 0; at < pixels; at += tile_pixels)
        in.narrow(std::span<std::uint32_t>(out->invalid_frames).subspan(at, std::min(tile_pixels, pixels - at)));
    return out;
}

} // namespace

void write_mask(ByteWriter& out, std::vector<std::uint32_t> const& mask) {
    std::vector<std::uint32_t> runs;
    for (std::size_t i = 0; i < mask.size();) {
        std::size_t end = i;
        while (end < mask.size() && mask[end] == mask[i]) ++end;
        runs.push_back(mask[i]);
        runs.push_back(static_cast<std::uint32_t>(end - i));
        i = end;
    }
    out(static_cast<std::uint64_t>(mask.size()));
    out(runs);
}

std::vector<std::uint32_t> read_mask(ByteReader& in) {
    auto const pixels = in.get<std::uint64_t>();
    auto const runs = in.get<std::vector<std::uint32_t>>();
    if (pixels > most_pixels || runs.size() % 2 != 0) ByteReader::fail("has a mask that is none");
    std::vector<std::uint32_t> mask;
    mask.reserve(pixels);
    for (std::size_t i = 0; i < runs.size(); i += 2) {
        if (runs[i + 1] > pixels - mask.size()) ByteReader::fail("has a mask that is none");
        mask.insert(mask.end(), runs[i + 1], runs[i]);
    }
    if (mask.size() != pixels) ByteReader::fail("has a mask that is none");
    return mask;
}

std::vector<std::byte> opening_bytes(SeriesOpening const& value, SavedBy const& by) {
    ByteWriter out;
    write_by(out, value.config_id, by);
    write_opening(out, value);
    if (!by.config_yaml.empty()) out.section(configuration, [&] { out(by.config_yaml); });
    return out.take();
}

std::vector<std::byte> state_bytes(SeriesState const& state, SavedBy const& by) {
    ByteWriter out;
    write_by(out, state.opening.config_id, by);
    write_opening(out, state.opening);
    out.section(books, [&] { write_books(out, state.progress); });
    out.section(frames, [&] { write_frames(out, state.progress.counts); });
    if (state.progress.sums) out.section(sums, [&] { write_sums(out, *state.progress.sums); });
    return out.take();
}

std::vector<std::byte> begun_bytes(OpenScan const& scan, SavedBy const& by) {
    ByteWriter out;
    write_by(out, "", by);
    out.section(begun, [&] { out(scan); });
    return out.take();
}

SavedOpening read_opening(std::span<std::byte const> bytes) {
    return read_opening(Sections(bytes));
}

SavedState read_state(std::span<std::byte const> bytes) {
    Sections const sections(bytes);
    auto [by, what] = read_opening(sections);
    SavedState out{std::move(by), {std::move(what), {}}};
    read_books(sections[books], out.state.progress);
    out.state.progress.counts = read_frames(sections[frames]);
    if (sections.has(sums)) out.state.progress.sums = read_sums(sections[sums]);
    return out;
}

std::optional<OpenScan> read_begun(std::span<std::byte const> bytes) {
    Sections const sections(bytes);
    if (!sections.has(begun)) return std::nullopt;
    return sections[begun].get<OpenScan>();
}

} // namespace sqd
