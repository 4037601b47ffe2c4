#include "daemon/run/feed.hpp"

#include "daemon/run/intake.hpp"
#include "detectors/registry.hpp"

#include <memory>

namespace sqd {

Feed open_feed(zmq::context_t& context, Config const& config, EventGate gate, Counters& counters) {
    auto const intake =
        std::make_shared<Intake>(context, config.source, make_decoder(config.source.kind, decoder_options(config)), gate, counters);
    return {intake->endpoint(), [intake](std::stop_token stop) { intake->run(stop); }};
}

} // namespace sqd
