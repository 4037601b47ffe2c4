#include "daemon/import/message_sequence.hpp"

#include "daemon/import/file_content.hpp"
#include "daemon/import/image_file.hpp"
#include "detectors/codec/cbor.hpp"
#include "detectors/codec/excerpt.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace sqd {

namespace {

namespace fs = std::filesystem;

std::vector<MessagePart> read_parts(cbor::Reader& reader, std::shared_ptr<void const> const& owner, DecoderLimits const& limits) {
    std::vector<MessagePart> parts;
    auto list = reader.enter_array();
    while (reader.more(list)) {
        if (parts.size() == limits.max_parts)
            throw DecodeError(DecodeFault::oversized, "message of more than " + std::to_string(limits.max_parts) + " parts");
        parts.push_back({reader.untag().read_bytes(), owner});
    }
    return parts;
}

/// Passes over the source of a stream; its parts come next.
void enter_stream(cbor::Reader& reader, std::string const& name) {
    auto event = reader.untag().enter_array();
    if (!reader.more(event)) throw DecodeError(DecodeFault::malformed, "stream " + name + " is empty (a source and parts are expected)");
    reader.skip();
    if (!reader.more(event)) throw DecodeError(DecodeFault::malformed, "stream " + name + " has no parts (a list is expected)");
    reader.untag();
}

/// The messages of an event, under its name and that of the stream.
std::deque<RecordedMessage> read_event(cbor::Reader reader, std::shared_ptr<void const> const& owner, std::string const& item,
                                       DecoderLimits const& limits) {
    std::deque<RecordedMessage> messages;
    auto event = reader.enter_array();
    reader.more(event);
    reader.read_unsigned();
    if (!reader.more(event)) throw DecodeError(DecodeFault::malformed, "event without streams (its number is followed by nothing)");
    auto streams = reader.untag().enter_map();
    while (reader.more(streams)) {
        if (messages.size() == limits.max_parts)
            throw DecodeError(DecodeFault::oversized, "event of more than " + std::to_string(limits.max_parts) + " streams");
        std::string const name = excerpt(reader.read_text());
        cbor::Reader stream = reader.take_item();
        messages.push_back(recorded_message(item + " " + name, [&] {
            enter_stream(stream, name);
            return read_parts(stream, owner, limits);
        }));
    }
    return messages;
}

/// Whether an item is an event: its list begins with a number.
bool is_event(cbor::Reader reader) {
    auto list = reader.enter_array();
    return reader.more(list) && reader.kind() == cbor::Kind::unsigned_integer;
}

std::deque<RecordedMessage> read_item(MessagePart const& bytes, std::string const& item, DecoderLimits const& limits) {
    cbor::Reader reader(bytes.bytes);
    reader.untag();
    if (is_event(reader)) return read_event(reader, bytes.owner, item, limits);
    return {{item, read_parts(reader, bytes.owner, limits), std::nullopt}};
}

/// The items of one file.
class Sequence {
public:
    Sequence(fs::path const& file, DecoderLimits const& limits) : content_(open_content(file, limits.max_image_bytes)), limits_(limits) {}

    bool at_end() const { return offset_ >= content_.size; }
    /// The bytes of the next item. Nothing comes after one that cannot be told from the rest.
    MessagePart next() {
        auto bytes = next_bytes();
        offset_ += bytes.size();
        return owned_part(std::move(bytes));
    }

private:
    std::vector<std::byte> next_bytes() {
        std::size_t const most = limits_.max_image_bytes + limits_.max_json_bytes;
        std::uint64_t const rest = content_.size - offset_;
        std::uint64_t const start = std::exchange(offset_, content_.size);
        for (std::size_t window = std::min(window_, most);; window = std::min(8 * window, most)) {
            auto bytes = content_.read(start, window);
            try {
                cbor::Reader reader(bytes);
                reader.skip();
                bytes.resize(bytes.size() - reader.bytes_left());
                window_ = std::max(first_window, 2 * bytes.size());
                offset_ = start;
                return bytes;
            } catch (DecodeError const& error) {
                if (error.fault() != DecodeFault::truncated || window >= rest) throw;
                if (window == most) throw DecodeError(DecodeFault::oversized, "message of more than " + std::to_string(most) + " bytes");
            }
        }
    }

    static constexpr std::size_t first_window = 64 * 1024;
    FileContent content_;
    DecoderLimits limits_;
    std::uint64_t offset_ = 0;
    std::size_t window_ = first_window; ///< bytes read at first: messages of one recording are of a size
};

class SequenceMessages {
public:
    SequenceMessages(std::vector<fs::path> files, DecoderLimits const& limits) : files_(std::move(files)), limits_(limits) {}

    std::optional<RecordedMessage> operator()() {
        while (ready_.empty()) {
            if (sequence_ && sequence_->at_end()) sequence_.reset();
            if (!sequence_ && next_file_ == files_.size()) return std::nullopt;
            try {
                sequence_ ? read_next() : open_next();
            } catch (DecodeError const& error) {
                ready_.push_back({item_, {}, error});
            } catch (IoError const& error) {
                ready_.push_back({item_, {}, DecodeError(DecodeFault::truncated, error.what())});
            }
        }
        RecordedMessage message = std::move(ready_.front());
        ready_.pop_front();
        return message;
    }

private:
    void open_next() {
        item_ = files_[next_file_++].string();
        number_ = 0;
        sequence_.emplace(item_, limits_);
    }
    void read_next() {
        item_ = files_[next_file_ - 1].string() + "#" + std::to_string(number_++);
        ready_ = read_item(sequence_->next(), item_, limits_);
    }

    std::vector<fs::path> files_;
    DecoderLimits limits_;
    std::size_t next_file_ = 0;
    std::optional<Sequence> sequence_;
    std::uint64_t number_ = 0; ///< of the next item of the file
    std::string item_;
    std::deque<RecordedMessage> ready_;
};

} // namespace

MessageReading sequence_messages(std::vector<fs::path> const& files, DecoderLimits const& limits) {
    auto const messages = std::make_shared<SequenceMessages>(files, limits);
    return [messages] { return (*messages)(); };
}

} // namespace sqd
