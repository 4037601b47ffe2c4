#include "daemon/publish/comparison_json.hpp"

#include "daemon/comparison_words.hpp"
#include "daemon/publish/known_numbers.hpp"

#include <cmath>

namespace sqd {

namespace {

using Json = nlohmann::ordered_json;

Json number_json(Difference const& number) {
    Json out = Json::object();
    put(out, "a", number.a);
    put(out, "b", number.b);
    put(out, "difference", number.value);
    put(out, "sigma", number.sigma);
    put(out, "geometry_sigma", number.geometry_sigma);
    put(out, "significance", number.significance);
    put(out, "significance_with_geometry", number.significance_with_geometry);
    return out;
}

Json curve_json(CurveDifference const& curve) {
    Json out = Json::object();
    put(out, "degrees", curve.degrees);
    put(out, "chi2", curve.chi2);
    put(out, "p_value", curve.p_value);
    put(out, "chi2_with_geometry", curve.chi2_with_geometry);
    put(out, "p_value_with_geometry", curve.p_value_with_geometry);
    return out;
}

} // namespace

Json comparison_json(Comparison const& c) {
    Json out = {{"reference", {{"uid", c.reference_uid}, {"id", c.reference_id}}}};
    if (!c.refused.empty()) {
        out["refused"] = c.refused;
        return out;
    }
    out["sentence"] = words(c);
    if (c.change) out["change"] = name(*c.change);
    out["one_mount"] = c.one_mount;
    out["one_background"] = c.one_background;
    out["numbers"] = Json::object();
    for (auto const& number : c.numbers) out["numbers"][number.name] = number_json(number);
    if (c.s) out["S"] = curve_json(*c.s);
    if (c.g) out["G"] = curve_json(*c.g);
    out["left_out"] = c.left_out;
    out["warnings"] = c.warnings;
    return out;
}

} // namespace sqd
