#include "daemon/run/publish_queue.hpp"

#include <algorithm>
#include <utility>

namespace sqd {
namespace {

bool is_partial(PublishQueue::Item const& item) {
    auto const* result = std::get_if<std::shared_ptr<ReducedResult const>>(&item);
    return result && (*result)->state == ResultState::partial;
}

bool is_final(PublishQueue::Item const& item) {
    return std::holds_alternative<std::shared_ptr<ReducedResult const>>(item) && !is_partial(item);
}

std::size_t weight_of(PublishQueue::Item const& item) {
    auto const* result = std::get_if<std::shared_ptr<ReducedResult const>>(&item);
    return result ? published_bytes(**result) : sizeof(SeriesNotice);
}

} // namespace

/// Every curve has a handful of arrays of its axis' length; headers and what hangs on them are some kilobytes.
std::size_t published_bytes(ReducedResult const& result) {
    constexpr std::size_t arrays_per_bin = 32, header_bytes = 16 << 10;
    ReducedCurves const& curves = result.curves;
    std::size_t numbers = arrays_per_bin * curves.pattern.q_invA.size();
    if (curves.gr) numbers += arrays_per_bin * curves.gr->r_A.size();
    if (curves.cake) numbers += 3 * curves.cake->intensity.size();
    if (result.points) numbers += arrays_per_bin * result.points->number.size();
    return header_bytes + numbers * sizeof(double);
}

/// True when one was waiting.
bool PublishQueue::drop_partial() {
    auto const found = std::ranges::find_if(waiting_, [](Waiting const& each) { return is_partial(each.item); });
    if (found == waiting_.end()) return false;
    bytes_ -= found->bytes;
    waiting_.erase(found);
    return true;
}

PublishQueue::Pushed PublishQueue::push(Item item, std::chrono::milliseconds patience) {
    std::size_t const weight = weight_of(item);
    std::unique_lock lock(mutex_);
    bool const replaced = is_partial(item) && drop_partial();
    auto const has_room = [&] { return waiting_.empty() || (bytes_ + weight <= max_bytes_ && waiting_.size() < max_items_); };
    bool const room = is_final(item) ? room_.wait_for(lock, patience, has_room) : has_room();
    if (!room) return Pushed::lost;
    bytes_ += weight;
    waiting_.push_back({std::move(item), weight});
    return replaced ? Pushed::replaced : Pushed::waits;
}

std::optional<PublishQueue::Item> PublishQueue::pop() {
    std::lock_guard lock(mutex_);
    if (waiting_.empty()) return std::nullopt;
    Item item = std::move(waiting_.front().item);
    bytes_ -= waiting_.front().bytes;
    waiting_.pop_front();
    room_.notify_all();
    return item;
}

std::size_t PublishQueue::bytes() const {
    std::lock_guard lock(mutex_);
    return bytes_;
}

} // namespace sqd
