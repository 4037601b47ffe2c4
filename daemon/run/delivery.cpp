#include "daemon/run/delivery.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <exception>
#include <utility>

namespace sqd {

namespace {

constexpr std::chrono::seconds patience{1};

FinalMeta meta_of(ReducedResult const& result) {
    return {
        {result.scan.uid, result.result}, result.scan.id, name(result.scan.role), name(result.state), NexusArchive::file_of(result.scan)};
}

Messages as_not_durable(Messages const& messages) {
    auto out = std::make_shared<std::vector<WireMessage>>(*messages);
    for (auto& message : *out) message.header["durable"] = false;
    return out;
}

} // namespace

void Delivery::operator()(std::shared_ptr<ReducedResult> const& result) const {
    bool const kept = result->state != ResultState::partial;
    result->durable = kept; // as it reads wherever it is kept
    Messages messages =
        std::make_shared<std::vector<WireMessage> const>(result_messages(*result, route_.speaker, route_.sequence, route_.clock.utc_ns()));
    if (kept) {
        FinalMeta meta = meta_of(*result);
        if (!save(*result, meta, messages)) messages = as_not_durable(messages);
        route_.history.remember({std::move(meta), messages});
    }
    route_.publish(std::move(messages));
}

bool Delivery::save(ReducedResult const& result, FinalMeta const& meta, Messages const& messages) const {
    try {
        auto image = std::make_shared<std::vector<std::byte> const>(route_.archive.image(result));
        return route_.saver.save({meta, messages, std::move(image)}, patience);
    } catch (std::exception const& error) { // no memory, a library: what was measured goes out all the same
        ++route_.counters.results_lost;
        spdlog::error("archive: scan '{}' ({}) is not saved: {}", meta.id, meta.key.uid, error.what());
        route_.alarms.raise("results_lost", "scan '" + meta.id + "' is not saved (" + error.what() + ")", route_.clock.utc_ns());
        return false;
    }
}

} // namespace sqd
