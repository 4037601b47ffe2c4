// From where frames come: a socket that speaks a protocol, or a folder.
#include "config/parts.hpp"
#include "detectors/registry.hpp"

#include <filesystem>
#include <vector>

namespace sqd {

namespace {

constexpr Limits torn_limits{0, 3600, "time for a file to become whole [s]"};

DecoderEntry const& read_kind(Section const& source) {
    std::vector<std::string> offered;
    for (auto const& entry : decoder_table()) offered.emplace_back(entry.kind);
    return decoder_table()[source.pick("kind", offered)];
}

void read_socket(Section const& source, DecoderEntry const& protocol, SourceConfig& config) {
    config.connect = read_connect(source, "connect");
    config.bind = read_bind(source, true);
    if (config.connect.empty() == config.bind.empty()) {
        throw source.refuse("connect", config.bind.empty() ? "no endpoint" : "two endpoints",
                            "exactly one of connect and bind says where frames come from", "most detectors bind: write connect");
    }
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
    config.directory = document.resolve(source.text("directory"));
    if (!std::filesystem::is_directory(config.directory)) {
        throw source.refuse("directory", "'" + config.directory + "' is no folder", "the camera's files are awaited there",
                            "make it, or correct the name");
    }
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
    config.channel = source.text("channel");
    if (config.channel == "none") config.channel.clear();
    config.max_image_bytes = source.integer("max_image_MB", {1, 4096, "largest image [MB]"}) << 20;
    config.queue_bytes = source.integer("queue_MB", {1, 1 << 20, "memory for frames [MB]"}) << 20;
    if (config.queue_bytes < config.max_image_bytes) {
        throw source.refuse("queue_MB", "holds less than one image", "max_image_MB is " + std::to_string(config.max_image_bytes >> 20),
                            "raise queue_MB or lower max_image_MB");
    }
    config.end_silence_s = source.number("end_silence_s", {0, 86400, "silence [s]", true});
    source.not_available("tap", "no copy of the raw stream in this version");
    return config;
}

} // namespace sqd
