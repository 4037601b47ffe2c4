// The recipe: counts -> pattern -> subtract -> correct -> normalise -> S(q) -> FSDP, G(r). One function for daemon, replay, tests.
#pragma once

#include "pipeline/core/results.hpp"
#include "pipeline/reduce/ad_hoc_config.hpp"
#include "pipeline/reduce/bin_map.hpp"
#include "pipeline/reduce/count_corrections.hpp"
#include "pipeline/reduce/ring_integration.hpp"
#include "pipeline/reduce/scan_counts.hpp"
#include "pipeline/reduce/scan_findings.hpp"
#include "pipeline/reduce/selection.hpp"
#include "pipeline/reduce/structure_factor_config.hpp"
#include "pipeline/reduce/window.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sqd {

struct AtomicTerms; // pipeline/reduce/atomic_terms.hpp

/// Which background a sample scan uses: the newest one, none, the off-sample points of its own map, or a named scan.
enum class BackgroundUse { latest, none, off_sample, scan_id };

struct BackgroundConfig {
    double scale = 1;             ///< multiplies the transmission-weighted background
    double upstream_fraction = 0; ///< part of the air path before the sample, not attenuated by it
    double upstream_fraction_sigma = 0;
    bool off_sample = false; ///< of a map: its own points beside the sample are the background
    double scale_sigma = 0;  ///< relative, beyond what transmission and the part upstream leave open
};

/// What beyond the statistical errors is worked out, and by how much assumptions are moved for it.
struct UncertaintyConfig {
    bool systematics = false;          ///< terms of SystematicTerm
    double density_percent = 1;        ///< uncertainty of the density
    double compton_percent = 1;        ///< of the Compton scattering, tables and efficiency
    double fluorescence_percent = 30;  ///< of the computed fluorescence
    double q1_precision_invA = 0.0003; ///< that is asked for
    int replicas = 0;                  ///< repeated draws of the counts; 0 = none
    std::uint64_t seed = 1;            ///< of those
    double exposure_s = 0;             ///< of the counts so far, for the time that more of them take; 0 = not known
    bool point_peaks = false;          ///< fits the peak of every point
};

/// Which dark is subtracted from the counts of a scan.
enum class DarkUse { none, latest, scan_id };

/// What q1 is: the centre of a fitted peak, the top of the parabola through the highest points, the centroid of the upper half.
enum class PeakEstimator { split_pseudo_voigt, pseudo_voigt, parabola, centroid };

struct FsdpConfig {
    bool on_pattern = false; ///< fit I(q) instead of S(q)
    double window_low_invA = 0, window_high_invA = 0;
    PeakEstimator model = PeakEstimator::split_pseudo_voigt;
};

/// What is refined on G(r) below the low-r cut.
enum class Refine { none, density, background, both };

/// How G(r) is made right below the first shell: see reduce/low_r_cleaning.hpp, reduce/top_hat.hpp.
enum class LowRMethod { eggert, top_hat };

struct PairDistributionConfig {
    double q_max_invA = 20;
    Window window = Window::lorch;
    double r_max_A = 20, r_step_A = 0.01;
    double low_r_cut_A = 0; ///< 0 = no low-r cleaning
    int iterations = 0;     ///< 0 = no low-r cleaning, either; 1 with top_hat
    LowRMethod low_r_method = LowRMethod::eggert;
    double top_hat_invA = 0;     ///< half width of the top hat
    LowQ low_q = LowQ::constant; ///< as the normalisation's
    Refine refine = Refine::none;
    bool errors = true; ///< false: for who looks at values alone; sigma is NaN
};

/// All the recipe needs besides counts. Fixed for a series.
struct ReductionConfig {
    double energy_keV = 0;
    double energy_sigma_keV = 0;
    double distance_m = 0;               ///< PONI distance, for the geometric sigma
    double tilt_rad = 0;                 ///< angle between beam and detector normal
    double polarization_factor = 0;      ///< of the beam; the terms added to I(q) are per unit of it
    std::optional<double> threshold_keV; ///< detector threshold: which fluorescence lines count
    std::optional<Sensor> sensor;
    bool sensor_efficiency = true;
    std::optional<AirPath> air; ///< as in the norm; photons of another energy lose more or less in it
    std::optional<Absorber> absorber;
    std::optional<DeadTime> dead_time; ///< absent: none, or the detector corrects it
    DarkUse dark_use = DarkUse::none;
    std::string dark_scan; ///< for scan_id
    Sample sample;
    std::shared_ptr<AtomicTerms const> atoms;            ///< worked out before; null, or of other bins or atoms: worked out anew
    std::optional<std::pair<double, double>> sector_deg; ///< integration keeps to these azimuths; absent = whole rings
    SelectionConfig selection;
    WatchConfig watch;
    std::vector<std::pair<double, double>> left_out_invA; ///< ranges of q that fits do without: lines of crystals
    BackgroundConfig background;
    std::optional<StructureFactorConfig> structure_factor;
    std::optional<FsdpConfig> fsdp;
    std::optional<PairDistributionConfig> pair_distribution;
    std::optional<AdHocConfig> ad_hoc;
    UncertaintyConfig uncertainty;
};

/// From patterns on: `background` may be null (then S(q) is withheld and flagged "no_background" unless `background_needed` is
/// false: "use: none"). Throws DataError when nothing can be computed; what merely fails is a flag.
ReducedCurves reduce_pattern(Pattern1D const& sample, Pattern1D const* background, bool background_needed, ReductionConfig const& config);

/// From sums of counts over norm; `background` on the same map.
ReducedCurves reduce_sums(BinMap const& bins, BinnedCounts const& sums, BinnedCounts const* background, bool background_needed,
                          ReductionConfig const& config);

/// From the sum of a scan's images, where the bins need to know their pixels (BinMap::rings is there); `background` made the same way. No
/// point can be left out any more. What was found in it is left out: hot pixels of the pattern, lines of the fits.
ReducedCurves reduce_pixels(BinMap const& bins, PixelSum const& sum, Findings const& findings, Pattern1D const* background,
                            bool background_needed, ReductionConfig const& config, ParallelFor const& parallel_for);

/// From counts: select points, sum, leave out what was found, integrate, then as above. `map` = search for points off the sample.
/// `background` are the summed counts of the background scan on the same map; with BackgroundConfig::off_sample it is null, and the points
/// that the selection finds beside the sample take its place. Points are selected by counts as they are.
ReducedCurves reduce_counts(ScanCounts const& scan, bool map, Findings const& findings, BinnedCounts const* background,
                            bool background_needed, ReductionConfig const& config, CountCorrections const& corrections = {});

/// The sums of the points of a scan that count, corrected and without its hot pixels, and which points do not and why.
struct ScanSums {
    BinnedCounts sums;
    FrameList kept; ///< the frames that are in them
    std::vector<RejectedFrame> rejected;
    std::vector<std::string> flags;
};
/// Throws DataError when no point is left.
ScanSums sum_scan(ScanCounts const& scan, bool map, Findings const& findings, BinnedCounts const* background, SelectionConfig const& config,
                  CountCorrections const& corrections);

} // namespace sqd
