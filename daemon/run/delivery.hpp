// What becomes of a result in the service: saved, remembered, published.
#pragma once

#include "daemon/publish/result_message.hpp"
#include "daemon/run/final_history.hpp"
#include "daemon/run/final_saver.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace sqd {

/// They outlive the delivery.
struct DeliveryRoute {
    Speaker speaker;
    Sequence& sequence;
    NexusArchive const& archive;
    FinalSaver& saver;
    FinalHistory& history;
    AlarmBoard& alarms;
    Counters& counters;
    Clock const& clock;
    std::function<void(Messages)> publish;
};

/// Called from the reduction's thread, which is the only one that numbers messages of results: what is journaled has the number that goes
/// out.
class Delivery {
public:
    explicit Delivery(DeliveryRoute route) : route_(std::move(route)) {}
    /// A final or aborted result is saved first, since `durable` is a promise; a second later it goes out without it.
    void operator()(std::shared_ptr<ReducedResult> const& result) const;

private:
    bool save(ReducedResult const& result, FinalMeta const& meta, Messages const& messages) const;

    DeliveryRoute route_;
};

} // namespace sqd
