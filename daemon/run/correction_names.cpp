#include "daemon/run/correction_names.hpp"

#include "daemon/import/image_sources.hpp"
#include "daemon/run/hashes.hpp"

#include <spdlog/fmt/fmt.h>

#include <span>

namespace sqd {

std::vector<std::string> norm_corrections(Config const& config, FlatField const* flat, std::string const& flat_sha256) {
    std::vector<std::string> out;
    IntegrationConfig const& i = config.integration;
    if (i.solid_angle) out.push_back(i.solid_angle_order == 3 ? "solid_angle" : fmt::format("solid_angle order {:g}", i.solid_angle_order));
    if (i.polarization_factor) {
        bool const turned = i.polarization_offset_deg != 0;
        out.push_back(fmt::format("polarization {:g}", *i.polarization_factor) +
                      (turned ? fmt::format(" offset {:g} deg", i.polarization_offset_deg) : ""));
    }
    if (auto const& sensor = config.geometry.parallax)
        out.push_back(fmt::format("parallax {} {:g} um", sensor->material, sensor->thickness_m * 1e6));
    if (i.sensor_efficiency && config.detector.sensor) {
        out.push_back(fmt::format("sensor_efficiency {} {:g} um", config.detector.sensor->material, config.detector.sensor->thickness_um));
    }
    if (i.air) out.push_back(fmt::format("air {:g} m {:g} hPa {:g} C", i.air->length_m, i.air->pressure_hPa, i.air->temperature_C));
    if (auto const& window = i.absorber) {
        out.push_back(fmt::format("absorber {} {:g} g/cm^3 {:g} um {}", window->material.text, window->density_g_cm3, window->thickness_um,
                                  window->faces_beam ? "beam" : "detector"));
    }
    if (flat != nullptr) {
        auto const [file, dataset] = split_dataset(flat->name);
        out.push_back("flat " + file.filename().string() + (dataset.empty() ? "" : "::" + dataset) +
                      (flat_sha256.empty() ? "" : " sha256 " + flat_sha256));
    }
    return out;
}

std::string flat_sha256(FlatField const& flat) {
    return sha256_hex(std::as_bytes(std::span(flat.response.pixels)));
}

} // namespace sqd
