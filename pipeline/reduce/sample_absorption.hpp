// How much of what a sample scatters is lost in it: plates, square to the beam or tilted, and cylinders; mean over a ring.
#pragma once

#include "pipeline/core/scan.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace sqd {

/// Mean of exp(-path) over the depth of a plate at normal incidence, seen in transmission:
/// A = [exp(-x) - exp(-x'/cos 2theta)] / (x'/cos 2theta - x), x = mu t on the way in, x' = mu' t on the way out (another energy).
/// For x = x' and 2theta -> 0 it is exp(-x). NaN from 90 degrees on. International Tables C, table 6.3.3.1 (plate, transmission).
double plate_absorption(double thickness_in, double thickness_out, double cos_two_theta);

/// The same of a plate whose normal makes an angle with the beam (`cos_in`, above 0) and with the ray on its way out (`cos_out`). A ray
/// with cos_out < 0 leaves through the face that the beam enters: A = [1 - exp(-x_in - x_out)] / (x_in + x_out), x_in = x / cos_in, x_out =
/// x' / |cos_out|. 0 along the plate. International Tables C, table 6.3.3.1.
double tilted_plate_absorption(double thickness_in, double thickness_out, double cos_in, double cos_out);

/// Mean of exp(-path) over the section of a cylinder that is bathed in the beam, its axis across the beam, seen in the plane across its
/// axis at `angle_rad` from the beam: the transmission factor of International Tables C, 6.3.3.3 (1 / A*). `diameter_in` = mu D,
/// `diameter_out` = mu' D. Good to 1e-5 of A up to mu D = 4, to 1e-4 up to 10.
double cylinder_absorption(double diameter_in, double diameter_out, double angle_rad);

/// Of the beam that goes through the sample, what comes out: exp(-mu t / cos tilt) of a plate; of a cylinder the mean over its width.
/// `thickness` = mu t of a plate along its normal, mu D of a cylinder.
double sample_transmission(Sample const& sample, double thickness);
/// Its inverse: mu t (mu D) at which a sample of that shape lets `transmission` through, in ]0, 1].
double thickness_of_transmission(Sample const& sample, double transmission);
/// Mean length of the beam's way through the sample, in units of the thickness: 1 / cos tilt, pi / 4 of a cylinder.
double mean_path(Sample const& sample);

/// A of many bins, each the mean over its ring, all azimuths alike: over `sector_deg` (from, to; chi of pixel_optics.hpp) for a plate where
/// the integration keeps to a sector, else over the whole ring, whatever part of it the detector sees. `thickness_in` = mu t along
/// the plate's normal, or mu D; `thickness_out` (one per bin) the same for photons of another energy on their way out. A plate square to
/// the beam is the closed form, other shapes are quadratures, good to 1e-5 (cylinder: where cylinder_absorption is).
std::vector<double> ring_absorption(Sample const& sample, std::optional<std::pair<double, double>> const& sector_deg, double thickness_in,
                                    std::vector<double> const& thickness_out, std::vector<double> const& cos_two_theta);

} // namespace sqd
