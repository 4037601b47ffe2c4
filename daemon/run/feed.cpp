#include "daemon/run/feed.hpp"

#include "daemon/run/folder_intake.hpp"
#include "daemon/run/intake.hpp"
#include "detectors/registry.hpp"

#include <memory>
#include <utility>

namespace sqd {

Feed open_feed(zmq::context_t& context, Config const& config, EventGate gate, Counters& counters, AlarmBoard& alarms, Clock const& clock,
               SeriesStart const* going_on) {
    SourceConfig const& source = config.source;
    auto decoder = make_decoder(source.kind, decoder_options(config));
    if (going_on != nullptr) decoder->go_on_from(*going_on);
    if (!source.directory.empty()) {
        auto const folder = std::make_shared<FolderIntake>(source, std::move(decoder), gate, counters, clock);
        return {folder->endpoint(), {}, [folder](std::stop_token stop) { folder->run(stop); }};
    }
    auto tap = source.tap ? std::make_unique<Tap>(context, *source.tap, counters, alarms, clock) : nullptr;
    auto const intake = std::make_shared<Intake>(context, source, std::move(decoder), gate, counters, std::move(tap));
    return {intake->endpoint(), intake->tap_endpoint(), [intake](std::stop_token stop) { intake->run(stop); }};
}

} // namespace sqd
