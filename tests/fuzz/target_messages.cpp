// Whole conversations with a decoder of any protocol.
#include "detectors/registry.hpp"
#include "tests/fuzz/message_parts.hpp"
#include "tests/fuzz/samples.hpp"
#include "tests/fuzz/targets.hpp"

#include <array>
#include <cmath>
#include <map>
#include <tuple>

namespace sqd::fuzz {

namespace {

/// What one message came to.
struct Outcome {
    std::size_t kind = 0; ///< 0 refused, 1 nothing, 2 start, 3 frame, 4 end
    std::string fault;    ///< of a refused message
    SeriesKey series;
    std::uint64_t number = 0;
    std::optional<Pixels> pixels; ///< absent where the frame cannot be read
    bool operator==(Outcome const&) const = default;
};

/// Options of a conversation: bit 0 pixels as written, bits 1-2 the channel, bit 3 the shape of the sample is known.
constexpr unsigned option_bits = 15, good_series_follows = 16;

DecoderOptions options_of(unsigned options) {
    constexpr std::array channels{"", "threshold_1", "threshold_2", "difference"};
    DecoderOptions out;
    out.limits = limits();
    out.pixels = options & 1 ? PixelRule::as_written : PixelRule::counts;
    out.channel = channels[options >> 1 & 3];
    if (options & 8) std::tie(out.rows, out.cols) = std::pair{sample_rows, sample_cols};
    return out;
}

Outcome outcome_of(SeriesStart const& start) {
    require(!start.pixel_mask || start.pixel_mask->size() <= limits().max_pixels, "a pixel mask is within the limits");
    require(!start.pixel_mask || start.pixel_mask->size() == start.rows * start.cols, "a pixel mask has the shape of its header");
    for (auto const& value : {start.energy_keV, start.wavelength_A, start.threshold_keV, start.count_time_s, start.frame_time_s,
                              start.pixel1_m, start.pixel2_m, start.sensor_thickness_um})
        require(!value || (std::isfinite(*value) && *value > 0), "what a header states is positive and finite");
    return {2, {}, start.series, start.images_expected.value_or(0), {}};
}

Outcome outcome_of(Frame const& frame) {
    require(frame.rows > 0 && frame.cols > 0 && frame.rows <= limits().max_pixels / frame.cols, "a frame is within the limits");
    require(frame.bits == 8 || frame.bits == 16 || frame.bits == 32, "pixels have 8, 16 or 32 bits");
    require(frame.rows * frame.cols <= limits().max_image_bytes / (frame.bits / 8), "a frame is within the limits");
    require(frame.tiles != nullptr, "a frame has pixels");
    return {3, {}, frame.series, frame.number, read_frame(*frame.tiles, frame.rows * frame.cols)};
}

Outcome outcome_of(SeriesEnd const& end) {
    return {4, {}, end.series, 0, {}};
}

Outcome outcome_of(Decoder& decoder, Message const& message) {
    auto const parts = received(message);
    std::optional<DetectorMessage> decoded;
    try {
        decoded = decoder.decode(parts);
    } catch (DecodeError const& error) {
        return {0, name(error.fault()), {}, 0, {}};
    }
    if (!decoded) return {1, {}, {}, 0, {}};
    return std::visit([](auto const& said) { return outcome_of(said); }, *decoded);
}

std::vector<Outcome> outcomes(Decoder& decoder, std::vector<Message> const& messages) {
    std::vector<Outcome> out;
    for (auto const& message : messages) out.push_back(outcome_of(decoder, message));
    return out;
}

/// The pixels of a good series: whatever a decoder was told before must not show in them.
std::vector<std::optional<Pixels>> sample_pixels(std::string const& kind, Decoder& decoder) {
    std::vector<std::optional<Pixels>> out;
    for (auto& outcome : outcomes(decoder, sample_series(kind)))
        if (outcome.kind == 3) out.push_back(std::move(outcome.pixels));
    return out;
}

/// The same of a decoder that was told nothing before.
std::vector<std::optional<Pixels>> const& undisturbed(std::string const& kind, unsigned options) {
    static std::map<std::pair<std::string, unsigned>, std::vector<std::optional<Pixels>>> known;
    auto const [found, is_new] = known.try_emplace({kind, options & option_bits});
    if (is_new) found->second = sample_pixels(kind, *make_decoder(kind, options_of(options)));
    return found->second;
}

} // namespace

void run_messages(std::string const& kind, Bytes input) {
    auto const conversation = split(input);
    auto const options = options_of(conversation.options);
    auto const first = make_decoder(kind, options), second = make_decoder(kind, options);
    require(outcomes(*first, conversation.messages) == outcomes(*second, conversation.messages),
            "the same messages are decoded in the same way");
    if (conversation.options & good_series_follows)
        require(sample_pixels(kind, *first) == undisturbed(kind, conversation.options), "a good series is decoded well after any messages");
}

} // namespace sqd::fuzz
