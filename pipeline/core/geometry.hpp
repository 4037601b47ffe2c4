// Where each pixel looks: pyFAI's PONI geometry.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>

namespace sqd {

/// A sensor in which photons go some way before they are counted, so that oblique ones are counted farther from the PONI than they entered.
struct Parallax {
    std::string material; ///< of the sensor
    double thickness_m = 0, attenuation_per_m = 0;
    bool operator==(Parallax const&) const = default;
};

/// That way, along the detector [m]: the mean over the depth of absorption (pyFAI 2025, parallax.py)
/// sin(a) / mu [1 - exp(-x) (1 + x)] / [1 - exp(-x)], x = mu t / cos(a), a the angle of incidence.
double parallax_shift_m(Parallax const& sensor, double cos_incidence);

/// Point-of-normal-incidence geometry (pyFAI, J. Kieffer & D. Karkoulis 2013; conventions in azimuthal integration notes):
/// axis 1 = slow/rows/up, 2 = fast/cols/x, 3 = beam. PONI = foot of the perpendicular from the sample to the detector plane.
/// Rotations act about the sample after the translation, R = R3 R2 R1 (rot1, rot2 left-handed, rot3 right-handed).
struct Geometry {
    double distance_m = 0, poni1_m = 0, poni2_m = 0;
    double rot1_rad = 0, rot2_rad = 0, rot3_rad = 0;
    double pixel1_m = 0, pixel2_m = 0; ///< slow, fast
    std::size_t rows = 0, cols = 0;
    double wavelength_A = 0;
    int orientation = 3; ///< pyFAI/EXIF: 1 origin top-left ... 3 (native) bottom-left seen from the sample; index flips only
    /// Absent: not corrected. A calibration without it has absorbed most of it; one with it needs it.
    std::optional<Parallax> parallax = std::nullopt;
    bool operator==(Geometry const&) const = default;
};

/// A point of the detector plane in the laboratory: t1 up, t2 horizontal, t3 along the beam [m], and cos of the incidence angle
/// on the detector (1 at the PONI).
struct LabPoint {
    double t1, t2, t3, cos_incidence;
};

/// The detector plane of a geometry with its rotations worked out once, for many points.
class DetectorPlane {
public:
    explicit DetectorPlane(Geometry const& g);
    /// The point at (p1, p2) [m] from the PONI along the detector's own axes; with parallax where photons entered that are counted there.
    LabPoint at(double p1_m, double p2_m) const;

private:
    double distance_m_;
    std::optional<Parallax> parallax_;
    std::array<double, 3> along1_, along2_, foot_; ///< (t1, t2, t3) of the detector's axes and of the PONI
};

/// Whether the orientation counts rows (columns) from the other end.
bool rows_flipped(Geometry const& g);
bool cols_flipped(Geometry const& g);

/// The point at (row, col) in pixel units, 0.5 = centre of the first pixel; orientation is applied here.
LabPoint lab_point(Geometry const& g, double row, double col);
/// Scattering angle [rad].
double two_theta_rad(LabPoint const& p);
/// Azimuth from the horizontal axis, in ]-pi, pi] [rad].
double chi_rad(LabPoint const& p);
/// q = 4 pi sin(theta) / lambda [1/A].
double q_invA(double two_theta_rad, double wavelength_A);
/// Scattering angle [rad] of q; NaN beyond back-scattering.
double two_theta_of_q_rad(double q_invA, double wavelength_A);

} // namespace sqd
