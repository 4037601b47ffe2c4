// What a scan is: its role, its sample, its map, as announced by control, the detector's header or the configuration.
#pragma once

#include "pipeline/core/composition.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sqd {

enum class Role { sample, background, dark, calibrant };
std::string name(Role role);
/// nullopt for an unknown name.
std::optional<Role> parse_role(std::string const& text);

/// Of the sample in the beam: a plate wider than the beam, or a cylinder narrower than it, its axis across the beam.
enum class SampleShape { plate, cylinder };
std::string name(SampleShape shape);

/// The sample in the beam.
struct Sample {
    Composition composition;
    std::optional<double> density_g_cm3;
    double thickness_um = 0; ///< of a plate along its normal, of a cylinder its diameter
    double thickness_sigma_um = 0;
    std::optional<double> transmission; ///< measured, as it stands in the beam; absent = computed from the lines above
    SampleShape shape = SampleShape::plate;
    double tilt_rad = 0;         ///< of a plate: angle of its normal to the beam
    double tilt_azimuth_rad = 0; ///< chi of the direction that the normal is tilted to
    bool self_absorption = true;
    double transmission_sigma = 0; ///< of a measured one
};

/// The grid of a map: `rows` lines of `cols` points.
struct MapGrid {
    std::size_t rows = 0, cols = 0;
    std::vector<double> pitch_um; ///< [slow, fast], empty = not known
    bool snake = false;
    bool operator==(MapGrid const&) const = default;

    /// row * cols + col of the frame of that number; every second line runs backwards where the map snakes.
    std::uint64_t place(std::uint64_t number) const {
        std::uint64_t const row = number / cols, col = number % cols;
        return row * cols + (snake && row % 2 == 1 ? cols - 1 - col : col);
    }
};

/// Everything that may be said of the next series; absent = not said, the next source in the order
/// announce > header appendix > configuration decides, key by key.
struct ScanAnnouncement {
    std::optional<Role> role;
    std::optional<std::string> name, mount;
    std::optional<std::string> calibrant; ///< its formula, of that role
    std::optional<std::uint64_t> points;
    std::optional<MapGrid> grid;
    std::optional<std::string> composition;
    std::optional<double> density_g_cm3, density_A3; ///< at most one of them
    std::optional<double> thickness_um, thickness_sigma_um, transmission;
    std::vector<double> monitor;              ///< empty = not said, one = for all, else per point
    std::optional<double> attenuation;        ///< incident beam is this fraction of the full one
    std::map<std::string, double> parameters; ///< P_comp, T_comp, ...
};

/// Defaults for a series that nobody announced.
struct ScanDefaults {
    Role role = Role::sample;
    std::string calibrant; ///< of scans of that role; empty = none stated
    std::optional<std::uint64_t> points;
    std::optional<MapGrid> grid;
};

/// Who a result belongs to.
struct ScanIdentity {
    std::string uid; ///< UUID made when the scan started
    std::string id;  ///< the name given, or series_<n>
    Role role = Role::sample;
    std::uint64_t series_id = 0;
    std::string series_unique_id;
    std::string mount;
    std::optional<MapGrid> grid;
    std::map<std::string, double> parameters;
};

} // namespace sqd
