#include "pipeline/stream/scan_orders.hpp"

#include <utility>

namespace sqd {

std::optional<Obeyed> ScanOrders::give(ScanOrder order, std::uint64_t events, std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    if (waiting_.size() >= most_waiting) return std::nullopt;
    waiting_.push_back({std::move(order), events});
    ++count_;
    std::uint64_t const ticket = ++given_;
    if (!done_.wait_for(lock, patience, [&] { return obeyed_ >= ticket; })) return Obeyed::later;
    return durable_ ? Obeyed::durable : Obeyed::now; // nobody else gives orders: the last one is this one
}

std::optional<ScanOrder> ScanOrders::take(std::uint64_t events) {
    if (count_ == 0) return std::nullopt;
    std::lock_guard lock(mutex_);
    if (waiting_.front().events > events) return std::nullopt;
    ScanOrder order = std::move(waiting_.front().order);
    waiting_.pop_front();
    --count_;
    return order;
}

void ScanOrders::obeyed(bool durable) {
    {
        std::lock_guard lock(mutex_);
        ++obeyed_;
        durable_ = durable;
    }
    done_.notify_all();
}

} // namespace sqd
