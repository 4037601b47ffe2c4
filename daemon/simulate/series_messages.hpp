// One series of a simulated detector, as the messages it sends; a table of protocols.
#pragma once

#include "daemon/simulate/dialect.hpp"
#include "daemon/simulate/frame_counts.hpp"
#include "daemon/simulate/player.hpp"
#include "daemon/simulate/prepared_frames.hpp"
#include "daemon/simulate/scan_plan.hpp"
#include "daemon/simulate/station.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace sqd::simulated {

/// How counts are drawn and dressed.
struct Dressing {
    double exposure_s = 0, period_s = 0;
    std::uint64_t seed = 0;
    Dialect dialect;
    bool with_end = true;
    DrawnFrames drawn;                    ///< what is repeated; empty: every frame is drawn anew
    std::shared_ptr<PackedFrames> packed; ///< of all series; not null where something is repeated
};

/// Makes a series, the frames that it draws ahead included. The result shares the samplers and copies what else it needs.
using MakeSeries = SeriesMessages (*)(Station const&, PlannedScan const&, std::shared_ptr<Samplers const>, Dressing const&);

/// DECTRIS Stream V1 and V2; MAX IV's Pilatus streamer; PSI's array-1.0 and pilatus-1.0, which have neither start nor end; and
/// camserver's files: messages of two parts, the file's name and its bytes.
SeriesMessages stream1_series(Station const&, PlannedScan const&, std::shared_ptr<Samplers const>, Dressing const&);
SeriesMessages stream2_series(Station const&, PlannedScan const&, std::shared_ptr<Samplers const>, Dressing const&);
SeriesMessages pilatus_series(Station const&, PlannedScan const&, std::shared_ptr<Samplers const>, Dressing const&);
SeriesMessages array_series(Station const&, PlannedScan const&, std::shared_ptr<Samplers const>, Dressing const&);
SeriesMessages cbf_files_series(Station const&, PlannedScan const&, std::shared_ptr<Samplers const>, Dressing const&);

/// Recorded messages: files mNNNN_pK.bin of `directory`, message NNNN, part K, byte for byte. The first message is sent
/// as the start, all others as frames. Throws IoError when there are none.
SeriesMessages recorded_series(std::filesystem::path const& directory);

/// A protocol that can be simulated.
struct SimulatedProtocol {
    char const* kind;  ///< as in source.kind
    double exposure_s; ///< usual with its detectors
    MakeSeries series;
};

/// All of them, an explicit table.
std::vector<SimulatedProtocol> const& simulated_protocols();
/// Throws ConfigError naming the known ones.
SimulatedProtocol const& find_protocol(std::string const& kind);

} // namespace sqd::simulated
