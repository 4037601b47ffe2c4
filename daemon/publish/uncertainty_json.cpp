#include "daemon/publish/uncertainty_json.hpp"

#include "daemon/publish/known_numbers.hpp"

#include <cmath>

namespace sqd {

namespace {

using Json = nlohmann::ordered_json;

Json advice_json(StopAdvice const& a) {
    Json out = {{"advice", name(a.advice)}, {"sentence", a.sentence}};
    put(out, "requested", a.requested);
    put(out, "statistics", a.statistics);
    put(out, "background", a.background);
    put(out, "distance", a.distance);
    put(out, "model", a.model);
    put(out, "corrections", a.corrections);
    put(out, "floor", a.floor);
    if (a.more_counts) put(out, "more_counts", *a.more_counts);
    if (a.more_seconds) put(out, "more_seconds", *a.more_seconds);
    return out;
}

Json systematics_json(std::vector<SystematicTerm> const& terms) {
    Json out = Json::array();
    for (auto const& term : terms) {
        Json one = {{"name", term.name}, {"moved", term.moved}};
        put(one, "q1", term.q1);
        put(one, "fwhm", term.fwhm);
        put(one, "height", term.height);
        out.push_back(std::move(one));
    }
    return out;
}

Json points_json(PointStatistics const& s) {
    Json out = {{"points", s.points}, {"block", s.block}};
    put(out, "q1_sigma", s.q1_sigma);
    put(out, "q1_ratio", s.q1_ratio);
    put(out, "fwhm_sigma", s.fwhm_sigma);
    put(out, "fwhm_ratio", s.fwhm_ratio);
    put(out, "intensity_ratio", s.intensity_ratio);
    return out;
}

Json replicas_json(ReplicaSpread const& r) {
    Json out = {{"replicas", r.replicas}, {"seed", r.seed}};
    put(out, "alpha_sigma", r.alpha);
    put(out, "q1_sigma", r.q1);
    put(out, "fwhm_sigma", r.fwhm);
    put(out, "height_sigma", r.height);
    return out;
}

} // namespace

void put_uncertainty(Json& header, ReducedResult const& result) {
    ReducedCurves const& curves = result.curves;
    if (curves.advice) header["advice"] = advice_json(*curves.advice);
    if (!curves.systematics.empty()) header["systematics"] = systematics_json(curves.systematics);
    if (curves.point_statistics) header["points"] = points_json(*curves.point_statistics);
    if (curves.replicas) header["replicas"] = replicas_json(*curves.replicas);
    if (!curves.transmission) return;
    // d ln I / d ln t of a plate = 1 - mu t: near mu t = 1 the intensity is blind to thickness while the transmission is not.
    header["thickness"] = {{"optical_thickness", curves.optical_thickness},
                           {"sensitivity", 1 - curves.optical_thickness},
                           {"transmission_measured", result.sample.transmission.has_value()}};
}

} // namespace sqd
