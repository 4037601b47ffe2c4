#include "pipeline/stream/reduction_job.hpp"

#include <algorithm>

namespace sqd {

bool exposure_known(ReductionJob const& job) {
    return std::find(job.flags.begin(), job.flags.end(), exposure_unknown_flag) == job.flags.end();
}

std::size_t bytes_of(ReductionJob const& job) {
    auto const bytes = [](auto const&... arrays) { return ((arrays.size() * sizeof(arrays[0])) + ...); };
    std::size_t out = sizeof job;
    for (auto const& frame : job.counts.frames) out += sizeof *frame + bytes(frame->counts, frame->deficits, frame->carries, frame->joined);
    if (auto const& sum = job.pixel_sum) out += bytes(sum->counts, sum->invalid_frames, sum->variance, sum->dark, sum->dark_variance);
    if (auto const& sums = job.float_sums) out += bytes(sums->counts, sums->norm, sums->pixels, sums->variance);
    return out;
}

std::vector<double> float_pixel_seconds(ReductionJob const& job) {
    auto out = job.float_sums->pixels;
    for (double& seconds : out) seconds *= job.float_exposure_s;
    return out;
}

} // namespace sqd
