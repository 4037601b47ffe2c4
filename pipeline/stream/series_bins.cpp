#include "pipeline/stream/series_bins.hpp"

#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/bin_fingerprint.hpp"

#include <spdlog/fmt/fmt.h>

#include <cmath>
#include <optional>
#include <string>
#include <utility>

namespace sqd {

namespace {

/// "x (header) against y (configuration)" when both are known and differ by more than `tolerance` relative.
std::optional<std::string> disagreement(char const* what, std::optional<double> header, double configured, double tolerance,
                                        char const* unit) {
    if (!header || configured <= 0 || std::abs(*header - configured) <= tolerance * configured) return std::nullopt;
    return fmt::format("{} disagrees (the detector says {:.6g} {}, the configuration {:.6g} {})", what, *header, unit, configured, unit);
}

} // namespace

std::shared_ptr<BinMap const> SeriesBins::operator()(SeriesStart const& header, ProcessorConfig const& config,
                                                     ParallelFor const& parallel_for) {
    Geometry const& g = config.geometry;
    if (auto const problem = config.detector_disagreement ? config.detector_disagreement(header) : std::nullopt) throw DataError(*problem);
    if (header.rows != 0 && (header.rows != g.rows || header.cols != g.cols)) {
        bool const transposed = header.rows == g.cols && header.cols == g.rows;
        throw DataError(
            fmt::format("the image shape disagrees (the detector sends {} x {} rows x columns, the configuration has {} x {}{})",
                        header.rows, header.cols, g.rows, g.cols, transposed ? ", transposed" : ""));
    }
    if (header.pixel_mask) pixel_mask_ = header.pixel_mask;
    for (auto const& problem : {disagreement("the photon energy", header.energy_keV, config.reduction.energy_keV, 1e-3, "keV"),
                                disagreement("the wavelength", header.wavelength_A, g.wavelength_A, 1e-3, "A"),
                                disagreement("the pixel size", header.pixel1_m, g.pixel1_m, 1e-6, "m"),
                                disagreement("the pixel size", header.pixel2_m, g.pixel2_m, 1e-6, "m")}) {
        if (problem) throw DataError(*problem);
    }
    Mask mask = config.mask;
    if (config.stream_mask && pixel_mask_ && !pixel_mask_->empty()) {
        if (pixel_mask_->size() != mask.size()) throw DataError("the detector's pixel mask has another shape than its images");
        for (std::size_t i = 0; i < mask.size(); ++i) {
            if ((*pixel_mask_)[i] != 0) mask.pixels[i] = 1;
        }
    }
    IntegrationConfig integration = config.integration;
    if (header.flatfield_applied == true) integration.flat.reset(); // never twice
    if (!bins_ || !(mask == mask_) || bins_->flat != integration.flat) {
        bins_ =
            std::make_shared<BinMap const>(build_bin_map(g, mask, integration, config.sensor, config.reduction.energy_keV, parallel_for));
        mask_ = std::move(mask);
        fingerprint_ = sqd::fingerprint(*bins_);
    }
    return bins_;
}

} // namespace sqd
