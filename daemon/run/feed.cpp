#include "daemon/run/feed.hpp"

#include "daemon/run/intake.hpp"
#include "detectors/registry.hpp"

#include <memory>
#include <utility>

namespace sqd {

Feed open_feed(zmq::context_t& context, Config const& config, EventGate gate, Counters& counters, AlarmBoard& alarms, Clock const& clock) {
    auto const& source = config.source;
    auto tap = source.tap ? std::make_unique<Tap>(context, *source.tap, counters, alarms, clock) : nullptr;
    auto const intake =
        std::make_shared<Intake>(context, source, make_decoder(source.kind, decoder_options(config)), gate, counters, std::move(tap));
    return {intake->endpoint(), [intake](std::stop_token stop) { intake->run(stop); }, intake->tap_endpoint()};
}

} // namespace sqd
