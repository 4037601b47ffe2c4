#include "daemon/run/feed.hpp"

#include "daemon/run/folder_intake.hpp"
#include "daemon/run/intake.hpp"
#include "detectors/registry.hpp"

#include <memory>
#include <utility>

namespace sqd {

Feed open_feed(zmq::context_t& context, Config const& config, EventGate gate, Counters& counters, AlarmBoard& alarms, SourceLink& link,
               Clock const& clock, SeriesStart const* going_on) {
    SourceConfig const& source = config.source;
    auto decoder = make_decoder(source.kind, decoder_options(config));
    if (going_on != nullptr) decoder->go_on_from(*going_on);
    if (!source.directory.empty()) {
        auto const folder = std::make_shared<FolderIntake>(source, std::move(decoder), gate, counters, link, clock);
        return {folder->endpoint(),
                {},
                "the folder " + folder->endpoint() + " is not there (source.directory) is its disk mounted?",
                [folder](std::stop_token stop) { folder->run(stop); }};
    }
    auto tap = source.tap ? std::make_unique<Tap>(context, *source.tap, counters, alarms, clock) : nullptr;
    auto const intake = std::make_shared<Intake>(context, source, std::move(decoder), gate, counters, alarms, link, clock, std::move(tap));
    std::string const absent =
        source.connect.empty() ? "nobody is connected to " + intake->endpoint() + " (source.bind) start the detector's stream"
                               : "nobody answers at " + source.connect + " (source.connect) is the detector on, and its stream enabled?";
    return {intake->endpoint(), intake->tap_endpoint(), absent, [intake](std::stop_token stop) { intake->run(stop); }};
}

} // namespace sqd
