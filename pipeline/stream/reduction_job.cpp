#include "pipeline/stream/reduction_job.hpp"

#include <algorithm>

namespace sqd {

bool exposure_known(ReductionJob const& job) {
    return std::find(job.flags.begin(), job.flags.end(), exposure_unknown_flag) == job.flags.end();
}

std::vector<double> float_pixel_seconds(ReductionJob const& job) {
    auto out = job.float_sums->pixels;
    for (double& seconds : out) seconds *= job.float_exposure_s;
    return out;
}

} // namespace sqd
