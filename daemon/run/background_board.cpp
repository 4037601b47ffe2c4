#include "daemon/run/background_board.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sqd {

void BackgroundBoard::configure(BackgroundChoice configured) {
    std::lock_guard const lock(mutex_);
    configured_ = std::move(configured);
}

void BackgroundBoard::choose(std::optional<BackgroundChoice> choice) {
    std::lock_guard const lock(mutex_);
    chosen_ = std::move(choice);
}

bool BackgroundBoard::choose_finished(std::string const& scan) {
    std::lock_guard const lock(mutex_);
    auto const found = std::ranges::find_if(finished_, [&](auto const& each) { return each.uid == scan || each.id == scan; });
    if (found == finished_.end()) return false;
    chosen_ = BackgroundChoice{BackgroundUse::scan_id, found->id};
    return true;
}

void BackgroundBoard::finished(FinishedBackground background) {
    std::lock_guard const lock(mutex_);
    std::erase_if(finished_, [&](auto const& each) { return each.id == background.id; });
    finished_.push_front(std::move(background));
    if (finished_.size() <= most_listed) return;
    auto const needed = [this](FinishedBackground const& each) {
        return each.id == configured_.scan || (chosen_ && each.id == chosen_->scan);
    };
    finished_.erase(std::prev(std::find_if_not(finished_.rbegin(), finished_.rend(), needed).base()));
}

BackgroundChoice BackgroundBoard::current() const {
    std::lock_guard const lock(mutex_);
    return chosen_.value_or(configured_);
}

std::optional<BackgroundChoice> BackgroundBoard::choice() const {
    std::lock_guard const lock(mutex_);
    return chosen_;
}

std::optional<FinishedBackground> BackgroundBoard::in_use() const {
    BackgroundChoice const choice = current();
    std::lock_guard const lock(mutex_);
    bool const by_id = choice.use == BackgroundUse::scan_id;
    if (!by_id && choice.use != BackgroundUse::latest) return std::nullopt;
    auto const found = std::ranges::find_if(finished_, [&](auto const& each) { return !by_id || each.id == choice.scan; });
    return found == finished_.end() ? std::nullopt : std::optional(*found);
}

std::vector<FinishedBackground> BackgroundBoard::list() const {
    std::lock_guard const lock(mutex_);
    return {finished_.begin(), finished_.end()};
}

void BackgroundBoard::apply(ReductionJob& job) const {
    std::lock_guard const lock(mutex_);
    if (!chosen_) return;
    job.background_use = chosen_->use;
    job.background_scan = chosen_->scan;
    job.config.background.off_sample = false; // a chosen one is a scan, or none
}

} // namespace sqd
