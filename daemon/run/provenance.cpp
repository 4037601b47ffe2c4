#include "daemon/run/provenance.hpp"

#include "daemon/run/hashes.hpp"

#include <spdlog/fmt/fmt.h>

#include <string>
#include <vector>

namespace sqd {
namespace {

/// Names of what was divided out or subtracted to get these curves, in order.
std::vector<std::string> corrections(Config const& config, ReducedCurves const& curves) {
    std::vector<std::string> out;
    IntegrationConfig const& i = config.integration;
    if (i.solid_angle) out.emplace_back("solid_angle");
    if (i.polarization_factor) out.push_back(fmt::format("polarization {:g}", *i.polarization_factor));
    if (i.sensor_efficiency && config.detector.sensor) {
        out.push_back(fmt::format("sensor_efficiency {} {:g} um", config.detector.sensor->material, config.detector.sensor->thickness_um));
    }
    if (curves.net) out.emplace_back("background");
    if (auto const& s = config.reduction.structure_factor; s && curves.sq) {
        if (config.reduction.sample.self_absorption) out.emplace_back("self_absorption flat_plate");
        if (s->fluorescence) out.emplace_back("fluorescence");
        if (s->compton) out.emplace_back("compton");
        if (s->laue == LaueForm::faber_ziman) out.emplace_back("laue");
    }
    return out;
}

} // namespace

ProvenanceOf::ProvenanceOf(Config const& config) : config_(config) {
    base_.version = SQD_VERSION;
    base_.config_sha256 = sha256_hex(config.effective_yaml);
    base_.geometry_sha256 = geometry_sha256(config.geometry);
}

Provenance ProvenanceOf::operator()(BinMap const& bins, ReducedCurves const& curves) {
    if (&bins != last_) {
        base_.mask_sha256 = mask_sha256(bins);
        last_ = &bins;
    }
    Provenance out = base_;
    out.corrections = corrections(config_, curves);
    return out;
}

} // namespace sqd
