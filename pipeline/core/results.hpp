// One numbered outcome of a reduction: what goes out and what is archived, one struct, many writers.
#pragma once

#include "pipeline/core/ad_hoc_curves.hpp"
#include "pipeline/core/comparison.hpp"
#include "pipeline/core/curves.hpp"
#include "pipeline/core/findings.hpp"
#include "pipeline/core/geometry.hpp"
#include "pipeline/core/image.hpp"
#include "pipeline/core/refinement.hpp"
#include "pipeline/core/scan.hpp"
#include "pipeline/core/uncertainty.hpp"

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sqd {

enum class ResultState { partial, final, aborted };
std::string name(ResultState state);

/// Which frames are in a result. Identities that hold at all times (checked by tests):
/// received = used + rejected + duplicate; expected = used + rejected + missing + pending.
struct FrameAccounting {
    std::uint64_t expected = 0, received = 0, used = 0, rejected = 0, missing = 0, pending = 0, duplicate = 0;
    std::map<std::string, std::uint64_t> rejected_by;                    ///< reason -> frames
    std::vector<std::pair<std::uint64_t, std::uint64_t>> missing_ranges; ///< inclusive, at most 64
    bool missing_ranges_truncated = false;
    std::uint64_t per_point = 1; ///< frames that a point may stand for; 1 = every frame is a point of its own
};

/// Why one frame is not in the result.
struct RejectedFrame {
    std::uint64_t number;
    std::string reason; ///< "off_sample", "edge", "spike", "saturated", "no_monitor", "decode", "invalid_pixels"
};

/// The first sharp diffraction peak of one point; NaN = no fit.
struct PointPeak {
    double q1 = 0, q1_sigma = 0, fwhm = 0, fwhm_sigma = 0, chi2_reduced = 0;
};

inline constexpr double no_number = std::numeric_limits<double>::quiet_NaN();
inline constexpr PointPeak no_point_peak{no_number, no_number, no_number, no_number, no_number};

/// The curves of one reduction; absent = not computed, and a flag of the result says why.
struct ReducedCurves {
    Pattern1D pattern;                   ///< this scan alone, as measured
    std::optional<Pattern1D> background; ///< on the same axis, as measured
    std::optional<Pattern1D> net;        ///< pattern - background_scale * background, before absorption
    double background_scale = 0;         ///< what multiplied the background
    double background_scale_low = 0;     ///< its range [T, 1] times the configured scale
    double background_scale_high = 0;
    double background_scale_sigma = 0;  ///< of transmission and of the part of the air upstream
    std::optional<double> transmission; ///< of the sample at normal incidence
    double transmission_sigma = 0;      ///< by the thickness where it was computed; 0 = not known
    double optical_thickness = 0;       ///< mu t of the sample
    std::optional<StructureFactor> sq;
    std::optional<ScaleChecks> checks; ///< of a Faber-Ziman S(q)
    std::optional<Fsdp> fsdp;
    std::optional<Fsdp> fsdp_on_pattern; ///< the same peak on I(q), where `fsdp` is on S(q): another number
    std::optional<PairDistribution> gr;
    std::optional<LowRRefinement> refinement; ///< of density and background; absent = was not asked for, or no G(r)
    std::optional<AdHocCurves> ad_hoc;        ///< of an arbitrary scale, beside them
    std::vector<SystematicTerm> systematics;  ///< finals only
    std::optional<StopAdvice> advice;
    std::optional<PointStatistics> point_statistics; ///< of scans with four blocks of points and more
    std::optional<ReplicaSpread> replicas;
    std::shared_ptr<Cake const> cake;                             ///< this scan alone, as measured; finals only, else null
    std::vector<std::string> flags;                               ///< sentences' short names: "no_background", "fsdp_failed:..."
    std::vector<RejectedFrame> rejected;                          ///< by the selection of points
    std::vector<std::pair<std::uint64_t, PointPeak>> point_peaks; ///< by number of the frame; of maps, where asked for
};

/// Every point of a scan, used or rejected by the selection; with finals only. A point is an accepted frame, or of a long scan several.
struct PointTable {
    std::vector<std::uint64_t> number; ///< of its first frame
    std::vector<std::string> reason;   ///< empty = used
    std::vector<double> exposure_s, monitor;
    Image<std::uint32_t> bin_counts;               ///< [point, bin]
    std::vector<PointPeak> peaks = {};             ///< of every point that is used, else NaN; empty = not fitted
    std::vector<std::uint64_t> frames = {};        ///< that a point is the sum of; empty = of one
    std::vector<std::uint64_t> frame_numbers = {}; ///< of all of them, point by point; empty with `frames`
    Image<std::uint32_t> bin_carries = {};         ///< what bin_counts does not hold, in units of 2^32; empty = nothing
};

/// One number per point of the table, laid out on the map where its frames are; NaN where there is none.
Image<double> on_grid(PointTable const& points, MapGrid const& grid, std::vector<double> const& values);

struct ResultTimes {
    std::int64_t first_frame_ns = 0, last_frame_ns = 0, reduced_ns = 0; ///< UTC, ns since 1970; 0 = no frame yet
    double latency_ms = 0;                                              ///< last frame at the socket -> curves ready
};

/// How pixels became bins, in the words of the configuration.
struct IntegrationNote {
    std::string split, average, error_model;
    std::vector<std::string> masks; ///< whose pixels were left out: the detector's gaps, its own mask, files
    std::optional<double> polarization_factor;
};

struct Provenance {
    std::string version, config_sha256, geometry_sha256, mask_sha256;
    std::string background_uid;           ///< scan whose background was subtracted, empty = none
    std::vector<std::string> corrections; ///< names of what was applied, in order
    IntegrationNote integration = {};
};

/// Whether a correction is among those applied; they are a name, then perhaps parameters: "polarization 0.97".
bool applied(Provenance const& provenance, std::string_view correction);
/// "gaps of the detector, its own pixel mask, beamstop.edf"
std::string text_of_masks(IntegrationNote const& note);

/// (scan.uid, result) is the key. `durable` is true once the archive has it on disk.
struct ReducedResult {
    ScanIdentity scan;
    std::uint64_t result = 0;
    ResultState state = ResultState::partial;
    bool durable = false;
    FrameAccounting frames;
    ResultTimes time;
    Provenance provenance;
    ReducedCurves curves;
    Findings findings;                            ///< finals only, else empty
    std::shared_ptr<PointTable const> points;     ///< finals only, else null
    std::shared_ptr<Comparison const> comparison; ///< with the reference; null = none is set, or this is no sample
    std::string detector;
    Geometry geometry; ///< with the beam's wavelength
    Sample sample;     ///< as it was reduced: configured, and what was announced of it
    double attenuation = 1;
};

} // namespace sqd
