// Whether the source is there: told by who receives, read by anyone.
#pragma once

#include <atomic>

namespace sqd {

class SourceLink {
public:
    void tell(bool there) { there_ = there; }
    bool there() const { return there_; }

private:
    std::atomic<bool> there_{false};
};

} // namespace sqd
