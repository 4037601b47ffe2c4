// The bins of a series: its header held against the configuration, its pixel mask taken in.
#pragma once

#include "pipeline/core/frame.hpp"
#include "pipeline/core/parallel.hpp"
#include "pipeline/reduce/bin_map.hpp"
#include "pipeline/stream/processor_config.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace sqd {

/// Works the bins out once per mask; a header without a mask keeps the one before. The flat field is left out where the detector has
/// applied its own.
class SeriesBins {
public:
    /// Throws DataError, with both values, when header and configuration disagree: shape, energy, wavelength, pixel size, mask.
    std::shared_ptr<BinMap const> operator()(SeriesStart const& header, ProcessorConfig const& config, ParallelFor const& parallel_for);

    /// Of the bins given out last.
    std::uint64_t fingerprint() const { return fingerprint_; }
    /// The detector's, that is in force; null = it sent none, ever.
    std::shared_ptr<std::vector<std::uint32_t> const> const& pixel_mask() const { return pixel_mask_; }

private:
    std::shared_ptr<BinMap const> bins_; ///< of the last series
    std::uint64_t fingerprint_ = 0;
    Mask mask_;                                                    ///< that they were made with
    std::shared_ptr<std::vector<std::uint32_t> const> pixel_mask_; ///< the detector's, of the last series whose shape was right
};

} // namespace sqd
