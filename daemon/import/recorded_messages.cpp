#include "daemon/import/recorded_messages.hpp"

#include "daemon/import/file_content.hpp"
#include "daemon/import/image_file.hpp"
#include "daemon/import/natural_order.hpp"
#include "pipeline/core/errors.hpp"

#include <map>
#include <memory>
#include <utility>

namespace sqd {

namespace {

namespace fs = std::filesystem;

/// Of one part: an image as large as may be, or its header.
MessagePart read_part(fs::path const& file, DecoderLimits const& limits) {
    return owned_part(read_all(file, limits.max_image_bytes + limits.max_json_bytes));
}

using Parts = std::map<std::size_t, fs::path>;

std::vector<MessagePart> read_parts(Parts const& files, DecoderLimits const& limits) {
    if (files.size() > limits.max_parts)
        throw DecodeError(DecodeFault::oversized,
                          "message of " + std::to_string(files.size()) + " parts (at most " + std::to_string(limits.max_parts) + ")");
    std::vector<MessagePart> parts;
    for (auto const& [part, file] : files) {
        if (part != parts.size())
            throw DecodeError(DecodeFault::truncated,
                              "part " + std::to_string(parts.size()) + " is missing (there is a part " + std::to_string(part) + ")");
        parts.push_back(read_part(file, limits));
    }
    return parts;
}

bool by_name(std::string const& a, std::string const& b) {
    return natural_less(a, b);
}

} // namespace

std::optional<PartName> part_name(fs::path const& file) {
    std::string const name = file.filename().string();
    constexpr std::string_view digits = "0123456789", ending = ".bin";
    constexpr std::size_t most_digits = 9;
    auto const split = name.rfind("_p");
    if (!name.starts_with('m') || !name.ends_with(ending) || split == name.npos || split + 2 + ending.size() > name.size())
        return std::nullopt;
    std::string const part = name.substr(split + 2, name.size() - ending.size() - split - 2), number = name.substr(1, split - 1);
    if (part.empty() || number.empty() || part.size() > most_digits || part.find_first_not_of(digits) != part.npos ||
        number.find_first_not_of(digits) != number.npos)
        return std::nullopt;
    return PartName{name.substr(0, split), std::stoul(part)};
}

RecordedMessage recorded_message(std::string item, std::function<std::vector<MessagePart>()> const& read) {
    RecordedMessage message{std::move(item), {}, std::nullopt};
    try {
        message.parts = read();
    } catch (DecodeError const& error) {
        message.fault = error;
    } catch (IoError const& error) {
        message.fault = DecodeError(DecodeFault::truncated, error.what());
    }
    return message;
}

MessageReading part_file_messages(std::vector<fs::path> const& files, DecoderLimits const& limits) {
    auto const messages = std::make_shared<std::map<std::string, Parts, decltype(&by_name)>>(by_name);
    for (auto const& file : files)
        if (auto const name = part_name(file)) (*messages)[(file.parent_path() / name->message).string()][name->part] = file;
    return [messages, limits]() -> std::optional<RecordedMessage> {
        if (messages->empty()) return std::nullopt;
        auto const node = messages->extract(messages->begin());
        return recorded_message(node.key(), [&] { return read_parts(node.mapped(), limits); });
    };
}

MessageReading whole_file_messages(std::vector<fs::path> const& files, DecoderLimits const& limits) {
    auto const next = std::make_shared<std::size_t>(0);
    return [files, next, limits]() -> std::optional<RecordedMessage> {
        if (*next == files.size()) return std::nullopt;
        auto const& file = files[(*next)++];
        return recorded_message(file.string(), [&] { return std::vector{read_part(file, limits)}; });
    };
}

} // namespace sqd
