// From where frames come: a socket that speaks a protocol, or a folder.
#include "config/parts.hpp"
#include "detectors/registry.hpp"

#include <string>
#include <vector>

namespace sqd {

namespace {

constexpr Limits torn_limits{0, 3600, "time for a file to become whole [s]"};

DecoderEntry const& read_kind(Section const& source) {
    std::vector<std::string> offered;
    for (auto const& entry : decoder_table()) offered.emplace_back(entry.kind);
    return decoder_table()[source.pick("kind", offered)];
}

/// Sets `connect` or `bind`.
void read_either_end(Section const& section, char const* meaning, char const* suggestion, std::string& connect, std::string& bind) {
    connect = read_connect(section, "connect");
    bind = read_bind(section, true);
    if (connect.empty() == bind.empty()) {
        throw section.refuse("connect", bind.empty() ? "no endpoint" : "two endpoints",
                             std::string("exactly one of connect and bind says where ") + meaning, suggestion);
    }
}

std::optional<TapConfig> read_tap(Section const& tap) {
    if (tap.is_none()) return std::nullopt;
    TapConfig config;
    read_either_end(tap, "messages go", "write bind for those who connect", config.connect, config.bind);
    config.publish = tap.choice<bool>("socket", {{"push", false}, {"pub", true}});
    config.queue_messages = static_cast<int>(tap.integer("queue_messages", {1, 100'000, "messages that wait"}));
    return config;
}

std::string read_channel(Section const& source, DecoderEntry const& protocol) {
    auto const channel = source.text("channel");
    if (channel == "none") return {};
    if (!protocol.has_channels) {
        std::string with;
        for (auto const& entry : decoder_table()) {
            if (entry.has_channels) with += (with.empty() ? "" : " and ") + std::string(entry.kind);
        }
        throw source.refuse("channel", "has nothing to choose from", "only images of " + with + " have several channels", "leave it out");
    }
    return channel;
}

void read_socket(Section const& source, DecoderEntry const& protocol, SourceConfig& config) {
    read_either_end(source, "frames come from", "most detectors bind: write connect", config.connect, config.bind);
    auto const usual = protocol.transport == Transport::sub ? "sub" : "pull";
    config.subscribe = source.choice<bool>("socket", {{"pull", false}, {"sub", true}}, {}, usual);
    source.not_available("directory", "only cbf_folder reads files");
    source.flag("delete_after_use");
    source.number("torn_retry_s", torn_limits);
}

void read_folder(Section const& source, Document& document, SourceConfig& config) {
    for (auto const* key : {"connect", "bind"}) source.not_available(key, "this kind of source is a folder: write directory");
    source.flag("insecure");
    if (source.says("socket"))
        source.not_available("socket", "this kind of source is a folder");
    else
        document.record("source.socket", "none");
    auto const directory = source.text("directory");
    if (directory == "none") throw source.refuse("directory", "is missing", "the camera's files are awaited there", "name the folder");
    config.directory = document.resolve(directory);
    config.delete_after_use = source.flag("delete_after_use");
    config.torn_retry_s = source.number("torn_retry_s", torn_limits);
}

} // namespace

SourceConfig read_source(Document& document, Section const& source) {
    auto const& protocol = read_kind(source);
    SourceConfig config;
    config.kind = protocol.kind;
    if (protocol.transport == Transport::folder)
        read_folder(source, document, config);
    else
        read_socket(source, protocol, config);
    config.channel = read_channel(source, protocol);
    config.max_image_bytes = source.integer("max_image_MB", {1, 4096, "largest image [MB]"}) << 20;
    config.queue_bytes = source.integer("queue_MB", {1, 1 << 20, "memory for frames [MB]"}) << 20;
    if (config.queue_bytes < config.max_image_bytes) {
        throw source.refuse("queue_MB", "holds less than one image", "max_image_MB is " + std::to_string(config.max_image_bytes >> 20),
                            "raise queue_MB or lower max_image_MB");
    }
    config.end_silence_s = source.number("end_silence_s", {0, 86400, "silence [s]", true});
    config.tap = read_tap(Section(document, "source.tap"));
    if (config.tap && !config.directory.empty())
        throw source.refuse("tap", "has nothing to pass on", "files of a folder are no messages", "leave it out");
    return config;
}

} // namespace sqd
