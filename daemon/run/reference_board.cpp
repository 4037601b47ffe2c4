#include "daemon/run/reference_board.hpp"

#include <algorithm>
#include <utility>

namespace sqd {

void ReferenceBoard::remember(std::shared_ptr<ComparedResult const> final) {
    std::lock_guard const lock(mutex_);
    finals_.push_front(std::move(final));
    if (finals_.size() > most_finals) finals_.pop_back();
}

std::shared_ptr<ComparedResult const> ReferenceBoard::choose_final(std::string const& scan) {
    std::lock_guard const lock(mutex_);
    auto found = std::find_if(finals_.begin(), finals_.end(), [&](auto const& final) { return final->uid == scan; });
    if (found == finals_.end()) found = std::find_if(finals_.begin(), finals_.end(), [&](auto const& final) { return final->id == scan; });
    if (found == finals_.end()) return nullptr;
    file_.clear();
    return reference_ = *found;
}

void ReferenceBoard::choose(std::shared_ptr<ComparedResult const> reference, std::string file) {
    std::lock_guard const lock(mutex_);
    reference_ = std::move(reference);
    file_ = std::move(file);
}

void ReferenceBoard::is_in(std::string file) {
    std::lock_guard const lock(mutex_);
    file_ = std::move(file);
}

std::optional<ReferenceName> ReferenceBoard::name() const {
    std::lock_guard const lock(mutex_);
    if (!reference_) return std::nullopt;
    return ReferenceName{reference_->uid, reference_->id, file_};
}

std::shared_ptr<ComparedResult const> ReferenceBoard::current() const {
    std::lock_guard const lock(mutex_);
    return reference_;
}

} // namespace sqd
