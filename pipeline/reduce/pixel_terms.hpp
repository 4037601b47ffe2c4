// What every pixel of an image brings into the sums of its bins.
#pragma once

#include "pipeline/core/geometry.hpp"
#include "pipeline/core/large_memory.hpp"
#include "pipeline/core/parallel.hpp"
#include "pipeline/reduce/integration_config.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace sqd {

/// What a pixel brings. norm > 0 and finite where it takes part, else all is 0.
struct PixelTerm {
    double signal = 0, variance = 0, norm = 0;
    bool operator==(PixelTerm const&) const = default;
};

/// An image that was measured under the same conditions without the beam, per frame as the image is.
struct DarkImage {
    std::span<double const> signal;
    std::span<double const> variance; ///< of `signal`; may be empty: taken as known exactly
};

/// Everything that turns counts into terms. Spans have the image's size or are empty.
struct PixelCorrections {
    std::span<float const> optics = {}; ///< pixel_norm()
    std::span<double const> flat = {};  ///< response relative to 1; 0 or not a number excludes the pixel
    std::optional<DarkImage> dark = std::nullopt;
    double normalization = 1;                           ///< monitor x exposure x frames
    bool pyfai_float32 = false;                         ///< pyFAI's rounding: data, dark and norm in float32
    std::span<double const> variance = {};              ///< of the counts; empty: max(1, counts)
    std::span<std::uint32_t const> invalid_frames = {}; ///< of `frames`, for which the pixel has no part of the normalization; empty = none
    double frames = 0;
    Average average = Average::weighted; ///< unweighted: signal and variance are those of signal / norm, norm is 1
};

/// Signal = counts - dark; norm = normalization x flat x optics; Poisson variance = that of the counts + that of the dark, per pixel of the
/// image as it is: give the summed counts, not their mean. Pixels that are masked or not finite get norm 0.
///
/// Worked out whenever a pixel is asked for, as three more images would cost more than the arithmetic. Refers to what it is made of.
class PixelTerms {
public:
    /// `mask` may be empty: none is masked.
    PixelTerms(std::span<double const> counts, std::span<unsigned char const> mask, PixelCorrections const& corrections)
        : counts_(counts), mask_(mask), by_(corrections) {
        assert(by_.optics.size() == counts.size() && (mask.empty() || mask.size() == counts.size()));
    }

    /// The pixel takes no part from now on. Not to be called while others ask.
    void leave_out(std::size_t pixel) {
        if (left_out_.empty()) left_out_.resize((counts_.size() + 63) / 64);
        left_out_[pixel / 64] |= std::uint64_t{1} << (pixel % 64);
    }
    /// The same pixels, averaged in another way.
    PixelTerms averaged(Average average) const {
        PixelTerms out = *this;
        out.by_.average = average;
        return out;
    }

    PixelTerm operator()(std::size_t pixel) const {
        if (!mask_.empty() && mask_[pixel] != 0) return {};
        if (!left_out_.empty() && ((left_out_[pixel / 64] >> (pixel % 64)) & 1) != 0) return {};
        double const data = rounded(counts_[pixel]);
        PixelTerm out{data, by_.variance.empty() ? std::max(1.0, data) : by_.variance[pixel], rounded(by_.normalization)};
        if (!by_.flat.empty()) out.norm = rounded(out.norm * rounded(by_.flat[pixel]));
        out.norm = rounded(out.norm * static_cast<double>(by_.optics[pixel]));
        if (by_.dark) {
            out.signal = rounded(data - rounded(by_.dark->signal[pixel]));
            if (!by_.dark->variance.empty()) out.variance += by_.dark->variance[pixel];
        }
        if (!std::isfinite(out.signal) || !std::isfinite(out.norm) || !(out.norm > 0)) return {};
        if (!by_.invalid_frames.empty() && by_.invalid_frames[pixel] > 0)
            out.norm *= std::max(0.0, 1 - static_cast<double>(by_.invalid_frames[pixel]) / by_.frames);
        if (by_.average == Average::unweighted && out.norm > 0) out = {out.signal / out.norm, out.variance / (out.norm * out.norm), 1};
        return out;
    }

private:
    double rounded(double value) const { return by_.pyfai_float32 ? static_cast<double>(static_cast<float>(value)) : value; }
    std::span<double const> counts_;
    std::span<unsigned char const> mask_;
    PixelCorrections by_;
    std::vector<std::uint64_t> left_out_; ///< a bit per pixel; empty = none
};

/// Solid angle x polarisation x efficiency x transmission of every pixel (pixel_optics.hpp); float32 factors multiplied in pyFAI's order
/// with compat.
LargeArray<float> pixel_norm(Geometry const& geometry, IntegrationConfig const& config, std::optional<Sensor> const& sensor,
                             double energy_keV, ParallelFor const& parallel_for);

} // namespace sqd
