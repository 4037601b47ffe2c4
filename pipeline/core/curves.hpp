// The curves: distinct types, so that an I(q) cannot be passed where an S(q) is wanted.
#pragma once

#include "pipeline/core/axis.hpp"
#include "pipeline/core/curve_errors.hpp"
#include "pipeline/core/image.hpp"
#include "pipeline/core/shell.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace sqd {

/// A number with its standard deviation.
struct Measured {
    double value = 0, sigma = 0;
};

/// A radial pattern I. All vectors but `edges` have the length of `radial`. An empty bin is NaN with `pixels` 0.
/// Intensity is counts / (norm * monitor * s), where norm is the sum over pixels of solid angle x polarisation x efficiency.
struct Pattern1D {
    RadialUnit unit = RadialUnit::q_invA;
    std::vector<double> radial; ///< bin centres in `unit`
    std::vector<double> q_invA; ///< the same centres in 1/A
    std::vector<double> intensity;
    std::vector<double> sigma;           ///< statistical, 1 sigma: standard error of the intensity (pyFAI's sem)
    std::vector<double> pixels;          ///< pixels that contributed, mean over frames
    std::vector<double> polarization;    ///< mean polarisation factor P of the bin that was divided out; empty = none was
    std::vector<double> counts, norm;    ///< sums whose quotient the intensity is; empty = not known
    std::vector<double> edges = {};      ///< of the bins, in `unit`, one more than bins; empty = not known
    std::vector<double> dark_sigma = {}; ///< the part of `sigma` that the dark has; empty = none or not known apart
    std::string dark_uid = {};           ///< scan that it comes from: patterns of one dark err together
    std::vector<double> pixel_std = {};  ///< standard deviation of one pixel about its ring; empty = not known
    /// Of the error of each bin with that of the next, where pixels are shared; the last one's is 0. Empty = none.
    std::vector<double> correlation = {};
    std::vector<double> background_sigma = {}; ///< of a difference: the part of `sigma` that the background has; empty = none
};

/// A pattern resolved in azimuth. Images have a row per azimuth and a column per radius. An empty cell is NaN with count and norm 0.
struct Cake {
    RadialUnit unit = RadialUnit::q_invA;
    Axis radial;             ///< in `unit`
    Axis chi_deg;            ///< azimuth, counted from the horizontal; it may go beyond 180
    Image<double> intensity; ///< as Pattern1D::intensity
    Image<double> sigma;     ///< statistical, 1 sigma
    Image<double> norm;      ///< that the summed counts were divided by
    Image<double> count;     ///< pixels, or with splitting their parts
};

/// How I(q) was put on the scale of one atom: alpha I - terms -> <f^2>. alpha is the one in use; the others are what other ways give.
struct Normalization {
    double alpha = 0, alpha_sigma = 0;           ///< the one used, and its statistical sigma
    double alpha_kmn = 0;                        ///< Krogh-Moe & Norman over [0, q_max]
    double alpha_kmn_mean = 0;                   ///< its mean while q_max moves over the last FSDP period
    double alpha_high_q = 0;                     ///< least squares over the upper part of the range
    std::optional<double> alpha_high_q_constant; ///< the same with a constant beside the self terms
    double constant = 0;                         ///< that constant, electron units
    bool constant_subtracted = false;            ///< it is in S
    std::optional<double> alpha_low_r;           ///< by G(r) below the low-r cut
    double alpha_spread = 0;                     ///< half range of alpha_kmn while q_max moves over the last FSDP period
    double fluorescence = 0;                     ///< electron units subtracted, at 2theta = 0 (0 = none above threshold)
    double fluorescence_amplitude = 1;           ///< factor of the computed fluorescence: 1, or fitted
    double fluorescence_amplitude_sigma = 0;     ///< what it is known to: the prior, or from the fit
    std::optional<double> multiple_scattering;   ///< twice over once scattered photons; absent = not known
    bool multiple_scattering_subtracted = false;
    double density_A3 = 0; ///< number density used
    double q_min_invA = 0, q_max_invA = 0;
    std::string method; ///< "kmn", "high_q" or "low_r"
    std::string low_q;  ///< what S is below q_min: "constant", "linear", "parabola" or "none"
};

/// Structure factor. `s_sigma` is statistical, with what all points share through the scale. S is defined for q in [q_min, q_max] of
/// the data only.
struct StructureFactor {
    std::vector<double> q_invA, s, s_sigma;
    std::vector<double> s_background_sigma; ///< the part of it that the background has; empty = none
    std::vector<double> f;                  ///< F = q (S - 1) [1/A]
    std::string form;                       ///< "faber_ziman", "laue_none" or "ashcroft_langreth"
    Normalization normalization;
    CurveErrors errors = {}; ///< on the net intensity
};

/// Numbers that tell a wrong scale: see reduce/scale_checks.hpp.
struct ScaleChecks {
    Measured s_high_q; ///< tends to 1
    Measured f_mean;   ///< about 0 [1/A]
    std::optional<double> density_low_r_A3;
};

/// First sharp diffraction peak. All positions and widths in 1/A. `*_sigma` statistical only; `*_background_sigma` the part of it that
/// the background has.
struct Fsdp {
    double q1 = 0, q1_sigma = 0; ///< position by the configured estimator: the centre of the peak component, for most
    double q1_background_sigma = 0;
    double q1_sigma_model = 0;       ///< spread of the estimators
    double q1_sigma_geometry = 0;    ///< q1 cos^2(theta) cos(2 theta) t / L
    double q1_max = 0;               ///< maximum of the fitted curve
    double fwhm = 0, fwhm_sigma = 0; ///< of the peak component, from its half heights
    double fwhm_background_sigma = 0;
    double height = 0, height_sigma = 0; ///< of the peak component above the line
    double height_background_sigma = 0;
    double q1_parabola = 0, q1_centroid = 0; ///< model-independent estimates, see reduce/fsdp.hpp
    double chi2_reduced = 0;
    std::string model; ///< "split_pseudo_voigt", "pseudo_voigt", "parabola", "centroid"
    std::string on;    ///< "sq" or "pattern"
    double window_low = 0, window_high = 0;
    std::vector<double> q_invA, data, data_sigma, fit, residual; ///< over the window; residual = (data - fit) / sigma
    std::vector<std::string> flags;                              ///< e.g. "eta_left_at_bound"
    /// d / d net intensity in the bins `bin` of the pattern; empty where no error is known.
    std::vector<double> q1_sensitivity, fwhm_sensitivity;
    std::vector<std::size_t> bin;
};

/// Reduced pair distribution function G(r) = 4 pi r (rho - rho0) [1/A^2].
struct PairDistribution {
    std::vector<double> r_A, g, g_sigma;
    double q_max_invA = 0;
    std::string window; ///< "none", "lorch", ...
    double low_r_cut_A = 0;
    int iterations = 0;                          ///< low-r cleaning steps done
    std::vector<Shell> shells;                   ///< the first maxima
    std::vector<double> g_background_sigma = {}; ///< the part of g_sigma that the background has; empty = none
    double density_A3 = 0;                       ///< number density that goes with the scale of G; 0 = the scale is not absolute
    std::string low_r_method = {};               ///< of the cleaning: "eggert" or "top_hat"; empty = none
    double top_hat_invA = 0;                     ///< half width of the top hat; 0 = none
};

} // namespace sqd
