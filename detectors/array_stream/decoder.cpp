// PSI's messages, told apart by their htype; series by file names and frame numbers.
#include "detectors/array_stream/decoder.hpp"

#include "detectors/array_stream/image.hpp"
#include "detectors/camserver/file_name.hpp"
#include "detectors/codec/excerpt.hpp"
#include "detectors/frame_reset.hpp"
#include "detectors/json_message.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>

namespace sqd {

using nlohmann::json;

namespace {

/// "htype" is a text; ADZMQ before 1.4 wrote a list with that text in it, and shapes as [x, y].
struct Htype {
    std::string name;
    bool in_list = false;
};

Htype read_htype(json const& header) {
    auto const found = header.find("htype");
    if (found != header.end() && found->is_array() && found->size() == 1 && found->front().is_string())
        return {found->front().get<std::string>(), true};
    return {require_string(header, "htype"), false};
}

class ArrayStream final : public Decoder {
public:
    explicit ArrayStream(DecoderOptions const& options) : options_(options) {}
    std::optional<DetectorMessage> decode(std::span<MessagePart const> parts) override;

private:
    std::optional<DetectorMessage> stop();
    Frame decode_array(json const& header, bool width_first, MessagePart const& pixels);
    Frame decode_file(json const& header, MessagePart const& file);
    SeriesKey series_of(std::uint64_t frame, std::uint64_t content, std::string const& file);
    std::uint64_t content_of(std::uint64_t frame, MessagePart const& pixels);

    DecoderOptions options_;
    SeriesKey running_;
    bool open_ = false;
    std::string file_; ///< what the running series' files are called, without the count
    FrameReset begins_anew_;
    std::uint64_t last_frame_ = 0, last_content_ = 0;
    MessagePart last_pixels_; ///< to be held against those of a number that comes again
};

std::optional<DetectorMessage> ArrayStream::decode(std::span<MessagePart const> parts) {
    if (parts.empty() || (parts.size() == 1 && parts[0].bytes.empty())) return std::nullopt;
    if (parts.size() == 1 && text_of(parts[0]) == "STOP") return stop();
    auto const header = parse_object(parts[0], "first part", options_.limits);
    auto const htype = read_htype(header);
    if (htype.name == "chunk-1.0")
        throw DecodeError(DecodeFault::unsupported, "htype 'chunk-1.0' (deprecated) let the sender use array-1.0");
    bool const array = htype.name == "array-1.0";
    if (!array && htype.name != "pilatus-1.0")
        throw DecodeError(DecodeFault::unsupported,
                          "htype '" + excerpt(htype.name) + "' (array-1.0 and pilatus-1.0 are read) check source.kind");
    if (parts.size() != 2)
        throw DecodeError(DecodeFault::malformed, "image of " + std::to_string(parts.size()) + " parts (its header and its data are 2)");
    auto frame = array ? decode_array(header, htype.in_list, parts[1]) : decode_file(header, parts[1]);
    frame.series_named = frame.has_starts = false;
    frame.bytes = parts[0].bytes.size() + parts[1].bytes.size();
    return frame;
}

/// The only word of a sender on the end of anything: it spares waiting for silence. It ends what runs, and is nothing where nothing does.
std::optional<DetectorMessage> ArrayStream::stop() {
    if (!open_) return std::nullopt;
    open_ = false;
    return SeriesEnd{running_, true};
}

Frame ArrayStream::decode_array(json const& header, bool width_first, MessagePart const& pixels) {
    // First the series: an image that cannot be read still counts.
    auto const number = require_unsigned(header, "frame");
    auto const series = series_of(number, content_of(number, pixels), "");
    auto frame = array_stream::read_array(header, pixels, width_first, options_);
    frame.series = series;
    frame.number = number;
    return frame;
}

Frame ArrayStream::decode_file(json const& header, MessagePart const& file) {
    auto const filename = require_string(header, "filename");
    auto name = parse_camserver_name(filename);
    if (!name) name = parse_camserver_name(filename + ".cbf");
    if (!name) throw DecodeError(DecodeFault::malformed, "file name '" + excerpt(filename) + "' (a name and a count are expected)");
    auto const content = std::hash<std::string_view>{}(text_of(file)); // little beside the checksum of the file
    auto const series = series_of(name->number, content, find_string(header, "path").value_or("") + '/' + name->base);
    auto frame = array_stream::read_file(file, options_);
    frame.series = series;
    frame.mark = file_;
    frame.number = name->number;
    return frame;
}

/// ZeroMQ does not repeat: only a message that a sender repeats at once is looked for.
std::uint64_t ArrayStream::content_of(std::uint64_t frame, MessagePart const& pixels) {
    bool const repeated = frame == last_frame_ && std::ranges::equal(pixels.bytes, last_pixels_.bytes);
    last_frame_ = frame;
    last_pixels_ = pixels;
    return repeated ? last_content_ : ++last_content_;
}

SeriesKey ArrayStream::series_of(std::uint64_t frame, std::uint64_t content, std::string const& file) {
    bool const other = !open_ || file != file_;
    if (other) begins_anew_.restart();
    if (begins_anew_(frame, content) || other) ++running_.series_id;
    open_ = true;
    file_ = file;
    return running_;
}

} // namespace

std::unique_ptr<Decoder> make_array_stream(DecoderOptions const& options) {
    return std::make_unique<ArrayStream>(options);
}

} // namespace sqd
