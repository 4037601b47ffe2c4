#include "pipeline/stream/reduction_job.hpp"

#include <algorithm>

namespace sqd {

bool exposure_known(ReductionJob const& job) {
    return std::find(job.flags.begin(), job.flags.end(), exposure_unknown_flag) == job.flags.end();
}

namespace {

template <class... Arrays>
std::size_t bytes_in(Arrays const&... arrays) {
    return ((arrays.size() * sizeof(arrays[0])) + ...);
}

} // namespace

std::size_t bytes_of(FrameList const& points) {
    std::size_t out = 0;
    for (auto const& point : points) {
        out += sizeof *point + bytes_in(point->counts, point->carries, point->deficits, point->joined, point->deficit_lists);
        for (auto const& list : point->deficit_lists) out += bytes_in(list);
    }
    return out;
}

std::size_t bytes_of(ReductionJob const& job) {
    std::size_t out = sizeof job + bytes_of(job.counts.frames);
    if (auto const& sum = job.pixel_sum) out += bytes_in(sum->counts, sum->invalid_frames, sum->variance, sum->dark, sum->dark_variance);
    if (auto const& sums = job.float_sums) out += bytes_in(sums->counts, sums->norm, sums->pixels, sums->variance);
    return out;
}

std::vector<double> float_pixel_seconds(ReductionJob const& job) {
    auto out = job.float_sums->pixels;
    for (double& seconds : out) seconds *= job.float_exposure_s;
    return out;
}

} // namespace sqd
