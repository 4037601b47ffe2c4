#include "daemon/run/publish_queue.hpp"

#include <algorithm>
#include <utility>

namespace sqd {
namespace {

/// "partial", "final", "aborted"; empty for a notice.
std::string state_of(PublishQueue::Item const& item) {
    auto const* messages = std::get_if<Messages>(&item);
    return messages && !(*messages)->empty() ? (*messages)->front().header.value("state", std::string{}) : std::string{};
}

bool is_partial(PublishQueue::Item const& item) {
    return state_of(item) == "partial";
}

bool is_final(PublishQueue::Item const& item) {
    return std::holds_alternative<Messages>(item) && !is_partial(item);
}

std::size_t weight_of(PublishQueue::Item const& item) {
    auto const* messages = std::get_if<Messages>(&item);
    return messages ? size_of(**messages) : sizeof(SeriesNotice);
}

} // namespace

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
    auto const has_room = [&] { return waiting_.empty() || (bytes_ + weight <= max_bytes_ && waiting_.size() < max_items_); };
    bool gave_way = false;
    while (!has_room() && drop_partial()) gave_way = true;
    bool const room = is_final(item) ? room_.wait_for(lock, patience, has_room) : has_room();
    if (!room) return Pushed::lost;
    bytes_ += weight;
    waiting_.push_back({std::move(item), weight});
    return gave_way ? Pushed::instead : Pushed::waits;
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
