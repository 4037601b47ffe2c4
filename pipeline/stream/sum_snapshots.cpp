#include "pipeline/stream/sum_snapshots.hpp"

#include <mutex>
#include <utility>

namespace sqd {

struct SumSnapshots::Spare {
    std::mutex mutex;
    std::unique_ptr<PixelSum> sum = std::make_unique<PixelSum>(); ///< null while it is out
};

SumSnapshots::SumSnapshots() : spare_(std::make_shared<Spare>()) {}

std::shared_ptr<PixelSum> SumSnapshots::take() {
    std::unique_ptr<PixelSum> sum;
    {
        std::lock_guard lock(spare_->mutex);
        sum = std::move(spare_->sum);
    }
    if (!sum) return nullptr;
    return {sum.release(), [spare = spare_](PixelSum* back) {
                std::lock_guard lock(spare->mutex);
                spare->sum.reset(back);
            }};
}

} // namespace sqd
