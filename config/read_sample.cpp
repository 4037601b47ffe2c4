// The sample: what it is made of, how dense, how thick, and how it stands in the beam.
#include "config/parts.hpp"
#include "config/text.hpp"
#include "pipeline/core/errors.hpp"
#include "pipeline/reduce/sample_physics.hpp"

#include <numbers>

namespace sqd {

namespace {

std::optional<Composition> read_composition(Section const& section) {
    auto const formula = section.text("composition");
    if (formula == "none") return std::nullopt;
    try {
        return parse_composition(formula);
    } catch (DataError const& e) {
        throw section.refuse("composition", '\'' + formula + "' is not understood", e.what(),
                             "write Zr46.8Ti8.2Cu7.5Ni10Be27.5 for example");
    }
}

/// What the computed attenuation needs.
void check_attenuation(Section const& section, Sample const& sample, bool has_composition) {
    if (sample.transmission || sample.thickness_um == 0) return;
    for (auto const& [key, known] :
         {std::pair{"composition", has_composition}, std::pair{"density_g_cm3", sample.density_g_cm3.has_value()}}) {
        if (!known) {
            throw section.refuse(key, "is missing", "the transmission of " + render(sample.thickness_um) + " um is computed from it",
                                 "write it, or transmission: <measured>, or thickness_um: 0");
        }
    }
}

/// Said once, as g/cm^3 or as atoms/A^3.
std::optional<double> read_density(Section const& section, Composition const& composition) {
    auto const mass = section.number_or("density_g_cm3", "none", {0, 30, "density [g/cm^3]", true});
    auto const number = section.number_or("density_A3", "none", {0, 1, "density [atoms/A^3]", true});
    if (!number) return mass;
    if (mass)
        throw section.refuse("density_A3", "stands beside density_g_cm3", "the composition makes one of the other", "write one of them");
    if (composition.elements.empty())
        throw section.refuse("density_A3", "is of unknown atoms", "composition is none", "write the composition, or density_g_cm3");
    return mass_density_g_cm3(composition, *number);
}

void read_shape(Section const& section, Sample& sample) {
    constexpr double degree = std::numbers::pi / 180, steepest_deg = 80;
    sample.shape = section.choice<SampleShape>("shape", {{"plate", SampleShape::plate}, {"cylinder", SampleShape::cylinder}});
    auto const tilt_deg = section.number("tilt_deg", {0, 90, "angle [deg]"});
    sample.tilt_rad = tilt_deg * degree;
    sample.tilt_azimuth_rad = section.number("tilt_azimuth_deg", {-360, 360, "chi [deg]"}) * degree;
    if (tilt_deg == 0) return;
    if (sample.shape == SampleShape::cylinder)
        throw section.refuse("tilt_deg", "is of a plate", "shape is cylinder, whose axis is across the beam", "write tilt_deg: 0");
    if (tilt_deg >= steepest_deg)
        throw section.refuse("tilt_deg", render(tilt_deg) + " deg is along the beam",
                             "a plate in transmission is tilted by less than 80 deg",
                             "write the angle between the beam and the plate's normal");
}

} // namespace

Sample read_sample(Document& document) {
    Section const section(document, "sample");
    Sample sample;
    auto const composition = read_composition(section);
    sample.composition = composition.value_or(Composition{});
    sample.density_g_cm3 = read_density(section, sample.composition);
    sample.thickness_um = section.number("thickness_um", {0, 1e6, "thickness [um]"});
    sample.thickness_sigma_um = section.number("thickness_sigma_um", {0, 1e6, "uncertainty of the thickness [um]"});
    sample.transmission = section.number_or("transmission", "computed", {0, 1, "transmission", true});
    sample.transmission_sigma = section.number("transmission_sigma", {0, 1, "uncertainty of the transmission"});
    if (sample.transmission_sigma > 0 && !sample.transmission)
        throw section.refuse("transmission_sigma", "belongs to a measured transmission",
                             "transmission is computed: its error comes of thickness_sigma_um", "write the measured transmission, too");
    sample.self_absorption = section.flag("self_absorption", sample.thickness_um > 0);
    if (sample.self_absorption && sample.thickness_um == 0) {
        throw section.refuse("self_absorption", "cannot be corrected", "thickness_um is 0",
                             "write the thickness, or self_absorption: false");
    }
    read_shape(section, sample);
    check_attenuation(section, sample, composition.has_value());
    return sample;
}

} // namespace sqd
