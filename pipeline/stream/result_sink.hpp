// The output interface: where results go.
#pragma once

#include "pipeline/core/results.hpp"

namespace sqd {

/// Takes results, one at a time, from one thread. Throws IoError when a result could not be kept; the caller alarms and goes on.
class ResultSink {
public:
    virtual ~ResultSink() = default;
    virtual void write(ReducedResult const& result) = 0;
};

} // namespace sqd
