// What pyFAI-integrate saves (azimint.json): the geometry among the settings of an integration.
#include "config/poni.hpp"
#include "config/poni_values.hpp"
#include "config/text.hpp"
#include "pipeline/core/json_depth.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace sqd {

namespace {

using Json = nlohmann::json;

/// pyFAI's keys of a geometry, and what a .poni calls them.
struct GeometryKey {
    char const* written;
    char const* in_poni;
};

constexpr std::array geometry_keys{
    GeometryKey{"poni_version", "poni_version"},
    GeometryKey{"detector", "detector"},
    GeometryKey{"detector_config", "detector_config"},
    GeometryKey{"dist", "dist"},
    GeometryKey{"distance", "distance"},
    GeometryKey{"poni1", "poni1"},
    GeometryKey{"poni2", "poni2"},
    GeometryKey{"rot1", "rot1"},
    GeometryKey{"rot2", "rot2"},
    GeometryKey{"rot3", "rot3"},
    GeometryKey{"parallax", "parallax"},
    GeometryKey{"wavelength", "wavelength"},
    GeometryKey{"pixel1", "pixelsize1"},
    GeometryKey{"pixel2", "pixelsize2"},
    GeometryKey{"splineFile", "splinefile"},
};

/// A setting that counts only where its switch is not off.
struct Switched {
    char const* setting;
    char const* by;
};

constexpr std::array switched{
    Switched{"mask_file", "do_mask"},
    Switched{"mask_image", "do_mask"},
    Switched{"dark_current", "do_dark"},
    Switched{"flat_field", "do_flat"},
    Switched{"polarization_factor", "do_polarization"},
    Switched{"polarization_offset", "do_polarization"},
    Switched{"polarization_description", "do_polarization"},
    Switched{"val_dummy", "do_dummy"},
    Switched{"delta_dummy", "do_dummy"},
    Switched{"radial_range_min", "do_radial_range"},
    Switched{"radial_range_max", "do_radial_range"},
    Switched{"azimuth_range_min", "do_azimuthal_range"},
    Switched{"azimuth_range_max", "do_azimuthal_range"},
};

std::string as_text(Json const& value) {
    if (value.is_string()) return value.get<std::string>();
    return value.is_number() ? render(value.get<double>()) : value.dump();
}

/// The line that a key stands on, the last one where it stands on several; 0 for none.
std::size_t line_of(std::string const& text, std::string const& key) {
    auto const at = text.rfind('"' + key + '"');
    if (at == std::string::npos) return 0;
    return static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n')) + 1;
}

bool says_nothing(Json const& value) {
    return value.is_null() || value == Json(false) || value == Json("") || ((value.is_array() || value.is_object()) && value.empty());
}

bool is_off(Json const& settings, std::string const& key) {
    auto const found = std::find_if(switched.begin(), switched.end(), [&](Switched const& s) { return key == s.setting; });
    if (found == switched.end()) return false;
    auto const by = settings.find(found->by);
    return by != settings.end() && says_nothing(*by);
}

/// The geometry, or about the file itself.
bool is_no_setting(std::string const& key) {
    bool const of_geometry =
        std::any_of(geometry_keys.begin(), geometry_keys.end(), [&](GeometryKey const& k) { return key == k.written; });
    return of_geometry || key == "poni" || key == "version" || key == "application" || key == "shape" || key.starts_with("do_");
}

/// Settings that pyFAI would integrate by.
std::vector<std::string> other_settings(Json const& settings) {
    std::vector<std::string> names;
    for (auto const& [key, value] : settings.items())
        if (!is_no_setting(key) && !says_nothing(value) && !is_off(settings, key)) names.push_back(key);
    return names;
}

Json parse_settings(std::string const& text, PoniValues const& values) {
    if (json_depth(text) > max_json_depth) {
        throw values.refuse("json", "nests deeper than " + std::to_string(max_json_depth) + " brackets", "it is a list of settings",
                            "save it again with pyFAI-integrate");
    }
    auto settings = Json::parse(text, nullptr, false);
    if (!settings.is_object())
        throw values.refuse("json", "is not a JSON object", "a name that ends in .json is read as pyFAI-integrate's", "save it again");
    return settings;
}

/// Where the geometry is: since version 4 under "poni", before among the settings.
Json const& geometry_of(Json const& settings, PoniValues const& values) {
    constexpr double newest = 5;
    if (auto const version = settings.find("version");
        version != settings.end() && version->is_number() && version->get<double>() > newest) {
        throw values.refuse("version", "version " + version->dump() + " is not known", "known: 1 to 5; a newer one may mean other things",
                            "save the geometry as .poni");
    }
    auto const nested = settings.find("poni");
    if (nested == settings.end() || nested->is_null()) return settings;
    if (nested->is_object()) return *nested;
    if (!settings.contains("dist")) {
        throw values.refuse("poni", "is " + nested->dump(), "the geometry is not in this file", "write that .poni as geometry.poni");
    }
    return settings;
}

} // namespace

PoniFile parse_integration_json(std::string const& text, std::string const& file) {
    PoniValues values(file);
    for (auto const* const key : {"version", "poni"}) values.say(key, "", line_of(text, key));
    auto const settings = parse_settings(text, values);
    auto const& geometry = geometry_of(settings, values);
    for (auto const& [written, in_poni] : geometry_keys) {
        auto const found = geometry.find(written);
        if (found == geometry.end() || found->is_null()) continue;
        values.say(in_poni, as_text(*found), line_of(text, written));
    }
    auto poni = poni_of(values);
    poni.unused = other_settings(settings);
    return poni;
}

} // namespace sqd
