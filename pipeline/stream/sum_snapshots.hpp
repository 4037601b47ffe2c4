// Memory for copies of a running series' pixel sum.
#pragma once

#include "pipeline/reduce/ring_integration.hpp"

#include <memory>

namespace sqd {

/// One copy at a time is out: who is slower than the copies are made gets fewer, not older ones, and the memory of the last is used again,
/// as touching new one would cost more than copying. take() is for one thread; any may let go, also when this has gone.
class SumSnapshots {
public:
    SumSnapshots();
    /// What was in the last one is still in it; null while that is out.
    std::shared_ptr<PixelSum> take();

private:
    struct Spare;
    std::shared_ptr<Spare> spare_;
};

} // namespace sqd
