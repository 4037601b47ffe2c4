// Memory for copies of what a running series has summed.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace sqd {

/// One copy at a time is out: who is slower than the copies are made gets fewer, not older ones, and the memory of the last is used again,
/// as touching new one would cost more than copying. take() is for one thread; any may let go, also when this has gone.
template <class T>
class Snapshots {
public:
    /// What was in the last one is still in it; null while that is out.
    std::shared_ptr<T> take() {
        std::unique_ptr<T> copy;
        {
            std::lock_guard const lock(spare_->mutex);
            copy = std::move(spare_->copy);
        }
        if (!copy) return nullptr;
        return {copy.release(), [spare = spare_](T* back) {
                    std::lock_guard const lock(spare->mutex);
                    spare->copy.reset(back);
                }};
    }

private:
    struct Spare {
        std::mutex mutex;
        std::unique_ptr<T> copy = std::make_unique<T>(); ///< null while it is out
    };
    std::shared_ptr<Spare> spare_ = std::make_shared<Spare>();
};

} // namespace sqd
