// One series of a simulated detector, as the messages it sends.
#pragma once

#include "daemon/simulate/player.hpp"
#include "daemon/simulate/poisson_sampler.hpp"
#include "daemon/simulate/scan_plan.hpp"
#include "daemon/simulate/station.hpp"
#include "detectors/simulated/stream1_messages.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace sqd::simulated {

/// How counts are drawn and dressed.
struct Dressing {
    double exposure_s = 0, period_s = 0;
    std::uint64_t seed = 0;
    HeaderDetail header_detail = HeaderDetail::all;
    bool cbf = true; ///< Pilatus: whole CBF files, else raw pixels
    bool with_end = true;
};

/// The counts of frames on and off the sample.
struct Samplers {
    PoissonSampler sample, background;
};

/// DECTRIS Stream V1. The result shares `samplers` and copies what else it needs.
SeriesMessages stream1_series(Station const& station, PlannedScan const& scan, std::shared_ptr<Samplers const> samplers,
                              Dressing const& dressing);
/// MAX IV's Pilatus streamer.
SeriesMessages pilatus_series(Station const& station, PlannedScan const& scan, std::shared_ptr<Samplers const> samplers,
                              Dressing const& dressing);
/// Recorded messages: files mNNNN_pK.bin of `directory`, message NNNN, part K, byte for byte. The first message is sent
/// as the start, all others as frames. Throws IoError when there are none.
SeriesMessages recorded_series(std::filesystem::path const& directory);

} // namespace sqd::simulated
