#include "daemon/journal/series_codec.hpp"

#include "daemon/journal/series_fields.hpp"

#include <map>
#include <memory>

namespace sqd {

namespace {

constexpr std::uint32_t series_version = 2;

/// Sections. What a reader does not know it passes over.
enum Tag : std::uint32_t { made_by = 1, opening = 2, books = 3, frames = 4, sums = 5, begun = 6, request = 7, configuration = 8 };

/// Sections by tag; the first of each.
class Sections {
public:
    Sections(std::span<std::byte const> bytes, std::size_t most_pixels) : most_pixels_(most_pixels) {
        ByteReader in(bytes);
        if (in.get<std::uint32_t>() != series_version) ByteReader::fail("is of another version");
        while (!in.at_end()) {
            auto const tag = in.get<std::uint32_t>();
            found_.try_emplace(tag, in.take(in.get<std::uint64_t>()));
        }
    }
    ByteReader operator[](Tag tag) const {
        auto const found = found_.find(tag);
        if (found == found_.end()) ByteReader::fail("has a part missing");
        return ByteReader(found->second, most_pixels_);
    }
    bool has(Tag tag) const { return found_.contains(tag); }

private:
    std::map<std::uint32_t, std::span<std::byte const>> found_;
    std::size_t most_pixels_;
};

void write_by(ByteWriter& out, std::string const& config_id, SavedBy const& by) {
    out(series_version);
    out.section(made_by, [&] { out.each(config_id, by.version); });
}

void write_opening(ByteWriter& out, SeriesOpening const& value) {
    out.section(opening, [&] { out(value); });
    if (!value.request.empty()) out.section(request, [&] { out(value.request); });
}

SavedOpening read_opening(Sections const& sections) {
    SavedOpening out{{}, sections[opening].get<SeriesOpening>()};
    auto in = sections[made_by];
    in.each(out.opening.config_id, out.by.version);
    if (sections.has(request)) out.opening.request = sections[request].get<std::string>();
    if (sections.has(configuration)) out.by.config_yaml = sections[configuration].get<std::string>();
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
    if (pixels > in.most_pixels() || runs.size() % 2 != 0) ByteReader::fail("has a mask that is none");
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
    out.section(books, [&] { out(state.progress); });
    out.section(frames, [&] { out(state.progress.counts); });
    if (state.progress.sums) out.section(sums, [&] { out(*state.progress.sums); });
    return out.take();
}

std::vector<std::byte> begun_bytes(OpenScan const& scan, SavedBy const& by) {
    ByteWriter out;
    write_by(out, "", by);
    out.section(begun, [&] { out(scan); });
    return out.take();
}

SavedOpening read_opening(std::span<std::byte const> bytes, std::size_t most_pixels) {
    return read_opening(Sections(bytes, most_pixels));
}

SavedState read_state(std::span<std::byte const> bytes, std::size_t most_pixels) {
    Sections const sections(bytes, most_pixels);
    auto [by, what] = read_opening(sections);
    SavedState out{std::move(by), {std::move(what), {}}};
    SeriesProgress& progress = out.state.progress;
    sections[books](progress);
    sections[frames](progress.counts);
    if (sections.has(sums)) progress.sums = std::make_shared<FrameSums const>(sections[sums].get<FrameSums>());
    return out;
}

std::optional<OpenScan> read_begun(std::span<std::byte const> bytes) {
    Sections const sections(bytes, most_image_pixels);
    if (!sections.has(begun)) return std::nullopt;
    return sections[begun].get<OpenScan>();
}

} // namespace sqd
