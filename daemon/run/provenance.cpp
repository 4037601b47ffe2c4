#include "daemon/run/provenance.hpp"

#include "daemon/run/correction_names.hpp"
#include "daemon/run/hashes.hpp"

#include <spdlog/fmt/fmt.h>

#include <array>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

namespace sqd {
namespace {

/// How pixels became bins, where that is not by their centres and Poisson's law.
std::vector<std::string> ring_steps(IntegrationConfig const& i) {
    std::vector<std::string> out;
    if (i.azimuth_range_deg)
        out.push_back(fmt::format("azimuth_range {:g} {:g} deg", i.azimuth_range_deg->first, i.azimuth_range_deg->second));
    if (i.split == Split::bbox) out.emplace_back("split bbox");
    if (i.split == Split::full) out.emplace_back("split full");
    if (i.average == Average::unweighted) out.emplace_back("average unweighted");
    if (i.error_model == ErrorModel::azimuthal) out.emplace_back("error_model azimuthal");
    if (i.error_model == ErrorModel::hybrid) out.emplace_back("error_model hybrid");
    if (i.outliers.method == Outliers::Method::sigma_clip)
        out.push_back(fmt::format("sigma_clip {:g} max_iter {}", i.outliers.threshold, i.outliers.most_rounds));
    if (i.outliers.method == Outliers::Method::quantile) out.push_back(fmt::format("quantile {:g} {:g}", i.outliers.low, i.outliers.high));
    if (i.pyfai_compat) out.emplace_back("compat pyfai 0.21.3");
    return out;
}

/// What was done about the sample's own photons.
std::vector<std::string> sample_steps(ReductionConfig const& reduction, StructureFactorConfig const& s) {
    std::vector<std::string> out;
    Sample const& sample = reduction.sample;
    constexpr double degree = std::numbers::pi / 180;
    if (sample.self_absorption && sample.shape == SampleShape::cylinder)
        out.emplace_back("self_absorption cylinder");
    else if (sample.self_absorption)
        out.push_back("self_absorption flat_plate" + (sample.tilt_rad > 0 ? fmt::format(" tilt {:g} deg", sample.tilt_rad / degree) : ""));
    if (s.fluorescence != FluorescenceUse::none)
        out.emplace_back(s.fluorescence == FluorescenceUse::fitted ? "fluorescence fitted" : "fluorescence");
    if (s.compton) out.emplace_back(s.recoil ? "compton" : "compton without recoil");
    if (s.subtract_multiple_scattering) out.emplace_back("multiple_scattering");
    if (s.form_factors == FormFactorTable::xraylib) out.emplace_back("form_factors xraylib");
    if (s.laue == LaueForm::faber_ziman) out.emplace_back("laue");
    return out;
}

/// Names of what was divided out or subtracted to get these curves, in order; `out` are those of the norm.
std::vector<std::string> corrections(Config const& config, std::vector<std::string> out, ReducedCurves const& curves) {
    for (auto& step : ring_steps(config.integration)) out.push_back(std::move(step));
    for (auto& step : pattern_steps(config, curves)) out.push_back(std::move(step));
    return out;
}

IntegrationNote note_of(Config const& config) {
    IntegrationConfig const& i = config.integration;
    constexpr std::array splits{"none", "bbox", "full"}, models{"poisson", "azimuthal", "hybrid"};
    constexpr std::array averages{"weighted", "unweighted"};
    IntegrationNote out{splits[static_cast<std::size_t>(i.split)],
                        averages[static_cast<std::size_t>(i.average)],
                        models[static_cast<std::size_t>(i.error_model)],
                        {"gaps of the detector"},
                        i.polarization_factor};
    if (config.stream_mask) out.masks.emplace_back("its own pixel mask");
    for (auto const& file : config.mask_files) out.masks.push_back(file.path);
    return out;
}

} // namespace

std::vector<std::string> pattern_steps(Config const& config, ReducedCurves const& curves) {
    std::vector<std::string> out;
    if (curves.net) out.emplace_back("background");
    if (auto const& s = config.reduction.structure_factor; s && curves.sq) {
        for (auto& step : sample_steps(config.reduction, *s)) out.push_back(std::move(step));
    }
    return out;
}

std::string measuring_conditions(Config const& config) {
    FlatField const* const flat = config.integration.flat.get();
    std::string out = fmt::format("geometry {}, {} keV", geometry_sha256(config.geometry), config.energy_keV);
    for (auto const& step : norm_corrections(config, flat, flat ? flat_sha256(*flat) : "")) out += ", " + step;
    for (auto const& step : ring_steps(config.integration)) out += ", " + step;
    return out;
}

ProvenanceOf::ProvenanceOf(std::shared_ptr<Config const> shared) : config_(std::move(shared)) {
    Config const& config = *config_;
    base_.version = SQD_VERSION;
    base_.config_sha256 = sha256_hex(config.effective_yaml);
    base_.integration = note_of(config);
    base_.geometry_sha256 = geometry_sha256(config.geometry);
}

Provenance ProvenanceOf::operator()(BinMap const& bins, ReducedCurves const& curves) {
    if (&bins != last_) {
        base_.mask_sha256 = mask_sha256(bins);
        of_norm_ = norm_corrections(*config_, bins.flat.get(), bins.flat ? flat_sha256(*bins.flat) : "");
        last_ = &bins;
    }
    Provenance out = base_;
    out.corrections = corrections(*config_, of_norm_, curves);
    return out;
}

} // namespace sqd
