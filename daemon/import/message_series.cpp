#include "daemon/import/message_series.hpp"

#include "detectors/dectris_stream2/decoder.hpp"
#include "detectors/json_message.hpp"
#include "detectors/registry.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <utility>

namespace sqd {

namespace {

/// The text of "htype"; some senders write a list of one.
std::string htype_of(MessagePart const& part) {
    auto const object = parse_object(part, "first part", {});
    auto const found = object.find("htype");
    if (found == object.end()) return "";
    auto const& value = found->is_array() && !found->empty() ? found->front() : *found;
    return value.is_string() ? value.get<std::string>() : "";
}

bool is_cbor_map(MessagePart const& part) {
    constexpr std::byte self_describing_tag{0xD9}, map_of_no_pairs{0xA0}, map_of_any{0xBF};
    std::byte const first = part.bytes.front();
    return first == self_describing_tag || (first >= map_of_no_pairs && first <= map_of_any);
}

/// Every protocol that this program speaks, and no other.
bool is_known(std::string const& kind) {
    return std::ranges::any_of(decoder_table(), [&](DecoderEntry const& entry) { return kind == entry.kind; });
}

class MessageEvents {
public:
    MessageEvents(MessageReading next, FileOptions options) : next_(std::move(next)), options_(std::move(options)), kind_(options_.kind) {
        if (!kind_.empty()) make_decoder(kind_, options_.decoder);
    }

    std::optional<FileEvent> operator()() {
        while (ready_.empty() && !ended_) read_next();
        if (ready_.empty()) return std::nullopt;
        FileEvent event = std::move(ready_.front());
        ready_.pop_front();
        return event;
    }

private:
    void read_next();
    void decode(RecordedMessage const& message);
    void decode_with(Decoder& decoder, RecordedMessage const& message);
    Decoder& decoder_of(std::string const& channel);
    void add(std::string const& item, DetectorMessage message);
    void add_unread(std::string const& item, DecodeError const& error) {
        ready_.push_back({item, UnreadItem{error.fault(), error.what()}});
    }

    MessageReading next_;
    FileOptions options_;
    std::string kind_;
    std::map<std::string, std::unique_ptr<Decoder>> decoders_; ///< by channel
    std::optional<RecordedMessage> start_;                     ///< of the running series, for the decoders of its channels
    std::deque<FileEvent> ready_;
    bool ended_ = false;
};

void MessageEvents::read_next() {
    auto const message = next_();
    ended_ = !message;
    if (!message) return;
    try {
        if (message->fault) throw DecodeError(*message->fault);
        decode(*message);
    } catch (DecodeError const& error) {
        add_unread(message->item, error);
    }
}

void MessageEvents::decode(RecordedMessage const& message) {
    if (kind_.empty()) {
        auto const told = protocol_of(message.parts);
        if (told.empty())
            throw DecodeError(DecodeFault::unsupported, "message of no known protocol (its first part does not tell) name it with --kind");
        if (!is_known(told)) throw DecodeError(DecodeFault::unsupported, "message of protocol " + told + " (this build does not read it)");
        kind_ = told;
    }
    auto const channels = options_.all_channels && kind_ == "dectris_stream2" && message.parts.size() == 1
                              ? channel_names(message.parts.front())
                              : std::vector<std::string>{};
    if (channels.empty()) decode_with(decoder_of(options_.decoder.channel), message);
    for (auto const& channel : channels) {
        try {
            decode_with(decoder_of(channel), message);
        } catch (DecodeError const& error) {
            add_unread(message.item + "#" + channel, error);
        }
    }
}

Decoder& MessageEvents::decoder_of(std::string const& channel) {
    auto& decoder = decoders_[channel];
    if (decoder) return *decoder;
    auto options = options_.decoder;
    options.channel = channel;
    decoder = make_decoder(kind_, options);
    if (start_) decoder->decode(start_->parts);
    return *decoder;
}

void MessageEvents::decode_with(Decoder& decoder, RecordedMessage const& message) {
    if (auto decoded = decoder.decode(message.parts)) {
        if (std::holds_alternative<SeriesStart>(*decoded)) {
            start_ = message;
            std::erase_if(decoders_, [&](auto const& entry) { return entry.second.get() != &decoder; }); // they know the one before
        }
        add(message.item, std::move(*decoded));
    }
}

void MessageEvents::add(std::string const& item, DetectorMessage message) {
    if (auto* start = std::get_if<SeriesStart>(&message); start != nullptr && options_.exposure_s)
        start->count_time_s = options_.exposure_s;
    if (auto* frame = std::get_if<Frame>(&message); frame != nullptr && options_.exposure_s) frame->exposure_s = options_.exposure_s;
    std::visit([&](auto& any) { ready_.push_back({item, std::move(any)}); }, message);
}

} // namespace

std::string protocol_of(std::vector<MessagePart> const& parts) {
    if (parts.empty() || parts.front().bytes.empty()) return "";
    if (is_cbor_map(parts.front())) return "dectris_stream2";
    std::string const htype = htype_of(parts.front());
    if (htype.starts_with("dheader-") || htype.starts_with("dimage-") || htype.starts_with("dseries_end-")) return "dectris_stream1";
    if (htype == "header" || htype == "image" || htype == "series_end") return "pilatus_stream";
    if (htype.starts_with("array-") || htype.starts_with("pilatus-")) return "array_stream";
    return "";
}

FileReading message_events(MessageReading next, FileOptions const& options) {
    auto const events = std::make_shared<MessageEvents>(std::move(next), options);
    return [events] { return (*events)(); };
}

} // namespace sqd
