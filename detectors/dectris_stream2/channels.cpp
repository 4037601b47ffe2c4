// Channels by name, never by position: a start may list more thresholds than channels.
#include "detectors/dectris_stream2/channels.hpp"

#include "detectors/codec/excerpt.hpp"
#include "pipeline/core/errors.hpp"

#include <algorithm>
#include <vector>

namespace sqd::dectris_stream2 {

namespace {

constexpr std::string_view threshold = "threshold_";

std::optional<std::string> name_in(CborMap const& map, std::string const& channel) {
    if (channel.empty()) {
        auto const names = map.names();
        return names.size() == 1 ? std::optional(names.front()) : std::nullopt;
    }
    if (map.find(channel)) return channel;
    auto const other = channel.starts_with(threshold) ? channel.substr(threshold.size()) : std::string(threshold) + channel;
    return map.find(other) ? std::optional(other) : std::nullopt;
}

std::string listed(std::vector<std::string> const& names) {
    constexpr std::size_t shown = 8;
    std::string list;
    for (std::size_t i = 0; i < std::min(shown, names.size()); ++i) list += (i == 0 ? "" : ", ") + excerpt(names[i]);
    return names.size() > shown ? list + ", ..." : list;
}

} // namespace

std::optional<cbor::Reader> find_channel(CborMap const& map, std::string const& channel) {
    auto const name = name_in(map, channel);
    return name ? map.find(*name) : std::nullopt;
}

std::string choose_channel(CborMap const& data, std::string const& channel) {
    if (auto const name = name_in(data, channel)) return *name;
    auto const names = data.names();
    if (names.empty()) throw DecodeError(DecodeFault::malformed, "image without pixels (no channel in its data)");
    if (channel.empty())
        throw DecodeError(DecodeFault::unsupported,
                          "image of several channels: " + listed(names) + " (one is reduced) name it as source.channel");
    throw DecodeError(DecodeFault::mismatch, "image without channel '" + excerpt(channel) + "' (it has " + listed(names) +
                                                 ") name one of these as source.channel");
}

} // namespace sqd::dectris_stream2
